using System.Numerics;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Storage.Tables;
using VecSQL.Text.Inverted;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Operators.Texts;

/// <summary>Rows of a corpus that one inverted index answers for, with those of them that the statement sees.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class CorpusPart
{
    private readonly (int Unit, int Start)[] _units;
    private readonly int[] _unseen; // positions, ascending

    internal CorpusPart(ITextPart index, IReadOnlyList<ScanUnit> all, (int Unit, int Start)[] units)
    {
        (Index, _units) = (index, units);
        Visible = FindVisible(all, out _unseen);
        ReadOnlySpan<int> lengths = index.Lengths.Span;
        long documents = 0, terms = 0;
        if (index is InvertedIndex stored)
        {
            (documents, terms) = (stored.DocumentsWithText, stored.TermTotal);
        }
        else
        {
            foreach (int length in lengths)
            {
                documents += length > 0 ? 1 : 0;
                terms += length;
            }
        }
        foreach (int position in _unseen)
        {
            documents -= lengths[position] > 0 ? 1 : 0;
            terms -= lengths[position];
        }
        Counts = new CorpusCounts(documents, terms);
    }

    internal ITextPart Index { get; }

    /// <summary>Bit i: the statement sees row i. Empty for all.</summary>
    internal ulong[] Visible { get; }

    internal CorpusCounts Counts { get; }

    /// <summary>The units that the rows are of, and where each begins.</summary>
    internal ReadOnlySpan<(int Unit, int Start)> Units => _units;

    /// <summary>How many of the rows that are seen have a term.</summary>
    internal long CountOf(string term)
    {
        long count = Index.CountOf(term);
        if (count == 0 || _unseen.Length == 0 || Index.Open(term, default) is not { } cursor)
            return count;
        foreach (int position in _unseen)
        {
            cursor.Seek(position);
            count -= cursor.Document == position ? 1 : 0;
        }
        return count;
    }

    /// <summary>The unit that a row is of, and its place there.</summary>
    internal (int Unit, int Place) Find(int position) => UnitStarts.Find(_units, position);

    private ulong[] FindVisible(IReadOnlyList<ScanUnit> all, out int[] unseen)
    {
        ulong[]? bits = null;
        int rows = Index.DocumentCount;
        foreach ((int unit, int start) in _units)
        {
            Bitmap visible = all[unit].FindVisible();
            if (visible.IsAbsent)
                continue;
            bits ??= Bitmap.AllocateSet(rows);
            for (int i = 0; i < visible.Words.Length; i++)
                bits[(start >> 6) + i] &= visible.Words[i]; // units begin at whole words
        }
        List<int> hidden = [];
        for (int i = 0; bits is not null && i < bits.Length; i++)
        {
            ulong word = ~bits[i];
            for (; word != 0; word &= word - 1)
            {
                int position = (i << 6) + BitOperations.TrailingZeroCount(word);
                if (position < rows)
                    hidden.Add(position);
            }
        }
        unseen = [.. hidden];
        return bits ?? [];
    }
}
