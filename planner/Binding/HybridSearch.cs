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

    private const string Outer = "hybrid arguments"; // no name that an argument could mean

    /// <summary>The parameters, and their defaults as SQL; null where one has to be given or is found out.</summary>
    private static readonly (string Name, string? Default)[] Parameters =
    [
        ("tbl", null), ("query", null), ("vec", null), ("k", "10"), ("text_column", null), ("vector_column", null), ("filter", null),
        ("rrf_k", "60"), ("text_weight", "1"), ("vector_weight", "1"), ("candidates", "200"),
    ];

    private readonly Dictionary<string, Expression> _given = [];
    private readonly TableEntry _table;
    private readonly FunctionCall _call;

    private HybridSearch(FunctionCall call, NameLookup names)
    {
        _call = call;
        ReadArguments();
        _table = FindTable(names);
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
            throw Refused(SqlState.FeatureNotSupported, $"{Name} needs a table with a primary key of one column");
        string key = Quote(_table.Column(keyNumber).Name);
        (string text, SqlType textType) = TextColumn();
        (string vector, SqlType vectorType, string distance) = VectorColumn();
        string query = $"CAST({Required("query")} AS {BuiltinTypes.FormatType(textType.Oid, null)})";
        string near = $"CAST({Required("vec")} AS {BuiltinTypes.FormatType(vectorType.Oid, null)})";
        string from = "";
        if (!IsPlain(_given["query"]) || !IsPlain(_given["vec"]))
        {
            from = $"(SELECT {query} AS query, {near} AS vec) AS \"{Outer}\", LATERAL ";
            (query, near) = ($"\"{Outer}\".query", $"\"{Outer}\".vec");
        }
        string table = SqlPrinter.Print(TableName()), depth = $"greatest({Plain("candidates")}, {Plain("k")})";
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

    private void ReadArguments()
    {
        bool isNamed = false;
        for (int i = 0; i < _call.Arguments.Count; i++)
        {
            FunctionArgument argument = _call.Arguments[i];
            isNamed |= argument.Name is not null;
            if (argument.Name is null && (isNamed || i >= Parameters.Length))
                throw Refused(SqlState.UndefinedFunction, $"{Name} has not {_call.Arguments.Count} arguments of this kind");
            string name = argument.Name ?? Parameters[i].Name;
            if (!Array.Exists(Parameters, parameter => parameter.Name == name))
                throw Refused(SqlState.UndefinedFunction, $"{Name} has no argument \"{name}\"");
            if (!_given.TryAdd(name, argument.Value))
                throw Refused(SqlState.SyntaxError, $"argument \"{name}\" of {Name} is given more than once");
        }
    }

    private QualifiedName TableName()
    {
        string text = Constant("tbl") ?? throw Missing("tbl");
        return SqlParser.ParseExpression(text) is ColumnReference name
            ? name.Name : throw Refused(SqlState.InvalidName, $"invalid name syntax: \"{text}\"");
    }

    private TableEntry FindTable(NameLookup names)
    {
        TableEntry table = names.Table(TableName());
        return table.Kind == TableKind.Table ? table : throw Refused(SqlState.WrongObjectType, $"\"{table.Name}\" is not a table");
    }

    /// <summary>The text that is searched: a column, or what an index has as its first key.</summary>
    private (string Sql, SqlType Type) TextColumn()
    {
        if (Constant("text_column") is { } name)
        {
            ColumnEntry column = FindColumn(name);
            return column.Type.Oid is TypeOid.Text or TypeOid.VarChar
                ? (Quote(column.Name), SqlType.Text) : throw Refused(SqlState.DatatypeMismatch, $"column \"{name}\" is not a text");
        }
        IndexEntry index = _table.Indexes.FirstOrDefault(static index => index.Method == TextIndexOptions.Method)
            ?? throw Refused(SqlState.UndefinedObject, $"table \"{_table.Name}\" has no full-text index",
                $"Create one: CREATE INDEX ON {Quote(_table.Name)} USING {TextIndexOptions.Method} (…); or name a text_column.");
        return (KeyOf(index), SqlType.Text);
    }

    /// <summary>The vector that is searched, and the operator by which its index orders it.</summary>
    private (string Sql, SqlType Type, string Distance) VectorColumn()
    {
        string? name = Constant("vector_column");
        short wanted = name is null ? (short)0 : FindColumn(name).Number;
        IndexEntry? index = _table.Indexes.FirstOrDefault(index => VectorOperatorClass.OperatorOf(index) is not null
            && (wanted == 0 || index.Columns[0] == wanted));
        if (index is not null && VectorOperatorClass.OperatorOf(index) is { } distance)
            return (KeyOf(index), _table.Column(index.Columns[0]).Type, distance);
        ColumnEntry column = wanted > 0
            ? _table.Column(wanted)
            : _table.LiveColumns.FirstOrDefault(static column => IsVector(column.Type))
                ?? throw Refused(SqlState.UndefinedColumn, $"table \"{_table.Name}\" has no vector column");
        return IsVector(column.Type)
            ? (Quote(column.Name), column.Type, "<=>")
            : throw Refused(SqlState.DatatypeMismatch, $"column \"{name}\" is not a vector");
    }

    private static bool IsVector(SqlType type) => type.Oid is TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector;

    private ColumnEntry FindColumn(string name) => _table.LiveColumns.FirstOrDefault(column => column.Name == name)
        ?? throw Refused(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{_table.Name}\" does not exist");

    private string KeyOf(IndexEntry index) => index.ExpressionOf(0) ?? Quote(_table.Column(index.Columns[0]).Name);

    /// <summary>A further condition on the table's rows.</summary>
    private string Filter() =>
        Constant("filter") is { } filter ? $" AND ({SqlPrinter.Print(SqlParser.ParseExpression(filter))})" : "";

    private string Required(string parameter) =>
        _given.TryGetValue(parameter, out Expression? value) ? SqlPrinter.Print(value) : throw Missing(parameter);

    /// <summary>A value that is the same for the whole statement.</summary>
    private string Plain(string parameter)
    {
        if (!_given.TryGetValue(parameter, out Expression? value))
            return Parameters.First(known => known.Name == parameter).Default ?? throw Missing(parameter);
        return IsPlain(value)
            ? SqlPrinter.Print(value)
            : throw Refused(SqlState.FeatureNotSupported, $"argument \"{parameter}\" of {Name} must be a constant or a parameter");
    }

    /// <summary>A constant that names something; null where it is not given.</summary>
    private string? Constant(string parameter)
    {
        if (!_given.TryGetValue(parameter, out Expression? value) || value is NullLiteral)
            return null;
        Expression bare = value is CastExpression cast ? cast.Operand : value;
        return bare is StringLiteral text
            ? text.Value : throw Refused(SqlState.FeatureNotSupported, $"argument \"{parameter}\" of {Name} must be a constant");
    }

    private static bool IsPlain(Expression value) => value switch
    {
        StringLiteral or IntegerLiteral or NumericLiteral or NullLiteral or ParameterReference => true,
        CastExpression cast => IsPlain(cast.Operand),
        UnaryExpression unary => IsPlain(unary.Operand),
        ArrayExpression array => array.Items.All(IsPlain),
        FunctionCall call => call.Name.Name == "embed" && call.Arguments.All(static argument => IsPlain(argument.Value)),
        _ => false,
    };

    private SqlException Missing(string parameter) =>
        Refused(SqlState.UndefinedFunction, $"argument \"{parameter}\" of {Name} is missing");

    private SqlException Refused(SqlState state, string message, string? hint = null) => new(state, message, _call.Position, hint);

    private static string Quote(string name) => SqlPrinter.QuoteIdentifier(name);
}
