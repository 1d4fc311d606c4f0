namespace VecSQL.Differential.Tests.Sql;

/// <summary>A type that the generator makes columns and expressions of.</summary>
/// <param name="Name">As in a cast.</param>
/// <param name="Oid">Zero where each server has its own.</param>
/// <param name="BoundMax">Numbers: the largest magnitude an expression may reach, so that no calculation overflows; otherwise 0.</param>
internal sealed record SqlKind(string Name, uint Oid, double BoundMax = 0)
{
    public static SqlKind Bool { get; } = new("bool", 16);
    public static SqlKind Int2 { get; } = new("int2", 21, 30_000);
    public static SqlKind Int4 { get; } = new("int4", 23, 1e9);
    public static SqlKind Int8 { get; } = new("int8", 20, 1e15);
    public static SqlKind Numeric { get; } = new("numeric", 1700, 1e15);
    public static SqlKind Float4 { get; } = new("float4", 700, 1e15);
    public static SqlKind Float8 { get; } = new("float8", 701, 1e15);
    public static SqlKind Text { get; } = new("text", 25);
    public static SqlKind Varchar { get; } = new("varchar", 1043);
    public static SqlKind Bpchar { get; } = new("bpchar", 1042);
    public static SqlKind Date { get; } = new("date", 1082);
    public static SqlKind Time { get; } = new("time", 1083);
    public static SqlKind Timestamp { get; } = new("timestamp", 1114);
    public static SqlKind TimestampTz { get; } = new("timestamptz", 1184);
    public static SqlKind TimeTz { get; } = new("timetz", 1266);
    public static SqlKind Interval { get; } = new("interval", 1186);
    public static SqlKind Uuid { get; } = new("uuid", 2950);
    public static SqlKind Bytea { get; } = new("bytea", 17);
    public static SqlKind Json { get; } = new("json", 114);
    public static SqlKind Jsonb { get; } = new("jsonb", 3802);
    public static SqlKind Integers { get; } = new("int4[]", 1007);
    public static SqlKind Texts { get; } = new("text[]", 1009);
    public static SqlKind Numerics { get; } = new("numeric[]", 1231);
    public static SqlKind Dates { get; } = new("date[]", 1182);
    public static SqlKind Bits { get; } = new("varbit", 1562);
    public static SqlKind Vector { get; } = new("vector", 0);

    /// <summary>An enumerated type, which each seed makes for itself.</summary>
    public static SqlKind Mood { get; } = new("mood", 0);

    public static IReadOnlyList<SqlKind> All { get; } =
    [
        Bool, Int2, Int4, Int8, Numeric, Float4, Float8, Text, Varchar, Bpchar, Date, Time, Timestamp, TimestampTz, Interval, Uuid, Bytea,
        Json, Jsonb, Integers, Texts, Vector, TimeTz, Numerics, Dates, Bits, Mood,
    ];

    public bool IsNumber => BoundMax > 0;

    public bool IsFloat => this == Float4 || this == Float8;

    /// <summary>It has an order; json alone has none.</summary>
    public bool IsSortable => this != Json;

    /// <summary>Values that are equal may still differ as text (1.0 and 1.00, a day and 24 hours), so which is shown is chance.</summary>
    public bool HasEqualForms => this == Numeric || this == Interval || this == Jsonb || IsFloat || this == Bpchar || this == Numerics;

    public static SqlKind Named(string name) => All.First(kind => kind.Name == name);

    public override string ToString() => Name;
}
