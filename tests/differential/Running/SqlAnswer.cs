namespace VecSQL.Differential.Tests.Running;

/// <param name="Rows">Values as text, or as hexadecimal digits of their binary form; null is NULL.</param>
/// <param name="ParameterOids">Of a statement by the extended protocol.</param>
internal sealed record SqlAnswer(
    IReadOnlyList<(string Name, uint Oid)> Columns, IReadOnlyList<string?[]> Rows, string Tag, string? SqlState, string? Message,
    IReadOnlyList<uint> ParameterOids)
{
    public bool Failed => SqlState is not null;

    /// <summary>Where in the text the error is, in characters from 1; null where that was not said.</summary>
    public string? Position { get; init; }

    /// <summary>A picture of it, not too large.</summary>
    public override string ToString()
    {
        if (Failed)
            return $"ERROR {SqlState}: {Message}{(Position is null ? "" : $" at character {Position}")}";
        string head = string.Join(", ", Columns.Select(column => $"{column.Name}:{column.Oid}"));
        IEnumerable<string> rows = Rows.Take(12).Select(row => "    " + string.Join(" | ", row.Select(value => value ?? "NULL")));
        return $"{Tag}  ({head})\n{string.Join('\n', rows)}{(Rows.Count > 12 ? $"\n    … {Rows.Count} rows" : "")}";
    }
}
