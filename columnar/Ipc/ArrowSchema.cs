namespace VecSQL.Columnar.Ipc;

/// <summary>The columns of a stream or file, and what is said about all of it.</summary>
public sealed record ArrowSchema(
    IReadOnlyList<ArrowField> Fields, IReadOnlyList<KeyValuePair<string, string>> Metadata);
