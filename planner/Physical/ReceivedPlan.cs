namespace VecSQL.Planner.Physical;

/// <summary>Within a fragment: rows that go along with it, those of the <see cref="FeedPlan"/> of the same number.</summary>
public sealed record ReceivedPlan(int Number) : PhysicalPlan;
