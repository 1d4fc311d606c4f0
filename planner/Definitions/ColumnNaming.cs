using VecSQL.Catalog.Objects;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Chooses what the columns of FROM's items are called, so that joins merge what they merged, and nothing else, when they are read.</summary>
/// <remarks>
/// Tables may have got columns, and their columns other names, since the joins were bound: what USING names is called so on both sides and
/// by nothing else on either, and a join's list of names has the new columns in their places.
/// </remarks>
internal sealed class ColumnNaming
{
    private readonly FormRecord _forms;
    private readonly List<Node> _nodes = []; // those below a join before it
    private readonly HashSet<string> _mergedNames = [];
    private readonly bool _isMergedUnique;

    /// <param name="current">The table as it is now.</param>
    internal ColumnNaming(IEnumerable<FromForm> from, FormRecord forms, Func<TableEntry, TableEntry> current)
    {
        _forms = forms;
        Node[] roots = [.. from.Select(form => Build(form, current))];
        // What a join computes of both sides goes without a table's name, and must be the only one of its name.
        _isMergedUnique = _nodes.Any(node => node.Form is JoinForm { Item: null } join
            && Enumerable.Range(0, join.Names.Count).Any(i => IsComputed(join, i)));
        foreach (Node root in roots)
            NameMerged(root, []);
        foreach (Node node in _nodes)
            Name(node);
    }

    /// <summary>What merged columns are called that are no item's.</summary>
    internal Dictionary<int, string> Merged { get; } = [];

