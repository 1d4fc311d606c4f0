using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Segments;

/// <summary>Consecutive rows whose fixed-length values lie one after the other.</summary>
/// <param name="Data">Rows × stride bytes, aligned to 64. A null row's bytes are zeros.</param>
/// <param name="Validity">Absent where no row is null.</param>
public readonly record struct MappedRun(
    int FirstPosition, int RowCount, ColumnBuffer Data, int StrideBytes, Bitmap Validity);
