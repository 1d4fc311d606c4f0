namespace VecSQL.Catalog.Objects;

/// <summary>What happens to the rows that refer to a key when it goes or changes.</summary>
/// <remarks>Stored in catalogs by number.</remarks>
public enum ReferenceAction : byte
{
    /// <summary>The change fails where rows still refer to the key when it is checked.</summary>
    NoAction,

    /// <summary>The change fails where rows refer to the key, whatever the statement does later.</summary>
    Restrict,

    /// <summary>The rows go or change with it.</summary>
    Cascade,

    SetNull,

    SetDefault,
}
