namespace VecSQL.Bench.Recall.Servers;

/// <summary>How hard to look, by rising recall: in words, and as statements that say so to a session.</summary>
internal sealed record Sweep(IReadOnlyList<(string Text, string Sql)> Efforts)
{
    public static Sweep DefaultFor(bool isVecSql, string method) => (isVecSql, method) switch
    {
        (true, _) => Parse("vecsql.target_recall=0.8,0.85,0.9,0.93,0.95,0.97,0.98,0.99,0.995,0.998,0.9995"),
        (_, "ivfflat") => Parse("ivfflat.probes=1,2,3,5,8,12,20,30,50,80,120,200"),
        _ => Parse("hnsw.ef_search=10,15,20,30,40,60,80,120,160,240,320,480,640,1000"),
    };

    /// <summary>For queries with a filter: pgvector goes on looking until enough rows pass, the last two times as far as it must.</summary>
    public static Sweep FilteredFor(bool isVecSql, string method) => (isVecSql, method) switch
    {
        (true, _) => Parse("vecsql.target_recall=0.9,0.95,0.97,0.98,0.99,0.995"),
        (_, "ivfflat") => Parse("ivfflat.probes=3,8,20,50,120,300"),
        _ => new([
            .. Parse("hnsw.ef_search=20,40,80,160,320").Efforts.Select(effort => (effort.Text, effort.Sql + "; SET hnsw.max_scan_tuples = 20000")),
            .. Parse("hnsw.ef_search=80,320").Efforts.Select(effort =>
                (effort.Text + ", max_scan_tuples = 1000000", effort.Sql + "; SET hnsw.max_scan_tuples = 1000000")),
        ]),
    };

    /// <param name="text">SETTING=VALUE,VALUE …</param>
    /// <exception cref="FormatException">It is not that.</exception>
    public static Sweep Parse(string text) => text.Split('=') is [var setting, var values] && values.Length > 0
        ? new Sweep([.. values.Split(',').Select(value => ($"{setting} = {value}", $"SET {setting} = {value}"))])
        : throw new FormatException($"\"{text}\" is not SETTING=VALUE,VALUE");
}
