using VecSQL.Planner.Binding;

namespace VecSQL.Planner.Definitions;

/// <summary>What an item of FROM and its columns are called in the text.</summary>
/// <param name="Name">Unlike those of all items around it.</param>
/// <param name="PrintsColumns">They stand behind the name, as some are not what they would be called without.</param>
internal sealed record ItemNames(string Name, string[] Columns, bool PrintsColumns)
{
    /// <summary>Of all columns that there are now, in order; others than those that were bound among them.</summary>
    internal string[] Shown { get; init; } = Columns;

    /// <summary>What has to be told of those that were bound.</summary>
    internal string[] Told { get; init; } = [];
}

/// <summary>A query level: the names taken in it and around it.</summary>
internal sealed class NameLevel
{
    private readonly HashSet<string> _taken;
    private readonly Dictionary<string, int> _counters = [];

    internal NameLevel(NameLevel? outer, IEnumerable<string> taken)
    {
        Outer = outer;
        _taken = [.. outer?._taken ?? [], .. taken];
    }

    internal NameLevel? Outer { get; }

    internal HashSet<NamespaceItem> Items { get; } = [];

    internal HashSet<string> CommonTables { get; } = [];

    internal string Take(string name) => Take(name, _taken, _counters);

    /// <summary>The name, with the first number behind it that makes it another than those taken.</summary>
    internal static string Take(string name, HashSet<string> taken, Dictionary<string, int> counters)
    {
        string free = name;
        while (!taken.Add(free))
        {
            int count = counters.GetValueOrDefault(name) + 1;
            counters[name] = count;
            free = $"{name}_{count}";
        }
        return free;
    }

    internal bool IsCommonTable(string name) => CommonTables.Contains(name) || Outer?.IsCommonTable(name) == true;
}
