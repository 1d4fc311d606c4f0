namespace VecSQL.Catalog.Functions;

/// <summary>What pg_aggregate says beside pg_proc about an aggregate.</summary>
/// <param name="Function">The aggregate's object id in pg_proc.</param>
/// <param name="Kind">n normal, o ordered-set (WITHIN GROUP), h hypothetical-set.</param>
/// <param name="DirectArguments">Arguments before WITHIN GROUP, for ordered-set aggregates.</param>
public sealed record AggregateEntry(uint Function, char Kind = 'n', int DirectArguments = 0);
