namespace VecSQL.Ml.Models;

/// <summary>What the cache of texts' vectors holds and has done.</summary>
public sealed record ModelCacheState(long Bytes, long EntryCount, long HitCount, long MissCount);
