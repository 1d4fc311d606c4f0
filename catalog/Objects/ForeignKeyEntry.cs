using System.Collections.Immutable;

namespace VecSQL.Catalog.Objects;

/// <summary>FOREIGN KEY: every row's key is null or that of a row of another table, or of the same one.</summary>
/// <param name="Columns">The columns that refer, in the order written.</param>
/// <param name="ReferencedTable">The oid of the table that they refer to.</param>
/// <param name="ReferencedColumns">Its columns, one for each that refers.</param>
public sealed record ForeignKeyEntry(
    uint Oid, string Name, ImmutableArray<short> Columns, uint ReferencedTable, ImmutableArray<short> ReferencedColumns)
{
    /// <summary>The unique index of the other table that has the referenced columns as its key, in some order.</summary>
    public required uint IndexOid { get; init; }

    public ReferenceAction OnDelete { get; init; }

    public ReferenceAction OnUpdate { get; init; }

    /// <summary>The columns that ON DELETE SET NULL and SET DEFAULT set; empty for all.</summary>
    public ImmutableArray<short> SetColumns
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>MATCH FULL: a key is null in all its columns or in none.</summary>
    public bool MatchesFull { get; init; }

    public bool IsDeferrable { get; init; }

    public bool IsInitiallyDeferred { get; init; }

    /// <summary>NOT VALID: rows from before it were not tested.</summary>
    public bool IsNotValid { get; init; }

    public string? Comment { get; init; }
}
