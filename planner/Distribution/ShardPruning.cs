using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Distribution;

/// <summary>Finds the shard keys that rows can have of which a filter is true.</summary>
internal sealed class ShardPruning(CatalogSnapshot catalog)
{
    /// <summary>More keys than these are as good as all.</summary>
    private const int KeysMax = 256;

    /// <param name="zones">Comparisons that are parts of the filter.</param>
    /// <param name="filter">Over the columns; null where the comparisons are all that is known.</param>
    /// <param name="columns">What the filter is over.</param>
    /// <returns>Empty where rows can have any.</returns>
    internal ImmutableArray<ShardKeyRange> Of(TableId id, ImmutableArray<ZonePredicate> zones, ScalarExpression? filter, ImmutableArray<short> columns)
    {
        if (!catalog.TryFindTable(id, out TableEntry? table) || table.Placement is not { } placement
            || catalog.Find(placement.GroupOid) is not ShardGroupEntry { Method: not ShardMethod.Vector } group)
            return [];
        List<ImmutableArray<ScalarExpression>> prefixes = [[]];
        foreach (short column in placement.KeyColumns)
        {
            SqlType type = table.Column(column).Type;
            ImmutableArray<ScalarExpression> values = zones.FirstOrDefault(zone => zone.Column == column && zone.Operator == "=" && IsKey(type, zone.Value)) is { } zone
                ? [zone.Value] : ListOf(filter, columns.IndexOf(column), type);
            if (values.IsEmpty || values.Length * prefixes.Count > KeysMax)
                return group.Method == ShardMethod.Range ? Limited(prefixes, zones, column, type) : [];
            prefixes = [.. prefixes.SelectMany(prefix => values, static (prefix, value) => prefix.Add(value))];
        }
        return [.. prefixes.Select(static prefix => new ShardKeyRange(prefix))];
    }

    /// <summary>Integers of any width are in the same shards, and texts of any length.</summary>
    internal static bool AreAlike(SqlType left, SqlType right) =>
        left.Oid == right.Oid || (IsInteger(left.Oid) && IsInteger(right.Oid)) || (IsText(left.Oid) && IsText(right.Oid));

    /// <summary>The input that an expression is, or is after it was made wider, as those of joins are; null for other expressions.</summary>
    internal static InputExpression? Narrow(ScalarExpression value) => value switch
    {
        InputExpression input => input,
        CallExpression { Arguments: [InputExpression input] } cast when IsInteger(cast.Type.Oid) && IsInteger(input.Type.Oid)
            && FunctionRegistry.FindCast(input.Type.Oid, cast.Type.Oid)?.Function == cast.Function.Oid => input,
        _ => null,
    };

    private static bool IsInteger(uint type) => type is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8;

    private static bool IsText(uint type) => type is TypeOid.Text or TypeOid.VarChar;

    private static bool IsKey(SqlType type, ScalarExpression value) => AreAlike(type, value.Type);

    /// <summary>Keys that begin with some values, and have the next column between what it is compared with.</summary>
    private static ImmutableArray<ShardKeyRange> Limited(
        List<ImmutableArray<ScalarExpression>> prefixes, ImmutableArray<ZonePredicate> zones, short column, SqlType type)
    {
        ShardKeyLimit? low = Limit(">", ">="), high = Limit("<", "<=");
        return low is null && high is null && prefixes[0].IsEmpty ? [] : [.. prefixes.Select(prefix => new ShardKeyRange(prefix) { Low = low, High = high })];

        ShardKeyLimit? Limit(string strict, string orEqual) =>
            zones.FirstOrDefault(zone => zone.Column == column && (zone.Operator == strict || zone.Operator == orEqual) && IsKey(type, zone.Value)) is { } zone
                ? new ShardKeyLimit(zone.Value, zone.Operator == orEqual) : null;
    }

    /// <summary>The values of column IN (…) in the filter; none where there is no such part.</summary>
    private static ImmutableArray<ScalarExpression> ListOf(ScalarExpression? part, int place, SqlType type)
    {
        switch (part)
        {
            case LogicalOperation { IsAnd: true } all when place >= 0:
                foreach (ScalarExpression operand in all.Operands)
                {
                    if (ListOf(operand, place, type) is { IsEmpty: false } found)
                        return found;
                }
                return [];
            case InListOperation { IsNegated: false } list when IsPlace(list.Operand, place) && list.Items.All(
                item => IsKey(type, item) && !Shipping.ReadsInput(item) && Shipping.IsFree(item, static _ => false)):
                return [.. list.Items];
            default:
                return [];
        }
    }

    private static bool IsPlace(ScalarExpression operand, int place) =>
        (operand is RelabelExpression relabel ? relabel.Operand : operand) is InputExpression input && input.Ordinal == place;
}
