using System.Text;
using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>ts_headline: the passage of a text that shows best why a query found it, with the words marked.</summary>
/// <remarks>
/// A cover is a passage that meets the query, from one of its words to another. Several operands of a query may mean the same word: then
/// it stands in the list once more for each, as repeated. Cost: covers longer than ten headlines, or fragments, are not looked for.
/// </remarks>
public sealed class Headline
{
    private readonly HeadlineOptions _options;
    private readonly LexemeQuery? _query;
    private readonly List<Word> _words = [];
    private readonly int _coverMax;

    private Headline(LexemeQuery? query, HeadlineOptions options)
    {
        (_query, _options) = (query, options);
        _coverMax = (int)Math.Min(int.MaxValue, Math.Max(options.MaxWords * 10L, 100) * Math.Max(options.MaxFragments, 1));
    }

    private sealed class Word
    {
        public required TokenKind Kind { get; init; }

        public required int Start { get; init; }

        public required int Length { get; init; }

        public int Place { get; init; }

        /// <summary>What of the query it is; null for none.</summary>
        public LexemeOperand? Operand { get; set; }

        public bool IsRepeated { get; init; }

        public bool IsShown { get; set; }

        public bool IsInteresting => Operand is not null && !IsRepeated;

        public bool IsCounted => Kind is not (TokenKind.Blank or TokenKind.Tag or TokenKind.Url or TokenKind.NumericCompound
            or TokenKind.AsciiCompound or TokenKind.Compound);
    }

    /// <param name="First">Words by number.</param>
    /// <param name="Count">How many words it has, and how many of the query.</param>
    private sealed record Fragment(int First, int Last, int Count, int Interesting)
    {
        public bool IsGone { get; set; }
    }

    /// <summary>The headline of a text.</summary>
    public static byte[] Make(TextConfiguration configuration, ReadOnlySpan<byte> text, LexemeQuery? query, HeadlineOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        Headline headline = new(query, options);
        headline.Read(configuration, text);
        if (options.MaxFragments > 0)
            headline.ShowFragments();
        else if (options.HighlightAll)
            headline.Show(0, headline._words.Count - 1);
        else
            headline.ShowBest();
        return headline.Print(text);
    }

    private void Read(TextConfiguration configuration, ReadOnlySpan<byte> text)
    {
        List<LexemeOperand> operands = QueryParts.Operands(_query);
        operands.Reverse(); // the right side first, as PostgreSQL lists them
        int place = 0;
        TokenReader tokens = new(text);
        while (tokens.MoveNext())
        {
            int length = tokens.End - tokens.Start;
            if (length > TextConfiguration.WordBytesMax)
                continue;
            byte[]? lexeme = configuration.DictionaryOf(tokens.Kind)?.Lexize(tokens.Token);
            place += lexeme is null ? 0 : 1;
            Word word = new() { Kind = tokens.Kind, Start = tokens.Start, Length = length, Place = Math.Min(place, LexemePosition.PlaceMax) };
            _words.Add(word);
            if (lexeme is null or [])
                continue;
            foreach (LexemeOperand operand in operands)
            {
                if (!(operand.IsPrefix ? lexeme.AsSpan().StartsWith(operand.Text) : lexeme.AsSpan().SequenceEqual(operand.Text)))
                    continue;
                if (word.Operand is null)
                    word.Operand = operand;
                else
                    _words.Add(new Word { Kind = word.Kind, Start = word.Start, Length = length, Place = word.Place, Operand = operand, IsRepeated = true });
            }
        }
    }

    private bool IsBadEnd(int at)
    {
        Word word = _words[at];
        if (word.IsInteresting)
            return false;
        return !word.IsCounted || word.Length <= _options.ShortWord || word.Kind is TokenKind.Scientific or TokenKind.Version
            or TokenKind.Decimal or TokenKind.SignedInteger or TokenKind.UnsignedInteger or TokenKind.Protocol or TokenKind.Entity;
    }

