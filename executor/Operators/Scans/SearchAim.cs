using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Executor.Expressions;
using VecSQL.Storage.Indexes;

namespace VecSQL.Executor.Operators.Scans;

/// <summary>What a search by an index aims at: the recall, and by how much to multiply the effort that this takes.</summary>
/// <remarks>What the session has set goes before what the index has been given, and that before the defaults.</remarks>
internal readonly record struct SearchAim(double Recall, double Effort)
{
    internal static SearchAim Of(IndexEntry index, ISessionServices session)
    {
        bool isLists = index.Method == "ivfflat";
        EffortSetting own = SearchSettings.Efforts.First(setting => setting.IsLists == isLists);
        double? asked = null; // for an effort, not for a recall
        foreach (EffortSetting setting in SearchSettings.Efforts)
        {
            if (setting.IsLists == isLists && session.IsSet(setting.Name) && EffortOf(session.Setting(setting.Name), setting) is { } effort)
                asked = Math.Max(asked ?? 0, effort);
        }
        double target = session.IsSet(SearchSettings.TargetRecall) ? Number(session.Setting(SearchSettings.TargetRecall))
            : asked is not null ? 0
            : Number(Option(index, SearchSettings.TargetRecall) ?? "0");
        return target > 0
            ? new SearchAim(target, 1)
            : new SearchAim(VectorIndexDefinition.DefaultRecall, asked ?? EffortOf(Option(index, own.Name), own) ?? 1);
    }

    /// <summary>By how much to multiply the usual effort; null where the setting says nothing.</summary>
    private static double? EffortOf(string? text, EffortSetting setting)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        // Of lists in several levels the last is that of the vectors.
        double effort = Number(text[(text.LastIndexOf(',') + 1)..]) / setting.Usual;
        return setting.IsLists ? Math.Max(1, effort) : effort;
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
