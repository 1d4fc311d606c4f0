using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Indexes;
using VecSQL.Vectors.Cells;

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
            if (!FilterKeys.Exist(condition.Type) || Of(condition, context) is not { } next)
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

    private static KeyCondition? Of(FilterCondition condition, EvaluationContext context)
    {
        bool isHashed = condition.Operator == "=" && FilterKeys.AreHashed(condition.Type);
        bool isExact = condition.Type.Oid != TypeOid.Numeric && !FilterKeys.AreHashed(condition.Type);
        if (condition.IsNegated && !isExact)
            return null; // what has the key of a value need not be it
        bool withNulls = condition.WithNulls;
        KeySet keys = condition.Operator == "=" ? Equal(condition, isHashed, context, ref withNulls)
            : KeySet.Of(Values(condition, context).Select(value =>
                Range(condition.Operator, KeyOf(condition.Type, value), isExact)));
        return new KeyCondition(condition.Column, condition.Type, isHashed, keys, withNulls, isExact);
    }

    private static long KeyOf(SqlType type, Column value)
    {
        Span<long> key = stackalloc long[1];
        FilterKeys.Write(type, value, isHashed: false, key);
        return key[0];
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
    /// <param name="withNulls">Set where even a null differs from all of no values.</param>
    private static KeySet Equal(FilterCondition condition, bool isHashed, EvaluationContext context, ref bool withNulls)
    {
        int count = 0;
        List<long> keys = [];
        foreach (ScalarExpression expression in condition.Values)
        {
            Column value = CompiledExpressions.EvaluateConstant(expression, context);
            if (condition.IsArray && value.IsNull(0))
                return KeySet.None;
            if (condition.IsArray)
                value = new ArrayValue(((BinaryColumn)value)[0]).ToColumn();
            int before = keys.Count;
            count += value.Length;
            AddKeys(condition.ValueType, value, isHashed, keys);
            if (condition.IsNegated && keys.Count - before < value.Length)
                return KeySet.None; // no value is known to differ from null
        }
        withNulls |= condition.IsNegated && count == 0;
        KeySet set = KeySet.Of(CollectionsMarshal.AsSpan(keys));
        return condition.IsNegated ? set.Not() : set;
    }

    private static void AddKeys(SqlType type, Column values, bool isHashed, List<long> keys)
    {
        long[] all = new long[values.Length];
        FilterKeys.Write(type, values, isHashed, all);
        for (int i = 0; i < all.Length; i++)
        {
            if (!values.IsNull(i)) // which nothing equals
                keys.Add(all[i]);
        }
    }

    private static List<Column> Values(FilterCondition condition, EvaluationContext context)
    {
        List<Column> values = [];
        foreach (ScalarExpression expression in condition.Values)
        {
            Column value = CompiledExpressions.EvaluateConstant(expression, context);
            if (!value.IsNull(0)) // nothing is less or greater
                values.Add(value);
        }
        return values;
    }

    private KeyCondition And(KeyCondition other) => this with
    {
        Keys = Keys.And(other.Keys), WithNulls = WithNulls && other.WithNulls, IsExact = IsExact && other.IsExact,
    };
}