    private int NextOfQuery(int at)
    {
        for (; at < _words.Count; at++)
        {
            if (_words[at].Operand is not null)
                return at;
        }
        return -1;
    }

    /// <summary>The next cover that begins at a word or behind it, the shortest of those that begin first.</summary>
    private (int First, int Last)? NextCover(int from)
    {
        if (_query is null)
            return null;
        int next;
        for (int first = NextOfQuery(from); first >= 0; first = next)
        {
            next = NextOfQuery(first + 1);
            for (int last = first; last >= 0 && last - first < _coverMax; last = NextOfQuery(last + 1))
            {
                if (LexemeMatch.IsMet(new Passage(_words, first, last), _query))
                    return (first, last);
            }
        }
        return null;
    }

    private readonly struct Passage(List<Word> words, int first, int last) : LexemeMatch.ILexemes
    {
        public LexemeMatch.Found Find(LexemeOperand operand, bool withPlaces)
        {
            List<int> places = [];
            for (int i = first; i <= last; i++)
            {
                if (!ReferenceEquals(words[i].Operand, operand))
                    continue;
                if (!withPlaces)
                    return new LexemeMatch.Found(LexemeMatch.Truth.Yes, []);
                if (places.Count == 0 || places[^1] < words[i].Place)
                    places.Add(words[i].Place);
            }
            return new LexemeMatch.Found(places.Count > 0 ? LexemeMatch.Truth.Yes : LexemeMatch.Truth.No, [.. places]);
        }
    }

    private void ShowBest()
    {
        Fragment? best = null;
        bool hasCover = false;
        int from = 0;
        while (NextCover(from) is var (first, last))
        {
            Fragment proposed = Propose(first, last);
            bool isWhole = proposed.First <= first && proposed.Last >= last;
            bool isBetter = best is null || (isWhole && !hasCover) || (isWhole == hasCover && (proposed.Interesting > best.Interesting
                || (proposed.Interesting == best.Interesting && !IsBadEnd(proposed.Last) && IsBadEnd(best.Last))));
            if (isBetter)
                (best, hasCover) = (proposed, isWhole);
            from = first + 1;
        }
        if (best is null)
            ShowBeginning();
        else
            Show(best.First, best.Last);
    }

    /// <summary>The headline for a cover: as much of it as fits, on to a good end, and back if that is not enough.</summary>
    private Fragment Propose(int first, int last)
    {
        int count = 0, interesting = 0, begin = first, end = first, at = first;
        void Add(int word, int sign)
        {
            count += _words[word].IsCounted ? sign : 0;
            interesting += _words[word].IsInteresting ? sign : 0;
        }
        for (; at <= last && count < _options.MaxWords; at++)
        {
            Add(at, 1);
            end = at;
        }
        if (count >= _options.MaxWords)
        {
            for (at = Math.Min(at, last); count > _options.MinWords && IsBadEnd(at); at--)
            {
                Add(at, -1);
                end = at - 1;
            }
            return new Fragment(begin, end, count, interesting);
        }
        for (at--; at < _words.Count && count < _options.MaxWords; at++)
        {
            if (at > last)
                Add(at, 1);
            end = at;
            if (!IsBadEnd(at) && count >= _options.MinWords)
                break;
        }
        if (count < _options.MinWords)
        {
            for (at = first - 1; at >= 0; at--)
            {
                Add(at, 1);
                if (count >= _options.MaxWords || (!IsBadEnd(at) && count >= _options.MinWords))
                    break;
            }
            begin = Math.Max(at, 0);
        }
        return new Fragment(begin, end, count, interesting);
    }

    private void ShowFragments()
    {
        List<Fragment> fragments = Fragments();
        int shown = 0;
        while (shown < _options.MaxFragments)
        {
            Fragment? best = null;
            foreach (Fragment fragment in fragments)
            {
                if (!fragment.IsGone && fragment.Interesting >= (best?.Interesting ?? 0)
                    && (best is null || fragment.Interesting > best.Interesting || fragment.Count < best.Count))
                {
                    best = fragment;
                }
            }
            if (best is null)
                break;
            best.IsGone = true;
            (int first, int last) = Stretch(best);
            Show(first, last);
            shown++;
            foreach (Fragment fragment in fragments)
                fragment.IsGone |= fragment.First <= last && fragment.Last >= first;
        }
        if (shown == 0)
            ShowBeginning();
    }

