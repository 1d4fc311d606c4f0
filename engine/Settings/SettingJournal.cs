using VecSQL.Core.Settings;

namespace VecSQL.Engine.Settings;

/// <summary>What a transaction did to settings, level by level, so that it can be undone or kept.</summary>
/// <remarks>
/// Each level (the transaction, then its savepoints) remembers a setting's value from before its first change there, and whether the
/// change was SET (kept at commit), SET LOCAL (undone) or SET followed by SET LOCAL (the SET value comes back).
/// </remarks>
internal sealed class SettingJournal
{
    private readonly List<Dictionary<string, Entry>?> _levels = []; // a level in which nothing has changed is null

    internal bool IsOpen => _levels.Count > 0;

    internal int Depth => _levels.Count;

    internal void Begin() => _levels.Add(null);

    internal void Record(string name, SettingValue? before, bool isLocal)
    {
        Dictionary<string, Entry> level = Innermost();
        if (!level.TryGetValue(name, out Entry entry))
            level[name] = new Entry(before, Masked: null, isLocal ? Change.Local : Change.Set);
        else if (!isLocal)
            level[name] = entry with { Masked = null, Change = Change.Set };
        else if (entry.Change == Change.Set)
            level[name] = entry with { Masked = before, Change = Change.SetThenLocal };
    }

    /// <summary>Ends the innermost level, undoing it: what each setting goes back to.</summary>
    internal IEnumerable<(string Name, SettingValue? Value)> Undo() =>
        Pop() is { } level ? level.Select(static change => (change.Key, change.Value.Before)) : [];

    /// <summary>Ends the innermost level, keeping it: what settings change by that (only at the outermost level).</summary>
    internal IEnumerable<(string Name, SettingValue? Value)> Keep() => Pop() is { } level ? Keep(level) : [];

    private IEnumerable<(string Name, SettingValue? Value)> Keep(Dictionary<string, Entry> level)
    {
        foreach ((string name, Entry entry) in level)
        {
            if (_levels.Count > 0)
                Merge(name, entry);
            else if (entry.Change == Change.Local)
                yield return (name, entry.Before);
            else if (entry.Change == Change.SetThenLocal)
                yield return (name, entry.Masked);
        }
    }

    private void Merge(string name, Entry entry)
    {
        Dictionary<string, Entry> parent = Innermost();
        if (!parent.TryGetValue(name, out Entry outer))
        {
            parent[name] = entry;
            return;
        }
        parent[name] = entry.Change switch
        {
            Change.Set => outer with { Masked = null, Change = Change.Set },
            Change.SetThenLocal => outer with { Masked = entry.Masked, Change = Change.SetThenLocal },
            _ => outer.Change == Change.Set ? outer with { Masked = entry.Before, Change = Change.SetThenLocal } : outer,
        };
    }

    private Dictionary<string, Entry> Innermost() =>
        _levels[^1] ??= new Dictionary<string, Entry>(StringComparer.OrdinalIgnoreCase);

    private Dictionary<string, Entry>? Pop()
    {
        Dictionary<string, Entry>? level = _levels[^1];
        _levels.RemoveAt(_levels.Count - 1);
        return level;
    }

    private enum Change : byte { Set, Local, SetThenLocal }

    private readonly record struct Entry(SettingValue? Before, SettingValue? Masked, Change Change);
}
