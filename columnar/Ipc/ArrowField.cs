namespace VecSQL.Columnar.Ipc;

/// <summary>A column of a schema, or a child of a nested type.</summary>
/// <param name="Metadata">Pairs of key and value, as the file keeps them.</param>
/// <param name="IsCompressed">Whether a writer tries to compress it; not stored.</param>
public sealed record ArrowField(
    string Name,
    ArrowType Type,
    bool IsNullable,
    IReadOnlyList<KeyValuePair<string, string>> Metadata,
    bool IsCompressed = true)
{
    /// <summary>Keys of metadata that give a type a meaning beyond Arrow's own.</summary>
    public const string ExtensionKey = "ARROW:extension:name", ExtensionMetadataKey = "ARROW:extension:metadata";

    /// <summary>The name of the extension type; null for a plain one.</summary>
    public string? Extension => Find(ExtensionKey);

    /// <summary>The value of a metadata key; null where there is none.</summary>
    public string? Find(string key)
    {
        foreach (KeyValuePair<string, string> pair in Metadata)
        {
            if (pair.Key == key)
                return pair.Value;
        }
        return null;
    }
}
