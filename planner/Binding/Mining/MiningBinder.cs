using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding.Mining;

/// <summary>Binds pairs(), triplets() and hard_negatives() in FROM: their inputs are queries that are written out, since names and types
/// are the tables'.</summary>
internal sealed class MiningBinder
{
    private const string Key = "1", KeyAndVector = "1, 2", KeyAndPositive = "1, 4, 2";

    private readonly BindingState _state;
    private readonly QueryScope _scope;
    private readonly MiningKind _kind;
    private readonly TableFunctionCall _call;
    private readonly NameLookup _names;

    internal MiningBinder(BindingState state, QueryScope scope, MiningKind kind, FunctionCall call)
    {
        (_state, _scope, _kind, _names) = (state, scope, kind, new NameLookup(state));
        _call = new TableFunctionCall(call, MiningArguments.Parameters(kind));
    }

    /// <exception cref="SqlException">The arguments do not fit, or a table lacks what they ask for.</exception>
    internal LogicalMining Bind()
    {
        TableEntry table = _names.Table(_call.TableName(MiningArguments.Table));
        ColumnEntry vector = _call.VectorColumn(table, MiningArguments.Embedding, IsVector);
        string? label = _call.FindSql(MiningArguments.Label);
        if (label is null && _kind != MiningKind.HardNegatives)
            throw _call.Missing(MiningArguments.Label);
        string rowsSql = RowsOf(table, vector, label);
        SetInput rows = BindInput(rowsSql);
        string? anchorsSql = _kind == MiningKind.HardNegatives ? AnchorsOf(rows, label) : null;
        SetInput? anchors = anchorsSql is null ? null : BindInput(anchorsSql);
        string metric = _call.FindConstant(MiningArguments.Metric) ?? MetricOf(table, vector);
        return new LogicalMining(_kind, rows, anchors, Columns(rows, anchors), [.. Settings(metric)])
        {
            HasLabels = label is not null,
            Candidates = _call.FindPlain(MiningArguments.Candidates) is { } count and not NullLiteral
                ? BindInput(CandidatesOf(table, vector, anchorsSql ?? rowsSql, metric, count))
                : null,
        };
    }

    private static bool IsVector(SqlType type) => type.Oid is TypeOid.Vector or TypeOid.HalfVector;

    private string RowsOf(TableEntry table, ColumnEntry vector, string? label)
    {
        ColumnEntry key = KeyOf(table, MiningArguments.Id);
        string embedding = Quote(vector.Name);
        return $"SELECT {Quote(key.Name)}, {embedding}, {label ?? "NULL::text"} FROM {Print(MiningArguments.Table)} "
            + $"WHERE {NotNull(key)}{embedding} IS NOT NULL{(label is null ? "" : $" AND {label} IS NOT NULL")}"
            + $"{Filter(MiningArguments.Filter)} ORDER BY {(IsUnique(table, key) ? Key : KeyAndVector)}";
    }

    private string AnchorsOf(SetInput rows, string? label)
    {
        TableEntry table = _names.Table(_call.TableName(MiningArguments.Queries));
        ColumnEntry key = KeyOf(table, MiningArguments.QueryId);
        string type = BuiltinTypes.FormatType(new SqlType(rows.Columns[1].Type.Oid));
        string vector = $"CAST({Quote(_call.VectorColumn(table, MiningArguments.QueryEmbedding, IsVector).Name)} AS {type})";
        string? own = _call.FindSql(MiningArguments.QueryLabel), positive = _call.FindSql(MiningArguments.Positive);
        if ((own is null) != (label is null))
            throw _call.Missing(own is null ? MiningArguments.QueryLabel : MiningArguments.Label);
        if (own is null && positive is null)
        {
            throw _call.Refused(SqlState.UndefinedFunction, $"{_call.Name} has to know what is no negative",
                $"Give {MiningArguments.Positive}: the column of \"{table.Name}\" with the {MiningArguments.Id} of the row that a query goes with; "
                + $"or {MiningArguments.Label} and {MiningArguments.QueryLabel}.");
        }
        string ownLabel = own is null ? "NULL::text" : $"CAST({own} AS {BuiltinTypes.FormatType(rows.Columns[2].Type)})";
        string goesWith = $"CAST({positive ?? "NULL"} AS {BuiltinTypes.FormatType(rows.Columns[0].Type)})";
        return $"SELECT {Quote(key.Name)}, {vector}, {ownLabel}, {goesWith} FROM {Print(MiningArguments.Queries)} "
            + $"WHERE {NotNull(key)}{vector} IS NOT NULL"
            + $"{(own is null ? "" : $" AND {own} IS NOT NULL")}{(positive is null ? "" : $" AND {positive} IS NOT NULL")}"
            + $"{Filter(MiningArguments.QueryFilter)} ORDER BY {KeyAndPositive}";
    }

