using System.Collections.Immutable;
using System.Runtime.InteropServices;
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
/// <param name="Keys">Of rows that may pass.</param>
/// <param name="WithNulls">Rows without a value pass, too.</param>
/// <param name="IsExact">Whether just the rows with the keys pass, and not only no others.</param>
internal sealed record KeyCondition(short Column, SqlType Type, bool IsHashed, KeySet Keys, bool WithNulls, bool IsExact)
{
    /// <summary>The conditions with their values.</summary>
    /// <returns>False where some are left out: those about types without keys.</returns>
    internal static bool Find(ImmutableArray<FilterCondition> conditions, EvaluationContext context, List<KeyCondition> found)
    {
        bool isAll = true;
        foreach (FilterCondition condition in conditions)
        {
            if (!ZoneKey.Exists(condition.Type) || Of(condition, context) is not { } next)
            {
                isAll = false;
                continue;
            }
            // Both ends of a range are mostly given apart.
            int same = found.FindIndex(other => other.Column == next.Column && other.IsHashed == next.IsHashed);
            if (same >= 0)
                found[same] = found[same].And(next);
            else
                found.Add(next);
        }
        return isAll;
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

    private static bool IsHashedType(SqlType type) =>
        type.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.Name or TypeOid.Bytea or TypeOid.Uuid;

    private static KeyCondition? Of(FilterCondition condition, EvaluationContext context)
    {
        bool isHashed = condition.Operator == "=" && IsHashedType(condition.Type);
        bool isExact = condition.Type.Oid != TypeOid.Numeric && !IsHashedType(condition.Type);
        if (condition.IsNegated && !isExact)
            return null; // what has the key of a value need not be it
        KeySet keys = condition.Operator == "=" ? Equal(condition, isHashed, context)
            : KeySet.Of(Values(condition, context).Select(value =>
                Range(condition.Operator, KeyOf(condition.Type, value.Column, value.Row, isHashed: false), isExact)));
        return new KeyCondition(condition.Column, condition.Type, isHashed, keys, condition.WithNulls, isExact);
    }

    private static KeyRange Range(string op, long key, bool isExact) => op switch
    {
        "<" when isExact => key == long.MinValue ? new KeyRange(0, -1) : new KeyRange(long.MinValue, key - 1),
        "<" or "<=" => new KeyRange(long.MinValue, key),
        ">" when isExact => key == long.MaxValue ? new KeyRange(0, -1) : new KeyRange(key + 1, long.MaxValue),
        ">" or ">=" => new KeyRange(key, long.MaxValue),
        _ => throw new InvalidOperationException($"rows are not found by {op}"),
    };

    /// <summary>The keys of a list's or an array's values, or all others.</summary>
    private static KeySet Equal(FilterCondition condition, bool isHashed, EvaluationContext context)
    {
        List<long> keys = [];
        foreach (ScalarExpression expression in condition.Values)
        {
            Column value = CompiledExpressions.EvaluateConstant(expression, context);
            if (condition.IsArray && value.IsNull(0))
                return KeySet.None;
            if (condition.IsArray)
                value = new ArrayValue(((BinaryColumn)value)[0]).ToColumn();
            int before = keys.Count;
            AddKeys(condition.ValueType, value, isHashed, keys);
            if (condition.IsNegated && keys.Count - before < value.Length)
                return KeySet.None; // no value is known to differ from null
        }
        KeySet set = KeySet.Of(CollectionsMarshal.AsSpan(keys));
        return condition.IsNegated ? set.Not() : set;
    }

    private static void AddKeys(SqlType type, Column values, bool isHashed, List<long> keys)
    {
        keys.EnsureCapacity(keys.Count + values.Length);
        if (!values.HasNulls && !values.IsConstant && !isHashed && values is FixedColumn<int> numbers)
        {
            foreach (int number in numbers.Values)
                keys.Add(number);
            return;
        }
        for (int i = 0; i < values.Length; i++)
        {
            if (!values.IsNull(i)) // which nothing equals
                keys.Add(KeyOf(type, values, i, isHashed));
        }
    }

    private static List<(Column Column, int Row)> Values(FilterCondition condition, EvaluationContext context)
    {
        List<(Column, int)> values = [];
        foreach (ScalarExpression expression in condition.Values)
        {
            Column value = CompiledExpressions.EvaluateConstant(expression, context);
            if (!value.IsNull(0)) // nothing is less or greater
                values.Add((value, 0));
        }
        return values;
    }

    private KeyCondition And(KeyCondition other) => this with
    {
        Keys = Keys.And(other.Keys), WithNulls = WithNulls && other.WithNulls, IsExact = IsExact && other.IsExact,
    };
}
