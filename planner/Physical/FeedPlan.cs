namespace VecSQL.Planner.Physical;

/// <summary>Rows that go along with a fragment to each of its shards: they are read once, where the statement's session is.</summary>
/// <param name="Number">No other of the statement has it.</param>
public sealed record FeedPlan(int Number, PhysicalPlan Input);
