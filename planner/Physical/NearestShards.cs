namespace VecSQL.Planner.Physical;

/// <summary>A search for nearest rows at shards that have a cell of vectors each: those of the nearest cells are asked first, and others until there are
/// enough rows.</summary>
/// <param name="Query">What rows are to be near to; of no row's values.</param>
/// <param name="Wanted">How many rows; null for all.</param>
public sealed record NearestShards(ScalarExpression Query, VectorMetric Metric, ScalarExpression Wanted);
