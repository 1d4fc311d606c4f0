namespace VecSQL.Storage.Segments;

/// <summary>Keys of Arrow fields' metadata: what a column is in SQL.</summary>
public static class ArrowKeys
{
    /// <summary>The column's number in its table.</summary>
    public const string Column = "vecsql.column";

    /// <summary>The type's object id.</summary>
    public const string Type = "vecsql.type";

    /// <summary>The type's modifier, −1 for none.</summary>
    public const string Modifier = "vecsql.modifier";

    /// <summary>The model that made a column's vectors, and its version.</summary>
    public const string Model = "vecsql.model";
}
