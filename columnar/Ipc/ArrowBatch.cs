namespace VecSQL.Columnar.Ipc;

/// <summary>Rows in Arrow's own form: an array for each field of the schema, all equally long.</summary>
public sealed record ArrowBatch(ArrowSchema Schema, int RowCount, IReadOnlyList<ArrowArray> Columns);
