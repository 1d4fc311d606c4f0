namespace VecSQL.Engine.Plans;

/// <summary>What a shared plan is found by.</summary>
/// <param name="Environment">All but the catalog that the plan of a text depends on: names searched, user, settings.</param>
/// <param name="Shape">The shape's key, and the types that the client declared for parameters.</param>
internal readonly record struct PlanKey(string Environment, string Shape);
