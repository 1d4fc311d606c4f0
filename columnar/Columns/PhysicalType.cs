namespace VecSQL.Columnar.Columns;

/// <summary>How the values of a column lie in memory; what they mean is the SQL type's business.</summary>
public enum PhysicalType : byte
{
    /// <summary>One bit a value, least significant bit first, as Arrow's Bool.</summary>
    Bool,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,

    /// <summary>Sixteen bytes a value: uuid, interval.</summary>
    Fixed16,

    /// <summary>Bytes of any length: text, bytea, numeric, json, arrays, vectors.</summary>
    Binary,
}
