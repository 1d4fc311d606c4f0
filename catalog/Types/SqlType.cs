namespace VecSQL.Catalog.Types;

/// <summary>A type as an expression or a column has it: which type, and its modifier.</summary>
/// <param name="Oid">The type's object id, PostgreSQL's own for built-in types.</param>
/// <param name="Modifier">
/// atttypmod: −1 for none, else as PostgreSQL stores it (length + 4, precision and scale, dimensions …).
/// </param>
public readonly record struct SqlType(uint Oid, int Modifier = -1)
{
    public static readonly SqlType Bool = new(TypeOid.Bool);
    public static readonly SqlType Bytea = new(TypeOid.Bytea);
    public static readonly SqlType Int2 = new(TypeOid.Int2);
    public static readonly SqlType Int4 = new(TypeOid.Int4);
    public static readonly SqlType Int8 = new(TypeOid.Int8);
    public static readonly SqlType Float4 = new(TypeOid.Float4);
    public static readonly SqlType Float8 = new(TypeOid.Float8);
    public static readonly SqlType Numeric = new(TypeOid.Numeric);
    public static readonly SqlType Text = new(TypeOid.Text);
    public static readonly SqlType Name = new(TypeOid.Name);
    public static readonly SqlType Date = new(TypeOid.Date);
    public static readonly SqlType Time = new(TypeOid.Time);
    public static readonly SqlType Timestamp = new(TypeOid.Timestamp);
    public static readonly SqlType TimestampTz = new(TypeOid.TimestampTz);
    public static readonly SqlType Interval = new(TypeOid.Interval);
    public static readonly SqlType Uuid = new(TypeOid.Uuid);
    public static readonly SqlType Json = new(TypeOid.Json);
    public static readonly SqlType Jsonb = new(TypeOid.Jsonb);
    public static readonly SqlType Vector = new(TypeOid.Vector);
    public static readonly SqlType HalfVector = new(TypeOid.HalfVector);
    public static readonly SqlType SparseVector = new(TypeOid.SparseVector);
    public static readonly SqlType Unknown = new(TypeOid.Unknown);
    public static readonly SqlType OidType = new(TypeOid.Oid);
    public static readonly SqlType Record = new(TypeOid.Record);
    public static readonly SqlType Void = new(TypeOid.Void);
}
