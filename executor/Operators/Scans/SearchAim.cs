using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Executor.Expressions;
using VecSQL.Storage.Indexes;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What a search by an index aims at: the recall, and by how much to multiply the effort that this takes.</summary>
/// <remarks>What the session has set goes before what the index has been given, and that before the defaults.</remarks>
internal readonly record struct SearchAim(double Recall, double Effort)
{
    /// <summary>What the settings of pgvector's indexes reach at their defaults here: more effort, more recall.</summary>
    private const double DefaultEffort = 40, DefaultProbes = 10;

    private const string TargetSetting = "vecsql.target_recall";

    internal static SearchAim Of(IndexEntry index, ISessionServices session)
    {
        bool isLists = index.Method == "ivfflat";
        string setting = isLists ? "ivfflat.probes" : "hnsw.ef_search";
        double effort = Number(session.IsSet(setting) ? session.Setting(setting) : Option(index, setting) ?? session.Setting(setting));
        double target = session.IsSet(TargetSetting) ? Number(session.Setting(TargetSetting))
            : session.IsSet(setting) ? 0 // which asks for an effort, not for a recall
            : Number(Option(index, TargetSetting) ?? "0");
        return target > 0 ? new SearchAim(target, 1)
            : new SearchAim(VectorIndexDefinition.DefaultRecall, isLists ? Math.Max(1, effort / DefaultProbes) : effort / DefaultEffort);
    }

    // An index's option has the name of the setting without its prefix.
    private static string? Option(IndexEntry index, string setting)
    {
        string name = setting[(setting.IndexOf('.', StringComparison.Ordinal) + 1)..];
        foreach ((string option, string value) in index.Options)
        {
            if (option == name)
                return value;
        }
        return null;
    }

    private static double Number(string? text) => double.Parse(
        text ?? throw new InvalidOperationException("a setting of searches is missing"), CultureInfo.InvariantCulture);
}
