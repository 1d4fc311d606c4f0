namespace VecSQL.Differential.Tests.Generation;

/// <param name="Key">The columns of the primary key; empty where it has none.</param>
/// <param name="Modifiers">What stands behind a column's type name, as <c>(10,2)</c>.</param>
/// <param name="NotNull">Columns that take no NULL, those of the key among them.</param>
/// <param name="RowsMax">How many rows it may have.</param>
internal sealed record Table(
    string Name, IReadOnlyList<Column> Columns, IReadOnlyList<string> Key, IReadOnlyDictionary<string, string> Modifiers,
    IReadOnlySet<string> NotNull, int RowsMax);

/// <summary>What a seed's statements work on.</summary>
/// <param name="Views">By name, with their columns and how many rows they may have.</param>
/// <param name="Setup">The statements that make it, in order.</param>
internal sealed record Schema(IReadOnlyList<Table> Tables, IReadOnlyList<Relation> Views, IReadOnlyList<Statement> Setup);

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

    public string Text => Part.ToString();
}
