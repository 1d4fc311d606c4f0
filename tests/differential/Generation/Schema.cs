namespace VecSQL.Differential.Tests.Generation;

/// <param name="Key">The columns of the primary key; empty where it has none.</param>
/// <param name="Modifiers">What stands behind a column's type name, as <c>(10,2)</c>.</param>
/// <param name="NotNull">Columns that take no NULL, those of the key among them.</param>
/// <param name="RowsMax">How many rows it may have.</param>
internal sealed record Table(
    string Name, IReadOnlyList<Column> Columns, IReadOnlyList<string> Key, IReadOnlyDictionary<string, string> Modifiers,
    IReadOnlySet<string> NotNull, int RowsMax)
{
    /// <summary>The table below an updatable view; the own name of a table.</summary>
    public string Base { get; init; } = Name;

    /// <summary>Columns that have values of their own: generated ones, and numbers of sequences.</summary>
    public IReadOnlySet<string> Computed { get; init; } = new HashSet<string>();

    /// <summary>The sequence behind a column; null where it has none.</summary>
    public string? Sequence { get; init; }

    /// <summary>Columns no two of whose values are equal, beside the key.</summary>
    public IReadOnlySet<string> Unique { get; init; } = new HashSet<string>();

    /// <summary>Columns with foreign keys, and values that the tables they refer to began with.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Links { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Tables that its foreign keys refer to.</summary>
    public IReadOnlySet<string> Targets { get; init; } = new HashSet<string>();

    public bool IsView => Base != Name;
}

/// <summary>A function in SQL.</summary>
/// <param name="Rows">The columns of a function that returns a set; empty for one that returns a value.</param>
internal sealed record Routine(string Name, IReadOnlyList<Column> Parameters, SqlKind Result, double Bound, IReadOnlyList<Column> Rows)
{
    /// <summary>How many rows a set may have.</summary>
    public int RowsMax { get; init; } = 1;

    /// <summary>Its body is a query rather than an expression.</summary>
    public bool Reads { get; init; }
}

/// <summary>What a seed's statements work on.</summary>
/// <param name="Tables">Those that may be changed, updatable views among them.</param>
/// <param name="Views">By name, with their columns and how many rows they may have.</param>
/// <param name="Setup">The statements that make it, in order.</param>
internal sealed record Schema(
    IReadOnlyList<Table> Tables, IReadOnlyList<Relation> Views, IReadOnlyList<Routine> Routines, IReadOnlyList<Statement> Setup)
{
    /// <summary>Tables that may be other after a change of this one: itself, and those whose foreign keys lead to it.</summary>
    public IReadOnlyList<Table> ChangedBy(Table table)
    {
        HashSet<string> names = [table.Base];
        for (int before = 0; before < names.Count;)
        {
            before = names.Count;
            names.UnionWith(Tables.Where(other => other.Targets.Overlaps(names)).Select(other => other.Base));
        }
        return [.. Tables.Where(other => names.Contains(other.Base))];
    }
}

/// <summary>One generated statement.</summary>
/// <param name="OrderedBy">Positions of the result's columns that its rows are ordered by; empty where they have no order.</param>
/// <param name="Parameters">For the extended protocol; null for the simple one.</param>
/// <param name="Writes">The table it changes; null where it reads.</param>
internal sealed record Statement(
    SqlPart Part, IReadOnlyList<int> OrderedBy, IReadOnlyList<Literal>? Parameters = null, string? Writes = null)
{
    public Statement(SqlPart part)
        : this(part, [])
    {
    }

    /// <summary>Rows come back in their binary form. Only for the extended protocol.</summary>
    public bool IsBinary { get; init; }

    /// <summary>The statement that computed the rows it shows, where that is another.</summary>
    public string Computed { get; init; } = "";

    /// <summary>Values for further executions of the same prepared statement.</summary>
    public IReadOnlyList<IReadOnlyList<Literal>> Again { get; init; } = [];

    public string Text => Part.ToString();
}
