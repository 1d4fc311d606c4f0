using System.Runtime.CompilerServices;
using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Protocol.Sql;

namespace VecSQL.Flight.Sql;

/// <summary>CommandGetXdbcTypeInfo: the types, as JDBC and ODBC know them.</summary>
internal sealed class TypeInfo(CommandGetXdbcTypeInfo command) : MetadataCommand(InfoSchema)
{
    private const int Bit = -7, BigInt = -5, VarBinary = -3, LongVarChar = -1, Unknown = 0, Char = 1, Numeric = 2, Integer = 4, SmallInt = 5,
        Real = 7, Double = 8, DateTime = 9, Interval = 10, VarChar = 12, Date = 91, Time = 92, Timestamp = 93;

    private const int Nullable = 1, SearchesAll = 3, SearchesBasic = 2;

    private static readonly ArrowType Parameters = ArrowType.List(Field("item", ArrowTypeKind.Utf8, isNullable: false));

    private static readonly ArrowSchema InfoSchema = new(
    [
        Field("type_name", ArrowTypeKind.Utf8, false), Field("data_type", ArrowTypeKind.Int32, false),
        Field("column_size", ArrowTypeKind.Int32, true), Field("literal_prefix", ArrowTypeKind.Utf8, true),
        Field("literal_suffix", ArrowTypeKind.Utf8, true), new ArrowField("create_params", Parameters, IsNullable: true, []),
        Field("nullable", ArrowTypeKind.Int32, false), Field("case_sensitive", ArrowTypeKind.Bool, false),
        Field("searchable", ArrowTypeKind.Int32, false), Field("unsigned_attribute", ArrowTypeKind.Bool, true),
        Field("fixed_prec_scale", ArrowTypeKind.Bool, false), Field("auto_increment", ArrowTypeKind.Bool, true),
        Field("local_type_name", ArrowTypeKind.Utf8, true), Field("minimum_scale", ArrowTypeKind.Int32, true),
        Field("maximum_scale", ArrowTypeKind.Int32, true), Field("sql_data_type", ArrowTypeKind.Int32, false),
        Field("datetime_subcode", ArrowTypeKind.Int32, true), Field("num_prec_radix", ArrowTypeKind.Int32, true),
        Field("interval_precision", ArrowTypeKind.Int32, true),
    ], []);

    /// <summary>By type, then by name, as they are sent.</summary>
    private static readonly Row[] Rows =
    [
        new("boolean", Bit, 1),
        new("bigint", BigInt, 19, Radix: 10),
        new("bytea", VarBinary, null, Quote: "'"),
        new("text", LongVarChar, null, Quote: "'", IsText: true),
        new("bit", Unknown, null, Quote: "'", Creates: ["length"]),
        new("halfvec", Unknown, null, Quote: "'", Creates: ["dimensions"]),
        new("json", Unknown, null, Quote: "'"),
        new("jsonb", Unknown, null, Quote: "'"),
        new("sparsevec", Unknown, null, Quote: "'", Creates: ["dimensions"]),
        new("uuid", Unknown, 36, Quote: "'"),
        new("vector", Unknown, null, Quote: "'", Creates: ["dimensions"]),
        new("character", Char, null, Quote: "'", IsText: true, Creates: ["length"]),
        new("numeric", Numeric, 1000, Radix: 10, Creates: ["precision", "scale"], ScaleMax: 1000),
        new("integer", Integer, 10, Radix: 10),
        new("smallint", SmallInt, 5, Radix: 10),
        new("real", Real, 24, Radix: 2),
        new("double precision", Double, 53, Radix: 2),
        new("interval", Interval, 49, Quote: "'"),
        new("character varying", VarChar, null, Quote: "'", IsText: true, Creates: ["length"]),
        new("date", Date, 10, Quote: "'", General: DateTime, Subcode: 1),
        new("time without time zone", Time, 15, Quote: "'", General: DateTime, Subcode: 2),
        new("timestamp with time zone", Timestamp, 32, Quote: "'", General: DateTime, Subcode: 5),
        new("timestamp without time zone", Timestamp, 26, Quote: "'", General: DateTime, Subcode: 3),
    ];

#pragma warning disable CS1998 // what other commands await, this one knows
    protected override async IAsyncEnumerable<(ArrowArray[] Columns, int RowCount)> RowsAsync(
        ISqlSession session, [EnumeratorCancellation] CancellationToken cancellation)
#pragma warning restore CS1998 // back to the rule
    {
        Row[] rows = command.HasDataType ? Array.FindAll(Rows, row => row.Type == command.DataType) : Rows;
        string[] creates = [.. rows.SelectMany(static row => row.Creates ?? [])];
        int end = 0;
        int?[] ends = [.. rows.Select(row => row.Creates is { } some ? end += some.Length : (int?)null)];
        ArrowArray[] columns =
        [
            ArrayMaker.Texts([.. rows.Select(static row => row.Name)]),
            Integers(rows, static row => row.Type),
            Integers(rows, static row => row.Size),
            ArrayMaker.Texts([.. rows.Select(static row => row.Quote)]),
            ArrayMaker.Texts([.. rows.Select(static row => row.Quote)]),
            ArrayMaker.Lists(Parameters, ends, ArrayMaker.Texts(creates)),
            Integers(rows, static _ => Nullable),
            Truths(rows, static row => row.IsText),
            Integers(rows, static row => row.IsText ? SearchesAll : SearchesBasic),
            Truths(rows, static row => row.Radix is null ? null : false),
            Truths(rows, static _ => false),
            Truths(rows, static row => row.Radix is null ? null : false),
            ArrayMaker.Texts([.. rows.Select(static row => row.Name)]),
            Integers(rows, static row => row.Radix == 10 ? 0 : null),
            Integers(rows, static row => row.ScaleMax ?? (row.Radix == 10 ? 0 : null)),
            Integers(rows, static row => row.General ?? row.Type),
            Integers(rows, static row => row.Subcode),
            Integers(rows, static row => row.Radix),
            Integers(rows, static _ => null),
        ];
        yield return (columns, rows.Length);
    }

    private static ArrowArray Integers(Row[] rows, Func<Row, int?> value) => ArrayMaker.Integers([.. rows.Select(value)]);

    private static ArrowArray Truths(Row[] rows, Func<Row, bool?> value) => ArrayMaker.Truths([.. rows.Select(value)]);

    /// <param name="General">The type without its subcode, where it has one.</param>
    private sealed record Row(
        string Name, int Type, int? Size, string? Quote = null, bool IsText = false, int? Radix = null, string[]? Creates = null,
        int? ScaleMax = null, int? General = null, int? Subcode = null);
}