    private List<Fragment> Fragments()
    {
        List<Fragment> fragments = [];
        int from = 0;
        while (NextCover(from) is var (first, last))
        {
            for (int start = first; start <= last;)
            {
                Fragment fragment = NextFragment(start, last);
                fragments.Add(fragment);
                start = fragment.Last + 1;
            }
            from = first + 1;
        }
        return fragments;
    }

    /// <summary>The next part of a cover that is no longer than a headline and ends with words of the query.</summary>
    private Fragment NextFragment(int first, int last)
    {
        while (first < last && !_words[first].IsInteresting)
            first++;
        int count = 0, interesting = 0, at = first;
        for (; at <= last && count < _options.MaxWords; at++)
        {
            count += _words[at].IsCounted ? 1 : 0;
            interesting += _words[at].IsInteresting ? 1 : 0;
        }
        if (last > at)
        {
            for (; at >= first; at--)
            {
                last = at;
                if (_words[at].IsInteresting)
                    break;
                count -= _words[at].IsCounted ? 1 : 0;
            }
        }
        return new Fragment(first, last, count, interesting);
    }

    /// <summary>Takes in words around, half of them before, up to others that are shown, and back to good ends.</summary>
    private (int First, int Last) Stretch(Fragment fragment)
    {
        (int first, int last, int count) = (fragment.First, fragment.Last, fragment.Count);
        if (count >= _options.MaxWords)
            return (first, last);
        int room = (_options.MaxWords - count) / 2, taken = 0, at = first;
        while (at > 0 && taken < room && !_words[at - 1].IsShown)
            taken += _words[--at].IsCounted ? 1 : 0;
        count += taken;
        for (; at < first && IsBadEnd(at); at++)
            count -= _words[at].IsCounted ? 1 : 0;
        first = at;
        at = last;
        while (at + 1 < _words.Count && count < _options.MaxWords && !_words[at + 1].IsShown)
            count += _words[++at].IsCounted ? 1 : 0;
        while (at > last && IsBadEnd(at))
            at--;
        return (first, at);
    }

    private void ShowBeginning()
    {
        int count = 0, last = 0;
        for (int i = 0; i < _words.Count && count < _options.MinWords; i++)
        {
            count += _words[i].IsCounted ? 1 : 0;
            last = i;
        }
        Show(0, Math.Min(last, _words.Count - 1));
    }

    private void Show(int first, int last)
    {
        for (int i = first; i <= last; i++)
            _words[i].IsShown = !_words[i].IsRepeated;
    }

    private byte[] Print(ReadOnlySpan<byte> text)
    {
        byte[] start = Encoding.UTF8.GetBytes(_options.StartSel), stop = Encoding.UTF8.GetBytes(_options.StopSel);
        MemoryStream headline = new();
        bool isInFragment = false, isFirst = true;
        foreach (Word word in _words)
        {
            if (word.IsRepeated)
                continue;
            if (word.IsShown && !isInFragment && !isFirst)
                headline.Write(Encoding.UTF8.GetBytes(_options.FragmentDelimiter));
            isInFragment = word.IsShown;
            isFirst &= !word.IsShown;
            if (!word.IsShown)
                continue;
            if (word.Kind == TokenKind.Tag && !_options.HighlightAll)
            {
                headline.WriteByte((byte)' ');
                continue;
            }
            // Of compounds and addresses the parts come by themselves.
            if (!word.IsCounted && word.Kind is not (TokenKind.Blank or TokenKind.Tag))
                continue;
            if (word.Operand is not null)
                headline.Write(start);
            headline.Write(text.Slice(word.Start, word.Length));
            if (word.Operand is not null)
                headline.Write(stop);
        }
        return headline.ToArray();
    }
}
