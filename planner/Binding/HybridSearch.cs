using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding;

/// <summary>hybrid_search(…) in FROM: the query that it stands for.</summary>
/// <remarks>
/// The best texts and the nearest vectors of a table, each by its index, joined by the primary key and ordered by the sum of what their
/// ranks are worth. The type of the key, and so that of the result, is the table's: this is why it is written out and planned as a query
/// like any other. How many rows each side looks at does not depend on what is asked of the result, so that its pages fit together.
/// </remarks>
internal sealed class HybridSearch
{
    internal const string Name = "hybrid_search";

    private const string Table = "tbl", VectorParameter = "vector_column";

    private const string Outer = "hybrid arguments"; // no name that an argument could mean

    /// <summary>The parameters, and their defaults as SQL; null where one has to be given or is found out.</summary>
    private static readonly (string Name, string? Default)[] Parameters =
    [
        (Table, null), ("query", null), ("vec", null), ("k", "10"), ("text_column", null), (VectorParameter, null), ("filter", null),
        ("rrf_k", "60"), ("text_weight", "1"), ("vector_weight", "1"), ("candidates", "200"),
    ];

    private readonly TableFunctionCall _call;
    private readonly TableEntry _table;

    private HybridSearch(FunctionCall call, NameLookup names)
    {
        _call = new TableFunctionCall(call, [.. Parameters.Select(static parameter => parameter.Name)]);
        _table = names.Table(_call.TableName(Table));
        if (_table.Kind != TableKind.Table)
            throw _call.Refused(SqlState.WrongObjectType, $"\"{_table.Name}\" is not a table");
    }

    /// <exception cref="SqlException">The arguments do not fit, or the table lacks what they ask for.</exception>
    internal static QueryExpression Expand(FunctionCall call, NameLookup names)
    {
        string sql = new HybridSearch(call, names).Write();
        return SqlParser.Parse(sql)[0] is QueryStatement query
            ? query.Query : throw new InvariantException("a hybrid search is a query");
    }

    private string Write()
    {
        if (_table.PrimaryKey is not { Columns: [var keyNumber] })
            throw _call.Refused(SqlState.FeatureNotSupported, $"{Name} needs a table with a primary key of one column");
        string key = Quote(_table.Column(keyNumber).Name);
        (string text, SqlType textType) = TextColumn();
        (string vector, SqlType vectorType, string distance) = VectorColumn();
        string query = $"CAST({Required("query")} AS {BuiltinTypes.FormatType(textType.Oid, null)})";
        string near = $"CAST({Required("vec")} AS {BuiltinTypes.FormatType(vectorType.Oid, null)})";
        string from = "";
        if (!TableFunctionCall.IsPlain(_call.Get("query")) || !TableFunctionCall.IsPlain(_call.Get("vec")))
        {
            from = $"(SELECT {query} AS query, {near} AS vec) AS \"{Outer}\", LATERAL ";
            (query, near) = ($"\"{Outer}\".query", $"\"{Outer}\".vec");
        }
        string table = SqlPrinter.Print(_call.TableName(Table)), depth = $"greatest({Plain("candidates")}, {Plain("k")})";
        string filter = Filter();
        string byText = $"""
            SELECT key, row_number() OVER (ORDER BY score DESC, key) AS rank FROM (SELECT {key} AS key, bm25_score({text}, {query}) AS score
            FROM {table} WHERE {text} @@@ {query}{filter} ORDER BY bm25_score({text}, {query}) DESC LIMIT {depth}) AS best
            """;
        string byVector = $"""
            SELECT key, row_number() OVER (ORDER BY distance, key) AS rank FROM (SELECT {key} AS key, {vector} {distance} {near} AS distance
            FROM {table} WHERE {vector} IS NOT NULL AND {near} IS NOT NULL{filter} ORDER BY {vector} {distance} {near} LIMIT {depth}) AS nearest
            """;
        return $"""
            SELECT found.* FROM {from}(SELECT coalesce(t.key, v.key) AS pk,
            rrf(t.rank, {Plain("rrf_k")}, {Plain("text_weight")}) + rrf(v.rank, {Plain("rrf_k")}, {Plain("vector_weight")}) AS score,
            t.rank AS rank_text, v.rank AS rank_vec
            FROM ({byText}) AS t FULL JOIN ({byVector}) AS v ON t.key = v.key
            ORDER BY score DESC, pk LIMIT {Plain("k")}) AS found
            """;
    }

    /// <summary>The text that is searched: a column, or what an index has as its first key.</summary>
    private (string Sql, SqlType Type) TextColumn()
    {
        if (_call.FindConstant("text_column") is { } name)
        {
            ColumnEntry column = _call.ColumnOf(_table, name);
            return column.Type.Oid is TypeOid.Text or TypeOid.VarChar
                ? (Quote(column.Name), SqlType.Text) : throw _call.Refused(SqlState.DatatypeMismatch, $"column \"{name}\" is not a text");
        }
        IndexEntry index = _table.Indexes.FirstOrDefault(static index => index.Method == TextIndexOptions.Method)
            ?? throw _call.Refused(SqlState.UndefinedObject, $"table \"{_table.Name}\" has no full-text index",
                $"Create one: CREATE INDEX ON {Quote(_table.Name)} USING {TextIndexOptions.Method} (…); or name a text_column.");
        return (KeyOf(index), SqlType.Text);
    }

    /// <summary>The vector that is searched, and the operator by which its index orders it.</summary>
    private (string Sql, SqlType Type, string Distance) VectorColumn()
    {
        ColumnEntry? named = _call.FindConstant(VectorParameter) is null ? null : _call.VectorColumn(_table, VectorParameter, IsVector);
        IndexEntry? index = _table.Indexes.FirstOrDefault(index => VectorOperatorClass.OperatorOf(index) is not null
            && (named is null || index.Columns[0] == named.Number));
        if (index is not null && VectorOperatorClass.OperatorOf(index) is { } distance)
            return (KeyOf(index), _table.Column(index.Columns[0]).Type, distance);
        ColumnEntry column = named ?? _call.VectorColumn(_table, VectorParameter, IsVector);
        return (Quote(column.Name), column.Type, "<=>");
    }

    private static bool IsVector(SqlType type) => type.Oid is TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector;

    private string KeyOf(IndexEntry index) => index.ExpressionOf(0) ?? Quote(_table.Column(index.Columns[0]).Name);

    /// <summary>A further condition on the table's rows.</summary>
    private string Filter() => _call.FindSql("filter") is { } filter ? $" AND {filter}" : "";

    private string Required(string parameter) => SqlPrinter.Print(_call.Get(parameter));

    /// <summary>A value that is the same for the whole statement.</summary>
    private string Plain(string parameter) => _call.FindPlain(parameter) is { } value
        ? SqlPrinter.Print(value)
        : Parameters.First(known => known.Name == parameter).Default ?? throw _call.Missing(parameter);

    private static string Quote(string name) => TableFunctionCall.Quote(name);
}
