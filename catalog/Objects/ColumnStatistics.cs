using System.Collections.Immutable;

namespace VecSQL.Catalog.Objects;

/// <summary>What ANALYZE found in a column: a row of pg_stats.</summary>
/// <remarks>
/// Values are in their type's text form. They are part of the table's definition, so that they commit, roll back and go with it, and plans made
/// without them are made anew.
/// </remarks>
public sealed record ColumnStatistics
{
    /// <summary>The share of rows that are null.</summary>
    public required double NullShare { get; init; }

    /// <summary>Bytes of a value that is not null, on average.</summary>
    public required int AverageWidth { get; init; }

    /// <summary>How many distinct values there are; below zero, minus their number for each row: -1 where all differ. 0 where unknown.</summary>
    public required double Distinct { get; init; }

    /// <summary>The most common values, the commonest first.</summary>
    public ImmutableArray<string> CommonValues { get; init; } = [];

    /// <summary>Of each common value, its share of all rows.</summary>
    public ImmutableArray<float> CommonShares { get; init; } = [];

    /// <summary>Bounds, in the type's order, between which equally many of the other values lie.</summary>
    public ImmutableArray<string> Bounds { get; init; } = [];

    /// <summary>How many distinct values a table of so many rows has; at least 1, or 0 where unknown.</summary>
    public double DistinctOf(double rows) => Distinct == 0 ? 0 : Math.Max(1, Distinct > 0 ? Distinct : -Distinct * rows);
}
