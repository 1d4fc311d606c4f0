using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>A unique key that a filter fixes to one value or a few.</summary>
internal sealed record KeyMatch(
    IndexEntry Index, ImmutableArray<ImmutableArray<ScalarExpression>> Keys, List<ScalarExpression> Rest)
{
    private const int KeysMax = 1000;

    /// <summary>Whether no more than one row has it: a transaction may have several of a key that is checked when it ends.</summary>
    internal bool IsOneRow => Keys.Length == 1 && !Index.IsDeferrable;

    /// <summary>The match on the primary key before other unique indexes; null where no key is fixed.</summary>
    /// <param name="context">Says which indexes may be used; null to learn only that the rows are of a key.</param>
    internal static KeyMatch? Find(LogicalScan scan, PlannerContext? context)
    {
        if (scan.Filter is null)
            return null;
        List<ScalarExpression> parts = Conjunction.Parts(scan.Filter);
        foreach (IndexEntry index in scan.Table.Indexes.Where(index => index.IsUnique).OrderByDescending(index =>
            index.IsPrimary))
        {
            if ((context is null || context.MayUse(scan.Alias, index)) && Match(index, scan, parts) is { } match)
                return match;
        }
        return null;
    }

    private static KeyMatch? Match(IndexEntry index, LogicalScan scan, List<ScalarExpression> parts)
    {
        List<ScalarExpression> rest = [.. parts];
        ImmutableArray<ImmutableArray<ScalarExpression>> keys = [[]];
        foreach (short number in index.Columns)
        {
            (ScalarExpression Part, ImmutableArray<ScalarExpression> Values)? found = null;
            foreach (ScalarExpression part in rest)
            {
                if (Values(part, number, scan) is { } values
                    && (found is null || values.Length < found.Value.Values.Length))
                    found = (part, values);
            }
            if (found is not { } chosen)
                return null;
            rest.Remove(chosen.Part);
            keys = [.. keys.SelectMany(key => chosen.Values.Select(value => key.Add(value)))];
            if (keys.Length > KeysMax)
                return null;
        }
        return keys.Length == 0 ? null : new KeyMatch(index, keys, rest);
    }

    /// <summary>The values that the condition allows the column; null where it is no equality or list.</summary>
    private static ImmutableArray<ScalarExpression>? Values(ScalarExpression part, short number, LogicalScan scan)
    {
        if (ScanComparison.Of(part, scan) is { Operator: "=" } comparison)
            return comparison.Column == number ? [comparison.Value] : null;
        if (part is not InListOperation { IsNegated: false } list)
            return null;
        // Each item as a comparison of its own; all must be of the column.
        var values = ImmutableArray.CreateBuilder<ScalarExpression>();
        foreach (ScalarExpression item in list.Items.Distinct())
        {
            var single = new CallExpression(SqlType.Bool, list.Equality, [list.Operand, item]);
            if (ScanComparison.Of(single, scan) is not { Operator: "=" } one || one.Column != number)
                return null;
            values.Add(one.Value);
        }
        return values.ToImmutable();
    }
}
