namespace VecSQL.Planner.Physical;

/// <summary>Where a range of values begins or ends.</summary>
public sealed record ShardKeyLimit(ScalarExpression Value, bool IsInclusive);
