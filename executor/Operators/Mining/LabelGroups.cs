using VecSQL.Vectors.Quantization;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>Rows by label and side of the split: where the positive rows of an anchor are.</summary>
internal sealed class LabelGroups
{
    private readonly int[] _members; // group by group
    private readonly int[] _starts;
    private readonly int[] _groupOf, _placeOf; // of each row: its group, and where in it

    /// <summary>Memory for the groups of so many rows.</summary>
    internal static long BytesFor(int rowCount, int labelCount) => ((3L * rowCount) + (2L * labelCount) + 1) * sizeof(int);

    internal LabelGroups(MiningRows rows, int labelCount)
    {
        _members = new int[rows.Count];
        _groupOf = new int[rows.Count];
        _placeOf = new int[rows.Count];
        _starts = new int[(labelCount * 2) + 1];
        for (int row = 0; row < rows.Count; row++)
        {
            int group = (rows.Labels[row] * 2) + (rows.IsValidation[row] ? 1 : 0);
            _groupOf[row] = group;
            _placeOf[row] = _starts[group + 1]++;
        }
        for (int group = 1; group < _starts.Length; group++)
            _starts[group] += _starts[group - 1];
        for (int row = 0; row < rows.Count; row++)
            _members[_starts[_groupOf[row]] + _placeOf[row]] = row;
    }

    /// <summary>The rows of a row's group, itself among them.</summary>
    internal ReadOnlySpan<int> Of(int row) => _members.AsSpan(_starts[_groupOf[row]].._starts[_groupOf[row] + 1]);

    /// <summary>Some other rows of a row's group, each at most once.</summary>
    /// <remarks>Paper: Bentley and Floyd, "A sample of brilliance", 1987.</remarks>
    internal void Draw(int row, int count, ref SplitMix chance, List<int> drawn)
    {
        ReadOnlySpan<int> group = Of(row);
        int others = group.Length - 1;
        HashSet<int> known = new(Math.Max(0, Math.Min(others, count)));
        for (int j = Math.Max(0, others - count); j < others; j++)
        {
            int at = chance.Next(j + 1);
            int chosen = At(group, row, at);
            if (!known.Add(chosen))
                known.Add(chosen = At(group, row, j));
            drawn.Add(chosen);
        }
    }

    private int At(ReadOnlySpan<int> group, int row, int place) => group[place < _placeOf[row] ? place : place + 1];
}
