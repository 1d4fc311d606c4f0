using System.Collections.Frozen;
using System.Collections.Immutable;
using VecSQL.Core.Errors;
using VecSQL.Core.Settings;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Settings;
using VecSQL.Planner;

namespace VecSQL.Engine.Hints;

/// <summary>What a statement's hint comment asks for, and what there is to say about that.</summary>
/// <remarks>
/// No hint fails a statement: what cannot be followed gets an INFO, once for each time that the statement is prepared.
/// Threads: immutable.
/// </remarks>
internal sealed class StatementHints
{
    internal static readonly StatementHints None = new(ScanHints.None, SettingOverlay.None, []);

    private static readonly FrozenSet<string> Settings = Set("Set"),
        IndexScans = Set("IndexScan", "IndexOnlyScan", "BitmapScan", "NoSeqScan"),
        TableScans = Set("SeqScan", "NoIndexScan"),
        Others = Set("IndexScanRegexp", "IndexOnlyScanRegexp", "BitmapScanRegexp", "DisableIndex", "TidScan", "NoTidScan",
            "NoIndexOnlyScan", "NoBitmapScan", "NestLoop", "HashJoin", "MergeJoin", "NoNestLoop", "NoHashJoin", "NoMergeJoin",
            "Leading", "Memoize", "NoMemoize", "Rows", "Parallel");

    private StatementHints(ScanHints scans, SettingOverlay overlay, ImmutableArray<SqlNotice> messages) =>
        (Scans, Overlay, Messages) = (scans, overlay, messages);

    internal ScanHints Scans { get; }

    internal SettingOverlay Overlay { get; }

    internal ImmutableArray<SqlNotice> Messages { get; }

    /// <param name="comment">What stands between the comment's marks.</param>
    internal static StatementHints Read(string comment)
    {
        if (comment.Length == 0)
            return None;
        List<SqlNotice> messages = [];
        var scans = ImmutableArray.CreateBuilder<ScanHint>();
        List<(SettingDefinition, SettingValue)> values = [];
        foreach (Hint hint in new HintReader(comment, messages).Read())
        {
            if (Settings.Contains(hint.Keyword))
            {
                if (ReadSetting(hint, messages) is { } value)
                    values.Add(value);
            }
            else if (Others.Contains(hint.Keyword))
            {
                messages.Add(new SqlNotice("INFO", SqlState.SuccessfulCompletion, $"pg_hint_plan: hint \"{hint.Keyword}\" has no effect",
                    "Hints here are Set, IndexScan, NoIndexScan, SeqScan and NoSeqScan."));
            }
            else if (ReadScan(hint, messages) is { } scan)
            {
                scans.Add(scan);
            }
        }
        return new StatementHints(new ScanHints(scans.ToImmutable()), new SettingOverlay(values), [.. messages]);
    }

    internal static bool IsKnown(string keyword) => Settings.Contains(keyword) || IndexScans.Contains(keyword)
        || TableScans.Contains(keyword) || Others.Contains(keyword);

    private static ScanHint? ReadScan(Hint hint, List<SqlNotice> messages)
    {
        bool usesIndexes = IndexScans.Contains(hint.Keyword);
        bool takesIndexes = usesIndexes && !hint.Keyword.Equals("NoSeqScan", StringComparison.OrdinalIgnoreCase);
        if (hint.Words.IsEmpty)
            messages.Add(HintReader.Malformed(hint.Text, $"{hint.Keyword} hint requires a relation."));
        else if (hint.Words.Length > 1 && !takesIndexes)
            messages.Add(HintReader.Malformed(hint.Text, $"{hint.Keyword} hint accepts only one relation."));
        else
            return new ScanHint(hint.Words[0], usesIndexes, hint.Words[1..]);
        return null;
    }

    private static (SettingDefinition, SettingValue)? ReadSetting(Hint hint, List<SqlNotice> messages)
    {
        if (hint.Words is not [var name, var text])
        {
            messages.Add(HintReader.Malformed(hint.Text, "Set hint requires name and value of GUC parameter."));
            return null;
        }
        try
        {
            return SettingOverlay.Value(name, text);
        }
        catch (SqlException refused)
        {
            messages.Add(new SqlNotice("INFO", refused.State, refused.Message, refused.Detail, refused.Hint));
            return null;
        }
    }

    private static FrozenSet<string> Set(params ReadOnlySpan<string> keywords) =>
        FrozenSet.ToFrozenSet([.. keywords], StringComparer.OrdinalIgnoreCase);
}
