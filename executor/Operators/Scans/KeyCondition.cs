using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Segments;
using VecSQL.Vectors.Cells;
using KeyHash = VecSQL.Executor.Operators.Keys.KeyHash;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What a part of a filter asks of a column's keys.</summary>
/// <param name="IsHashed">Keys are hashes of the values' bytes, else they are in the values' order.</param>
/// <param name="Ranges">Ascending, and apart; none where nothing passes.</param>
/// <param name="IsExact">Whether just the rows in the ranges pass, and not only no others.</param>
internal sealed record KeyCondition(short Column, SqlType Type, bool IsHashed, KeyRange[] Ranges, bool IsExact)
{
    /// <summary>The conditions with their values; parts of the filter about types without keys are left out.</summary>
    internal static List<KeyCondition> Of(ImmutableArray<FilterCondition> conditions, EvaluationContext context)
    {
        List<KeyCondition> found = [];
        foreach (FilterCondition condition in conditions)
        {
            if (!ZoneKey.Exists(condition.Type))
                continue;
            KeyCondition next = Of(condition, Values(condition, context));
            // Both ends of a range are mostly given apart.
            int same = found.FindIndex(other => other.Column == next.Column && other.IsHashed == next.IsHashed);
            if (same >= 0)
                found[same] = found[same].And(next);
            else
                found.Add(next);
        }
        return found;
    }

    /// <summary>The key of a value, which is not null.</summary>
    internal static long KeyOf(SqlType type, Column column, int row, bool isHashed)
    {
        if (isHashed)
        {
            return (long)(column is FixedColumn<Fixed16> wide
                ? KeyHash.Of(new UInt128(wide[row].High, wide[row].Low)) : KeyHash.Of(((BinaryColumn)column)[row]));
        }
        return ZoneKey.TryGet(type, column, row, out long key) ? key : throw new InvalidOperationException($"{type} has no keys");
    }

    private static KeyCondition Of(FilterCondition condition, List<(Column Column, int Row)> values)
    {
        bool isHashed = condition.Operator == "=" && condition.Type.Oid
            is TypeOid.Text or TypeOid.VarChar or TypeOid.Name or TypeOid.Bytea or TypeOid.Uuid;
        bool isExact = condition.Type.Oid is not (TypeOid.Numeric or TypeOid.Text or TypeOid.VarChar or TypeOid.Name or TypeOid.Bytea
            or TypeOid.Uuid);
        List<KeyRange> ranges = [];
        foreach ((Column column, int row) in values)
        {
            long key = KeyOf(condition.Type, column, row, isHashed);
            ranges.Add(condition.Operator switch
            {
                "=" => new KeyRange(key, key),
                "<" when isExact => key == long.MinValue ? new KeyRange(0, -1) : new KeyRange(long.MinValue, key - 1),
                "<" or "<=" => new KeyRange(long.MinValue, key),
                ">" when isExact => key == long.MaxValue ? new KeyRange(0, -1) : new KeyRange(key + 1, long.MaxValue),
                ">" or ">=" => new KeyRange(key, long.MaxValue),
                _ => throw new InvalidOperationException($"rows are not found by {condition.Operator}"),
            });
        }
        return new KeyCondition(condition.Column, condition.Type, isHashed, Apart(ranges), isExact);
    }

    private static List<(Column Column, int Row)> Values(FilterCondition condition, EvaluationContext context)
    {
        List<(Column, int)> values = [];
        foreach (ScalarExpression expression in condition.Values)
        {
            Column value = CompiledExpressions.EvaluateConstant(expression, context);
            if (value.IsNull(0))
                continue; // nothing equals it, and nothing is less or greater
            if (condition.IsArray)
            {
                value = new ArrayValue(((BinaryColumn)value)[0]).ToColumn();
                for (int i = 0; i < value.Length; i++)
                {
                    if (!value.IsNull(i))
                        values.Add((value, i));
                }
            }
            else
            {
                values.Add((value, 0));
            }
        }
        return values;
    }

    private KeyCondition And(KeyCondition other)
    {
        List<KeyRange> both = [];
        foreach (KeyRange x in Ranges)
        {
            foreach (KeyRange y in other.Ranges)
                both.Add(new KeyRange(Math.Max(x.Least, y.Least), Math.Min(x.Most, y.Most)));
        }
        return this with { Ranges = Apart(both), IsExact = IsExact && other.IsExact };
    }

    private static KeyRange[] Apart(List<KeyRange> ranges)
    {
        ranges.RemoveAll(static range => range.Least > range.Most);
        ranges.Sort(static (x, y) => x.Least.CompareTo(y.Least));
        int kept = 0;
        for (int i = 0; i < ranges.Count; i++)
        {
            if (kept > 0 && ranges[i].Least <= ranges[kept - 1].Most)
                ranges[kept - 1] = ranges[kept - 1] with { Most = Math.Max(ranges[kept - 1].Most, ranges[i].Most) };
            else
                ranges[kept++] = ranges[i];
        }
        return [.. ranges[..kept]];
    }
}
