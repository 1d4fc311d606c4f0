using System.Text;
using VecSQL.Text.Analysis;
using VecSQL.Text.Inverted;
using VecSQL.Text.Search;

namespace VecSQL.Text.Tests.Search;

public sealed class PartSearchTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 40)]
    [InlineData(2, 127)]
    [InlineData(3, 128)]
    [InlineData(4, 700)]
    [InlineData(5, 2500)]
    public void Finds_what_looking_at_every_text_finds(int seed, int count)
    {
        Random random = new(seed);
        string[] texts = Texts(random, count);
        InvertedIndexBuilder builder = new(Analyzer.English);
        foreach (string text in texts)
            builder.Add(Encoding.UTF8.GetBytes(text));
        ITextPart[] parts = [Stored(builder), new MemoryTextPart(builder, new Lock(), count)];
        for (int round = 0; round < (count > 500 ? 8 : 40); round++)
        {
            SearchQuery query = SearchQuery.Parse(Query(random), Analyzer.English);
            ulong[] live = round % 2 == 0 ? [] : LiveBits(random, count);
            int wanted = random.Next(1, 30);
            (double Score, long Row)[] expected = [.. Reference(texts, query, live).Where(found => found.Score > 0)];
            ScoredQuery scored = Scored(texts, query, live);
            foreach (ITextPart part in parts)
            {
                TopScores best = new(wanted);
                new PartSearch(part, scored, live, new TextArray(texts), new TextMatcher(query, Analyzer.English))
                    .Run(new Sink(best), CancellationToken.None);
                double last = expected.Length > wanted ? expected[wanted - 1].Score : 0;
                Assert.Equal(expected.TakeWhile(found => found.Score >= last), best.Sorted());
            }
        }
    }

    [Fact]
    public void Looks_at_few_documents_where_few_can_be_among_the_best()
    {
        InvertedIndexBuilder builder = new(Analyzer.Simple);
        for (int i = 0; i < 20_000; i++)
            builder.Add(Encoding.UTF8.GetBytes(i % 50 == 0 ? "common rare" : "common " + string.Join(' ', Enumerable.Repeat("filler", i % 7))));
        InvertedIndex index = Stored(builder);
        SearchQuery query = SearchQuery.Parse("common rare", Analyzer.Simple);
        ScoredQuery scored = new(query, Bm25Parameters.Default, new CorpusCounts(20_000, 80_000), [20_000, 400]);
        TopScores best = new(3);
        PartSearch search = new(index, scored, default, null, null);
        search.Run(new Sink(best), CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 400).Select(i => i * 50L), best.Sorted().Select(found => found.Row));
        Assert.InRange(search.Scored, 400, 700);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(32)]
    public void Packed_numbers_come_back(int bits)
    {
        Random random = new(bits);
        int[] numbers = new int[128], read = new int[128];
        for (int i = 0; i < numbers.Length; i++)
            numbers[i] = bits == 0 ? 0 : (int)(random.NextInt64(1L << 32) >> (32 - bits));
        byte[] packed = new byte[BitPacking.BytesOf(numbers.Length, bits)];
        BitPacking.Pack(numbers, bits, packed);
        BitPacking.Unpack(packed, bits, read);
        Assert.Equal(numbers, read);
        Assert.InRange(BitPacking.BitsOf(numbers), 0, bits);
    }

    internal static InvertedIndex Stored(InvertedIndexBuilder builder)
    {
        var parts = builder.Build().ToDictionary(part => part.Part, part => part.Content);
        return new InvertedIndex(part => parts[part]);
    }

    private sealed class Sink(TopScores best) : IMatchSink
    {
        public double Threshold => best.Threshold;

        public void Add(int document, double score) => best.Offer(score, document);
    }

    private sealed class TextArray(string[] texts) : ITextReader
    {
        public ReadOnlySpan<byte> Read(int document) => Encoding.UTF8.GetBytes(texts[document]);
    }

    private static string[] Texts(Random random, int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < count; i++)
            texts[i] = random.Next(20) == 0 ? "" : string.Join(' ', Enumerable.Range(0, random.Next(1, 40)).Select(_ => Word(random)));
        return texts;
    }

    private static string Word(Random random) => $"w{(int)(400 * Math.Pow(random.NextDouble(), 4))}";

    private static string Query(Random random)
    {
        string[] clauses = new string[random.Next(1, 5)];
        bool isPlain = random.Next(2) == 0;
        for (int i = 0; i < clauses.Length; i++)
        {
            string word = Word(random);
            clauses[i] = isPlain ? word : random.Next(6) switch
            {
                0 => $"+{word}",
                1 => $"-{word}",
                2 => $"\"{word} {Word(random)}\"",
                3 => $"+\"{word} {Word(random)}\"",
                4 => $"-\"{word} {Word(random)}\"",
                _ => word,
            };
        }
        return string.Join(' ', clauses);
    }

    private static ulong[] LiveBits(Random random, int count)
    {
        ulong[] live = new ulong[(count + 63) / 64];
        for (int i = 0; i < count; i++)
            live[i >> 6] |= random.Next(3) == 0 ? 0 : 1UL << (i & 63);
        return live;
    }

    private static bool IsLive(ulong[] live, int i) => live.Length == 0 || (live[i >> 6] & (1UL << (i & 63))) != 0;

    private static string[] TermsOf(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ScoredQuery Scored(string[] texts, SearchQuery query, ulong[] live)
    {
        string[][] counted = [.. texts.Where((text, i) => IsLive(live, i) && text.Length > 0).Select(TermsOf)];
        long[] frequencies = [.. query.Terms.Select(term => (long)counted.Count(text => text.Contains(term)))];
        return new ScoredQuery(query, Bm25Parameters.Default, new CorpusCounts(counted.Length, counted.Sum(text => (long)text.Length)), frequencies);
    }

    // By the formula, from the texts.
    private static IEnumerable<(double Score, long Row)> Reference(string[] texts, SearchQuery query, ulong[] live)
    {
        string[][] all = [.. texts.Select(TermsOf)];
        string[][] counted = [.. all.Where((text, i) => IsLive(live, i) && text.Length > 0)];
        double mean = (double)counted.Sum(text => (long)text.Length) / counted.Length;
        List<(double Score, long Row)> found = [];
        for (int i = 0; i < all.Length; i++)
        {
            if (!IsLive(live, i))
                continue;
            double score = 0;
            bool isAny = false, isRefused = false;
            foreach (SearchClause clause in query.Clauses)
            {
                string[] words = [.. clause.Terms.Select(term => query.Terms[term])];
                bool isMet = Enumerable.Range(0, all[i].Length).Any(at => words.Select((word, n) => (word, n))
                    .All(pair => at + pair.n < all[i].Length && all[i][at + pair.n] == pair.word));
                isRefused |= clause.Kind == ClauseKind.MustNot ? isMet : clause.Kind == ClauseKind.Must && !isMet;
                isAny |= isMet && clause.Kind != ClauseKind.MustNot;
                foreach (string word in isMet && clause.Kind != ClauseKind.MustNot ? words : [])
                {
                    double have = counted.Count(text => text.Contains(word)), times = all[i].Count(other => other == word);
                    double idf = Math.Log(1 + ((counted.Length - have + 0.5) / (have + 0.5)));
                    score += idf * 2.2 * times / (times + (1.2 * 0.25) + (1.2 * 0.75 / mean * all[i].Length));
                }
            }
            found.Add((isAny && !isRefused ? score : 0, i));
        }
        return found.OrderByDescending(row => row.Score).ThenBy(row => row.Row);
    }
}