    /// <summary>The nearest rows of each anchor, which an index on the vectors may find.</summary>
    private string CandidatesOf(TableEntry table, ColumnEntry vector, string anchors, string metric, Expression count)
    {
        string operation = metric switch
        {
            "l2" => "<->",
            "ip" => "<#>",
            "l1" => "<+>",
            _ => "<=>", // or none that there is, which is refused when it runs
        };
        string key = Quote(KeyOf(table, MiningArguments.Id).Name), embedding = Quote(vector.Name);
        int itself = _kind == MiningKind.HardNegatives ? 0 : 1;
        string where = _call.FindSql(MiningArguments.Filter) is { } filter ? $" WHERE {filter}" : "";
        return $"SELECT a.place, n.key FROM (SELECT row_number() OVER () - 1 AS place, s.vector FROM ({anchors}) AS s(key, vector)) AS a, "
            + $"LATERAL (SELECT {key} AS key FROM {Print(MiningArguments.Table)}{where} "
            + $"ORDER BY {embedding} {operation} a.vector LIMIT {SqlPrinter.Print(count)} + {itself}) AS n";
    }

    private SetInput BindInput(string sql)
    {
        if (SqlParser.Parse(sql) is not [QueryStatement query])
            throw new InvariantException("what is mined is a query");
        return new QueryBinder(_state).BindSubquery(query.Query, _scope, null).AsInput();
    }

    private ColumnEntry KeyOf(TableEntry table, string parameter)
    {
        if (_call.FindConstant(parameter) is { } name)
            return _call.ColumnOf(table, name);
        return table.PrimaryKey is { Columns: [var number] }
            ? table.Column(number)
            : throw _call.Refused(SqlState.FeatureNotSupported, $"\"{table.Name}\" has no primary key of one column",
                $"Name the column that tells its rows apart: {parameter} => '…'.");
    }

    private static bool IsUnique(TableEntry table, ColumnEntry key) => table.Indexes.Any(index =>
        index.IsUnique && index.Predicate is null && index.Columns.Length == 1 && index.Columns[0] == key.Number);

    private static string NotNull(ColumnEntry key) => key.IsNotNull ? "" : $"{Quote(key.Name)} IS NOT NULL AND ";

    private string Filter(string parameter) => _call.FindSql(parameter) is { } filter ? $" AND {filter}" : "";

    private string Print(string table) => SqlPrinter.Print(_call.TableName(table));

    private ImmutableArray<MiningColumn> Columns(SetInput rows, SetInput? anchors)
    {
        ColumnExpression key = rows.Columns[0], vector = rows.Columns[1], anchorKey = (anchors ?? rows).Columns[0];
        return [.. MiningArguments.Parts(_kind).Select(part => new MiningColumn(part, _state.NewColumn(part switch
        {
            MiningPart.AnchorKey => anchorKey.Type,
            MiningPart.PositiveKey or MiningPart.OtherKey => key.Type,
            MiningPart.IsPositive => SqlType.Bool,
            MiningPart.Rank => SqlType.Int4,
            MiningPart.PositiveDistance or MiningPart.OtherDistance => new SqlType(TypeOid.Float8),
            MiningPart.Split => SqlType.Text,
            _ => vector.Type,
        }, MiningArguments.ColumnName(_kind, part))))];
    }

    private IEnumerable<MiningSetting> Settings(string metric)
    {
        foreach ((MiningOption option, string name, SqlType type) in MiningArguments.Options(_kind))
        {
            Expression? given = _call.FindPlain(name);
            if (option == MiningOption.Metric)
                given = new StringLiteral(metric);
            if (given is not null)
                yield return new MiningSetting(option, name, Bind(given, name, type));
        }
    }

    /// <summary>That of the column's index, or else the angle.</summary>
    private static string MetricOf(TableEntry table, ColumnEntry vector)
    {
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.Columns[0] != vector.Number)
                continue;
            switch (VectorOperatorClass.OperatorOf(index))
            {
                case "<->": return "l2";
                case "<#>": return "ip";
                case "<+>": return "l1";
            }
        }
        return "cosine";
    }

    private ScalarExpression Bind(Expression syntax, string name, SqlType type)
    {
        var binder = new ExpressionBinder(_state, _scope);
        ScalarExpression value = _scope.At(ExpressionPlace.FromFunction, () => binder.Bind(syntax));
        int position = ExpressionBinder.Start(syntax);
        return binder.Coercion.TryConvert(value, type, CastContext.Assignment, position)
            ?? throw new SqlException(SqlState.DatatypeMismatch, $"argument \"{name}\" of {_call.Name} must be type "
                + $"{TypeFacts.Name(type.Oid)}, not type {TypeFacts.Name(value.Type.Oid)}", position);
    }

    private static string Quote(string name) => TableFunctionCall.Quote(name);
}