    /// <summary>What USING says in each join.</summary>
    internal Dictionary<JoinForm, IReadOnlyList<string>> Using { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Every named item with what its columns are called.</summary>
    internal IEnumerable<(FromForm Form, ItemColumns Columns)> Items => _nodes
        .Where(static node => node.Form is NamedForm or JoinForm { Item: not null })
        .Select(static node => (node.Form, new ItemColumns(
            [.. node.Names.Select(static name => name ?? "")], [.. node.Shown.Select(static shown => shown.Name)], node.IsChanged)
        {
            Told = [.. node.Shown.Where(static shown => !shown.IsNew).Take(node.ToldCount).Select(static shown => shown.Name)],
        }));

    private bool IsComputed(JoinForm join, int index) =>
        join.Columns[index].Value is ColumnExpression column && _forms.Merged.Contains(column.ColumnId);

    private Node Build(FromForm form, Func<TableEntry, TableEntry> current)
    {
        Node node = form switch
        {
            JoinForm join => BuildJoin(join, Build(join.Left, current), Build(join.Right, current)),
            TableForm table => BuildTable(table, current(table.Table)),
            NamedForm named => new Node(form, [.. named.Item.Columns.Select(static column => column.Name)]),
            _ => new Node(form, []),
        };
        _nodes.Add(node);
        return node;
    }

    private static Node BuildTable(TableForm form, TableEntry current)
    {
        ColumnEntry[] bound = [.. form.KnownColumns];
        string?[] real = [.. bound.Select(column => current.LiveColumns.FirstOrDefault(now => current.PlaceOf(now.Number) == form.Table.PlaceOf(column.Number))?.Name)];
        int last = form.LastColumn;
        return new Node(form, [.. form.Item.Columns.Select(static column => column.Name)])
        {
            Real = real,
            Wanted = [.. real.Select((name, i) => name is null ? null : i < form.Alias?.Columns.Count ? form.Item.Columns[i].Name : name)],
            Added = [.. current.LiveColumns.Where(column => current.PlaceOf(column.Number) > last).Select(static column => column.Name)],
        };
    }

    private static Node BuildJoin(JoinForm join, Node left, Node right)
    {
        int[] leftRest = Rest(left, join.Names), rightRest = Rest(right, join.Names);
        return new Node(join, [.. (join.Item?.Columns ?? join.Columns).Select(static column => column.Name)])
        {
            Left = left,
            Right = right,
            LeftOf = [.. join.Names.Select(name => Array.IndexOf(left.Bound, name)), .. leftRest, .. rightRest.Select(static _ => -1)],
            RightOf = [.. join.Names.Select(name => Array.IndexOf(right.Bound, name)), .. leftRest.Select(static _ => -1), .. rightRest],
        };
    }

    private static int[] Rest(Node node, IReadOnlyList<string> merged) =>
        [.. Enumerable.Range(0, node.Bound.Length).Where(i => !merged.Contains(node.Bound[i]))];

    /// <summary>Gives merged columns their names, and those that they are merged of the same.</summary>
    private void NameMerged(Node node, IReadOnlyList<string> around)
    {
        node.Around = around;
        if (node is not { Form: JoinForm join, Left: { } left, Right: { } right })
            return;
        if (join.Item is null)
        {
            for (int i = 0; i < node.Names.Length; i++)
                PushDown(node, i);
        }
        List<string> used = [];
        Using[join] = used;
        for (int i = 0; i < join.Names.Count; i++)
        {
            if (node.Names[i] is not { } name)
            {
                name = Unlike(join.Item?.Columns[i].Name ?? join.Names[i], node);
                if (_isMergedUnique)
                    _mergedNames.Add(name);
                node.Names[i] = name;
            }
            around = [.. around, name];
            used.Add(name);
            PushDown(node, i);
            if (join.Item is null && IsComputed(join, i) && join.Columns[i].Value is ColumnExpression column)
                Merged[column.ColumnId] = name;
        }
        NameMerged(left, around);
        NameMerged(right, around);
    }

    private static void PushDown(Node node, int column)
    {
        if (node.Names[column] is not { } name)
            return;
        if (node.LeftOf[column] >= 0 && node.Left is { } left)
            left.Names[node.LeftOf[column]] = name;
        if (node.RightOf[column] >= 0 && node.Right is { } right)
            right.Names[node.RightOf[column]] = name;
    }

    private string Unlike(string wanted, Node node)
    {
        string name = wanted;
        for (int i = 1; _mergedNames.Contains(name) || node.IsTaken(name); i++)
            name = $"{wanted}_{i}";
        return name;
    }

    private void Name(Node node)
    {
        if (node.Form is JoinForm join)
        {
            NameJoin(node, join);
            return;
        }
        for (int i = 0; i < node.Names.Length; i++)
        {
            if (node.Wanted[i] is not { } wanted)
            {
                node.Names[i] = null;
                continue;
            }
            string name = node.Names[i] ??= Unlike(wanted, node);
            node.Shown.Add((name, false));
            bool isOther = name != node.Real[i];
            node.IsChanged |= isOther;
            if (isOther || node.Form is not TableForm)
                node.ToldCount = node.Shown.Count;
        }
        foreach (string added in node.Added)
        {
            string name = Unlike(added, node);
            node.Shown.Add((name, true));
            node.IsChanged |= name != added;
        }
    }

    private void NameJoin(Node node, JoinForm join)
    {
        if (node is not { Left: { } left, Right: { } right })
            return;
        int merged = join.Names.Count;
        for (int i = 0; i < node.Names.Length; i++)
        {
            string? below = node.LeftOf[i] >= 0 ? left.Names[node.LeftOf[i]] : right.Names[node.RightOf[i]];
            if (i < merged)
                continue;
            if (join.Item is null || below is null)
                node.Names[i] = below;
            else
                node.Names[i] ??= Unlike(i < join.Syntax.Alias?.Columns.Count ? join.Item.Columns[i].Name : below, node);
            node.IsChanged |= node.Names[i] != below;
        }
        for (int i = 0; i < merged; i++)
            node.Shown.Add((node.Names[i] ?? "", false));
        Show(node, left, node.LeftOf, join);
        Show(node, right, node.RightOf, join);
        node.IsChanged &= join.Item is not null;
        node.ToldCount = node.Shown.Count;
    }

    /// <summary>The columns of a side in the order in which the join shows them, new ones among them.</summary>
    private void Show(Node node, Node side, int[] places, JoinForm join)
    {
        int old = 0;
        foreach ((string name, bool isNew) in side.Shown)
        {
            if (isNew)
            {
                string given = join.Item is null ? name : Unlike(name, node);
                node.IsChanged |= given != name;
                node.Shown.Add((given, true));
                continue;
            }
            while (side.Names[old] is null)
                old++;
            int column = Array.IndexOf(places, old++);
            if (column >= join.Names.Count)
                node.Shown.Add((node.Names[column] ?? "", false));
        }
    }

    private sealed class Node(FromForm form, string[] bound)
    {
        internal FromForm Form => form;

        /// <summary>The names by which the columns were bound.</summary>
        internal string[] Bound { get; } = bound;

        /// <summary>What they are called in the text; null for what is no more.</summary>
        internal string?[] Names { get; } = new string?[bound.Length];

        internal Node? Left { get; init; }

        internal Node? Right { get; init; }

        /// <summary>The column of the left side that each is; -1 for none.</summary>
        internal int[] LeftOf { get; init; } = [];

        internal int[] RightOf { get; init; } = [];

        /// <summary>What columns are called that nobody names.</summary>
        internal string?[] Real { get; init; } = bound;

        internal string?[] Wanted { get; init; } = bound;

        internal string[] Added { get; init; } = [];

        /// <summary>Names of merged columns of the joins above.</summary>
        internal IReadOnlyList<string> Around { get; set; } = [];

        internal List<(string Name, bool IsNew)> Shown { get; } = [];

        internal bool IsChanged { get; set; }

        internal int ToldCount { get; set; }

        internal bool IsTaken(string name) =>
            Names.Contains(name) || Shown.Any(shown => shown.Name == name) || Around.Contains(name);
    }
}

/// <summary>What the columns of an item are called.</summary>
/// <param name="Names">Of those that it had when it was bound.</param>
/// <param name="Shown">Of those that it has now.</param>
/// <param name="IsChanged">Some are not called what they would be without being told.</param>
internal sealed record ItemColumns(string[] Names, string[] Shown, bool IsChanged)
{
    /// <summary>Those known when it was bound, up to the last one that is not called what it would be without being told.</summary>
    internal string[] Told { get; init; } = [];
}
