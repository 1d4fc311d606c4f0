using VecSQL.Bench.Retrieval;
using VecSQL.Bench.Retrieval.Texts;
using VecSQL.Bench.Retrieval.Training;
using VecSQL.Ml.Embedders;

namespace VecSQL.Bench.Tests.Retrieval;

/// <summary>What measures the built-in embedder, and what it learns by, at their smallest.</summary>
public sealed class RetrievalTests
{
    private static readonly TextTask Colours = new("colours",
        [.. Enumerable.Range(0, 800).Select(static i => (i % 2 == 0) switch
        {
            true => new TextPair($"crimson thing {i}", $"a scarlet object {i}", $"{i}"),
            false => new TextPair($"azure thing {i}", $"a navy object {i}", $"{i}"),
        })]);

    [Fact]
    public void Quality_counts_answers_and_what_their_ranks_are_worth()
    {
        Quality quality = new();
        quality.Add([7, 3, 5], new HashSet<int> { 3, 9 });
        Assert.Equal(0.5, quality.Recall);
        Assert.Equal(1 / Math.Log2(3) / (1 + (1 / Math.Log2(3))), quality.Gain, 12);
        quality.Add([1], new HashSet<int> { 1 });
        Assert.Equal(0.75, quality.Recall);
    }

    [Fact]
    public void Equal_documents_are_one_and_a_query_has_all_its_answers()
    {
        RetrievalTask task = new(new TextTask("t", [new("q", "a", ""), new("q", "b", ""), new("r", "a", "")]), queriesMax: 10);
        Assert.Equal(["a", "b"], task.Documents);
        Assert.Equal(["q: 0,1", "r: 0"], task.Queries.Select(query => $"{query.Text}: {string.Join(',', query.Answers)}"));
    }

    [Fact]
    public void A_full_text_index_finds_words_by_their_stems_and_parts()
    {
        string[] documents = ["reading files", "GZipStream writer", "nothing else"];
        Assert.Equal(0, new Bm25Ranker(documents, areWordsParted: false).Rank("read a file")[0]);
        Assert.Empty(new Bm25Ranker(documents, areWordsParted: false).Rank("zip stream"));
        Assert.Equal([1], new Bm25Ranker(documents, areWordsParted: true).Rank("stream"));
    }

    [Fact]
    public void Words_of_pairs_that_belong_together_come_together()
    {
        Vocabulary vocabulary = new([.. Colours.Pairs.SelectMany(pair => (string[])[pair.Query, pair.Document])], wordsMax: 50);
        Assert.Contains("crimson", vocabulary.Words);
        Cooccurrence matrix = new(Colours.Pairs.Select(pair => vocabulary.NumbersOf(pair.Document)), vocabulary.Words.Count);
        float[][] vectors = Factorization.Factorize(matrix, dimensions: 4, seed: 1);
        ContrastiveTrainer trainer = new(vectors, rate: 0.02f);
        (int[], int[])[] pairs = [.. Colours.Pairs.Select(pair => (vocabulary.NumbersOf(pair.Query), vocabulary.NumbersOf(pair.Document)))];
        double first = trainer.Run(pairs, seed: 1, rateShare: 1), last = first;
        for (int round = 2; round <= 25; round++)
            last = trainer.Run(pairs, seed: round, rateShare: 1);
        Assert.True(last < first, $"{first} to {last}");
        string file = Path.GetTempFileName();
        WordTable.Write(file, vocabulary, vectors);
        WordsEmbedder embedder = new(new WordVectors(File.ReadAllBytes(file)));
        File.Delete(file);
        EmbedderRanker ranker = new(embedder, ["navy", "scarlet"]);
        Assert.Equal([1, 0], ranker.Rank("crimson"));
        Assert.Equal([0, 1], ranker.Rank("azure"));
    }

    [Fact]
    public void Parts_of_the_texts_share_no_group() =>
        Assert.Equal([true, false], new[] { "a", "b", "c", "d", "e", "f", "g", "h", "i" }.GroupBy(TextTasks.IsTest).Select(group => group.Key)
            .OrderDescending());
}
