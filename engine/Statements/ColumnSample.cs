using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;

namespace VecSQL.Engine.Statements;

/// <summary>The values of a column in a sample of its table's rows, and what they say of all rows.</summary>
/// <remarks>
/// Order: values come in their order, equal ones as one with its count, nulls anywhere; where the type has no order, as they come.
/// Paper: Haas and Stokes, "Estimating the number of classes in a finite population", 1998: the estimator Duj1 of distinct values.
/// </remarks>
internal sealed class ColumnSample(SqlType type, bool isOrdered)
{
    /// <summary>Most common values, and bins of the others: PostgreSQL's default.</summary>
    private const int CommonMax = 100, BinsMax = 100;

    /// <summary>Longer values are not kept; hardly two of them are equal.</summary>
    private const int WideBytes = 1024;

    private readonly List<Group> _groups = [];
    private long _nulls, _wide, _bytes;

    private readonly record struct Group(Column Values, int Row, long Count);

    internal bool IsOrdered => isOrdered;

    internal long RowCount { get; private set; }

    internal void Add(Column values, Func<int, long> countOf)
    {
        for (int row = 0; row < values.Length; row++)
        {
            long count = countOf(row);
            RowCount += count;
            if (values.IsNull(row))
            {
                _nulls += count;
                continue;
            }
            int width = Width(values, row);
            _bytes += width * count;
            if (width > WideBytes)
                _wide += count;
            else if (isOrdered)
                _groups.Add(new Group(values, row, count));
        }
    }

    internal ColumnStatistics Describe(long tableRows)
    {
        long valueCount = RowCount - _nulls;
        double nullShare = (double)_nulls / RowCount;
        double distinct = Distinct(tableRows, nullShare);
        List<Group> common = Common(tableRows, nullShare, distinct);
        return new ColumnStatistics
        {
            NullShare = nullShare,
            AverageWidth = valueCount == 0 ? 0 : (int)(_bytes / valueCount),
            // A number that grows with the table is kept as a share of its rows.
            Distinct = distinct > 0.1 * tableRows ? -distinct / tableRows : distinct,
            CommonValues = [.. common.Select(Text)],
            CommonShares = [.. common.Select(group => (float)group.Count / RowCount)],
            Bounds = Bounds(common),
        };
    }

    private double Distinct(long tableRows, double nullShare)
    {
        double values = RowCount - _nulls, rows = tableRows * (1 - nullShare);
        if (!isOrdered)
            return _wide > values / 2 ? rows : 0;
        double once = _groups.Count(group => group.Count == 1) + _wide, several = _groups.Count(group => group.Count > 1);
        if (several == 0)
            return rows;
        if (once == 0)
            return several; // each value was met again: there are hardly any others
        double all = once + several;
        return Math.Clamp(values * all / (values - once + (once * values / rows)), all, Math.Max(all, rows));
    }

    private List<Group> Common(long tableRows, double nullShare, double distinct)
    {
        List<Group> common = [.. _groups.Where(group => group.Count > 1).OrderByDescending(group => group.Count).Take(CommonMax)];
        bool isAll = common.Count == _groups.Count && _wide == 0;
        if (isAll || RowCount >= tableRows)
            return common;
        long before = common.Sum(group => group.Count);
        while (common.Count > 0)
        {
            long count = common[^1].Count;
            before -= count;
            if (IsCommon(count, before, common.Count - 1))
                break;
            common.RemoveAt(common.Count - 1);
        }
        return common;

        // Worth a place only if clearly commoner than the values without one are on average: by two standard deviations of the
        // hypergeometric distribution that its count in a sample has.
        bool IsCommon(long count, long countOfCommoner, int commoner)
        {
            double sample = RowCount, rows = tableRows;
            double rest = Math.Clamp(1 - (countOfCommoner / sample) - nullShare, 0, 1) / Math.Max(1, distinct - commoner);
            double inTable = rows * count / sample;
            double variance = sample * inTable * (rows - inTable) * (rows - sample) / (rows * rows * (rows - 1));
            return count > (rest * sample) + (2 * Math.Sqrt(variance)) + 0.5;
        }
    }

    private ImmutableArray<string> Bounds(List<Group> common)
    {
        HashSet<Group> left = [.. common];
        Group[] others = [.. _groups.Where(group => !left.Contains(group))];
        int count = Math.Min(others.Length, BinsMax + 1);
        if (count < 2)
            return [];
        long last = others.Sum(group => group.Count) - 1, seen = others[0].Count;
        var bounds = ImmutableArray.CreateBuilder<string>(count);
        int at = 0;
        for (int i = 0; i < count; i++)
        {
            long position = last * i / (count - 1);
            while (seen <= position)
                seen += others[++at].Count;
            bounds.Add(Text(others[at]));
        }
        return bounds.MoveToImmutable();
    }

    private string Text(Group group) => TextRows.Text(group.Values, group.Row, type, FormatContext.Default) ?? "";

    private static int Width(Column values, int row) => values switch
    {
        BinaryColumn binary => binary[row & binary.RowMask].Length is var bytes && bytes < 127 ? bytes + 1 : bytes + 4, // with its length
        _ => BuiltinWidth(values.Type),
    };

    private static int BuiltinWidth(PhysicalType physical) => physical switch
    {
        PhysicalType.Bool => 1,
        PhysicalType.Int16 => 2,
        PhysicalType.Int32 or PhysicalType.Float32 => 4,
        PhysicalType.Fixed16 => 16,
        _ => 8,
    };
}
