using System.Collections.Immutable;

namespace VecSQL.Planner.Physical;

/// <summary>Makes training data: rows of one input, each with rows that are like it and rows that are not.</summary>
/// <param name="Rows">In order of the first column. Columns: key, vector, label (null where rows have none).</param>
/// <param name="Anchors">The rows that others are found for, in order of the first column: key, vector, label, key of the row that it goes
/// with (null where that is not known); null where they are the rows themselves.</param>
/// <param name="Parts">What each output column is.</param>
public sealed record MiningPlan(
    MiningKind Kind, PhysicalPlan Rows, PhysicalPlan? Anchors, ImmutableArray<MiningPart> Parts,
    ImmutableArray<MiningSetting> Settings) : PhysicalPlan
{
    /// <summary>The rows among which each anchor's negative ones are looked for: the anchor's place in its input, ascending, and the row's
    /// key; null where they are looked for among all.</summary>
    public PhysicalPlan? Candidates { get; init; }

    /// <summary>Rows of one label are never each other's negative ones.</summary>
    public bool HasLabels { get; init; }
}

/// <summary>Which function mines.</summary>
public enum MiningKind : byte { Pairs, Triplets, HardNegatives }

/// <summary>A column of mined rows.</summary>
/// <remarks>The other row is the negative one of a triplet, and either of a pair.</remarks>
public enum MiningPart : byte
{
    AnchorKey, PositiveKey, OtherKey, IsPositive, Rank, PositiveDistance, OtherDistance, AnchorVector, PositiveVector, OtherVector, Split,
}

/// <summary>What mining is told, in the arguments of its functions.</summary>
public enum MiningOption : byte
{
    /// <summary>Triplets of an anchor, or negative rows of a query.</summary>
    Count,

    /// <summary>Rows of a pair's own label, and of others.</summary>
    Positives, Negatives,

    /// <summary>How negative rows are chosen, and positive ones.</summary>
    Mining, PositiveMining,

    /// <summary>How much farther than the positive row a negative one has to be.</summary>
    Margin,

    /// <summary>How many of the nearest negative rows are passed over, and among how many the choice is.</summary>
    RangeMin, RangeMax,

    Metric, Seed, Noise, Dropout, Validation, Split,
}

/// <param name="Name">The argument's.</param>
/// <param name="Value">Reads no input.</param>
public sealed record MiningSetting(MiningOption Option, string Name, ScalarExpression Value);
