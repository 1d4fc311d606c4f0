namespace VecSQL.Engine.Sessions;

/// <summary>An index that a session builds, as pg_stat_progress_create_index shows it.</summary>
/// <param name="Command">CREATE INDEX, REINDEX …</param>
internal sealed record IndexBuildActivity(uint TableOid, uint IndexOid, string Command, bool IsBySegments);
