namespace VecSQL.Bench.Recall.Servers;

/// <summary>A setting and the values to measure with, by rising recall.</summary>
internal sealed record Sweep(string Setting, IReadOnlyList<string> Values)
{
    public static Sweep DefaultFor(bool isVecSql, string method) => (isVecSql, method) switch
    {
        (true, _) => Parse("vecsql.target_recall=0.8,0.85,0.9,0.93,0.95,0.97,0.98,0.99,0.995,0.998,0.9995"),
        (_, "ivfflat") => Parse("ivfflat.probes=1,2,3,5,8,12,20,30,50,80,120,200"),
        _ => Parse("hnsw.ef_search=10,15,20,30,40,60,80,120,160,240,320,480,640,1000"),
    };

    /// <param name="text">SETTING=VALUE,VALUE …</param>
    /// <exception cref="FormatException">It is not that.</exception>
    public static Sweep Parse(string text) => text.Split('=') is [var setting, var values] && values.Length > 0
        ? new Sweep(setting, values.Split(',')) : throw new FormatException($"\"{text}\" is not SETTING=VALUE,VALUE");
}
