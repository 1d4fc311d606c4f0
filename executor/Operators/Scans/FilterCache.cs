using System.Runtime.CompilerServices;
using VecSQL.Catalog.Functions;
using VecSQL.Core.Collections;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Vectors.Cells;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>Which rows of an indexed segment pass filters that were asked for lately.</summary>
/// <remarks>
/// A segment does not change, so what a filter of immutable functions says of its rows stays true; rows deleted since are taken off
/// by who asks. Kept with the index, and gone with it.
/// Memory:  a bit a row for each of a few filters, and as much again where not all rows were looked at. Threads: any.
/// </remarks>
internal sealed class FilterCache
{
    private const int EntriesMax = 16;

    private static readonly ConditionalWeakTable<IVectorIndex, FilterCache> Caches = [];

    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = []; // the one used last is last

    /// <param name="Passing">Bit i: row i was looked at, and passes.</param>
    /// <param name="Seen">Bit i: row i was looked at. Empty for all.</param>
    internal sealed record Entry(FilterKey Key, ulong[] Passing, ulong[] Seen, int PassingCount);

    internal static FilterCache Of(IVectorIndex index) => Caches.GetOrCreateValue(index);

    /// <summary>What is known of the rows that are seen; null where something is not.</summary>
    /// <param name="visible">Rows that are asked about; empty for all.</param>
    internal Entry? Find(FilterKey key, ReadOnlySpan<ulong> visible)
    {
        lock (_lock)
        {
            int at = _entries.FindLastIndex(entry => entry.Key.Equals(key));
            if (at < 0)
                return null;
            Entry found = _entries[at];
            if (!Covers(found.Seen, visible))
                return null;
            _entries.RemoveAt(at);
            _entries.Add(found);
            return found;
        }
    }

    internal void Add(Entry entry)
    {
        lock (_lock)
        {
            _entries.RemoveAll(old => old.Key.Equals(entry.Key));
            if (_entries.Count == EntriesMax)
                _entries.RemoveAt(0);
            _entries.Add(entry);
        }
    }

    private static bool Covers(ulong[] seen, ReadOnlySpan<ulong> visible)
    {
        if (seen.Length == 0)
            return true;
        if (visible.Length != seen.Length)
            return false;
        for (int i = 0; i < seen.Length; i++)
        {
            if ((visible[i] & ~seen[i]) != 0)
                return false;
        }
        return true;
    }
}

/// <summary>A filter with the values it depends on: equal keys are true for the same rows.</summary>
internal sealed record FilterKey(
    ScalarExpression Filter, ValueList<short> Columns, ValueList<ScalarExpression> Parameters)
{
    /// <summary>Null for a filter that depends on more than a row and constants, or is costly to compare.</summary>
    /// <param name="columns">Numbers of the columns that the filter's input has.</param>
    internal static FilterKey? Of(ScalarExpression filter, ReadOnlySpan<short> columns, EvaluationContext context)
    {
        List<ScalarExpression> parameters = [];
        return AddParameters(filter, parameters, context)
            ? new FilterKey(filter, new ValueList<short>([.. columns]), new ValueList<ScalarExpression>([.. parameters])) : null;
    }

    private static bool AddParameters(ScalarExpression expression, List<ScalarExpression> parameters, EvaluationContext context)
    {
        switch (expression)
        {
            case ParameterExpression parameter:
                parameters.Add(new ConstantExpression(parameter.Type, context.Parameters[parameter.Index]));
                return true;
            case CallExpression { Function.Volatility: not Volatility.Immutable }
                or ArrayComparison { Function.Volatility: not Volatility.Immutable }
                or OuterExpression or SubplanExpression or SampleTest or NextValueExpression or TextCastExpression
                or ArrayCastExpression or CaseOperation or RowComparison:
                return false;
        }
        foreach (ScalarExpression child in ExpressionTraits.Operands(expression))
        {
            if (!AddParameters(child, parameters, context))
                return false;
        }
        return true;
    }
}
