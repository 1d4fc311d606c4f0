using VecSQL.Bench.Kit;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Servers;

/// <summary>A kind of index on a server: what is measured.</summary>
/// <param name="Sweep">Null for the default one.</param>
internal sealed record ServerIndex(string Name, Target Target, bool IsVecSql, string Method, Sweep? Sweep)
{
    public Sweep Efforts => Sweep ?? Servers.Sweep.DefaultFor(IsVecSql, Method);

    public Sweep FilteredEfforts => Sweep ?? Servers.Sweep.FilteredFor(IsVecSql, Method);

    /// <summary>What every session says first, so that the server does its best.</summary>
    public string SessionSql => (IsVecSql, Method) switch
    {
        (true, _) => "",
        // The filters are in the statements, and plans do not hang on the query's vector.
        (_, "ivfflat") => "SET plan_cache_mode = force_generic_plan; SET ivfflat.iterative_scan = relaxed_order",
        _ => "SET plan_cache_mode = force_generic_plan; SET hnsw.iterative_scan = relaxed_order",
    };

    /// <param name="purpose">Tables for different purposes differ in name.</param>
    public SqlTable Table(DataSet data, string purpose, IReadOnlyList<(string Name, int[] Values)> keys) =>
        new(Target, IsVecSql, data, $"recall_{purpose}{data.Fingerprint}_{Method}", Method, keys);
}
