using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;
using VecSQL.Planner.Rules;

namespace VecSQL.Planner.Binding;

/// <summary>Puts the body of a function written in SQL in the place of its call.</summary>
/// <remarks>
/// The body sees nothing of the query that calls it: its outermost scope has the arguments alone, by name and by number, as the expressions
/// that they are. A body that only computes becomes an expression; one that reads becomes a subquery.
/// </remarks>
internal sealed class FunctionInliner(BindingState state)
{
    /// <summary>Functions that call functions; one that calls itself never comes to an end.</summary>
    private const int DepthMax = 64;

    /// <summary>The value of a call.</summary>
    internal ScalarExpression Value(
        FunctionEntry function, FunctionDefinition definition, ImmutableArray<ScalarExpression> arguments, SqlType result, ExpressionPlace place)
    {
        QueryExpression query = BodyOf(definition);
        return Within(function, definition, () =>
        {
            if (Plain(query, function, definition, arguments, result) is { } plain)
                return plain;
            ScalarExpression value = Subquery(query, ArgumentScope(definition, arguments), result, function, place);
            return new InlinedCall(
                result, function, Coercion.List(arguments), definition.IsStrict ? NullOnNull(value, arguments, arguments) : value)
            {
                IsKept = true,
            };
        });
    }

    /// <summary>The rows of a call in FROM.</summary>
    internal BoundQuery Rows(FunctionEntry function, FunctionDefinition definition, ImmutableArray<ScalarExpression> arguments,
        ImmutableArray<(string Name, SqlType Type)> columns)
    {
        QueryExpression query = BodyOf(definition);
        RefuseVolatile(function, arguments); // the body may ask for them once a row
        if (definition.IsStrict && arguments.Length > 0)
            query = WhereNoArgumentIsNull(query, arguments.Length);
        return Within(function, definition, () =>
        {
            QueryBuilder builder = new QueryBinder(state).Build(query, ArgumentScope(definition, arguments), isTop: false);
            if (builder.ColumnCount != columns.Length)
                throw ReturnMismatch(definition, $"Final statement returns too {(builder.ColumnCount < columns.Length ? "few" : "many")} columns.");
            for (int i = 0; i < columns.Length; i++)
                builder.Resolve(i, columns[i].Type);
            BoundQuery bound = builder.Finish();
            return Converted(bound with { Plan = WithArguments(bound.Plan, function, arguments) }, columns, definition);
        });
    }

    /// <summary>The rows with the call's arguments in a condition that is always true: they are looked at until binding is done.</summary>
    private static LogicalPlan WithArguments(LogicalPlan plan, FunctionEntry function, ImmutableArray<ScalarExpression> arguments) =>
        arguments.IsEmpty
            ? plan
            : new LogicalFilter(plan, new InlinedCall(SqlType.Bool, function, Coercion.List(arguments), LiteralReader.Bool(true)));

    /// <summary>The columns of the rows that a function returns.</summary>
    internal static ImmutableArray<(string Name, SqlType Type)> ColumnsOf(FunctionDefinition definition, uint result) =>
        definition.Columns.IsEmpty
            ? [(definition.Name, new SqlType(result))]
            : [.. definition.Columns.Select(static column => (column.Name, new SqlType(column.Type.Oid)))];

    /// <summary>The one query of a body.</summary>
    /// <exception cref="SqlException">0A000: there are several, or it changes something; 42P13: there is none.</exception>
    internal static QueryExpression BodyOf(FunctionDefinition definition)
    {
        IReadOnlyList<Statement> statements = SqlParser.Parse(definition.Query ?? definition.Source);
        return statements switch
        {
            [] => throw ReturnMismatch(
                definition, "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING."),
            [QueryStatement { Query: { Body: not SelectBody { Into: not null } } query }] => query,
            [_] => throw new SqlException(SqlState.FeatureNotSupported, "SQL functions that are not a query are not supported"),
            _ => throw new SqlException(SqlState.FeatureNotSupported, "SQL functions of more than one statement are not supported"),
        };
    }

    private static SqlException ReturnMismatch(FunctionDefinition definition, string detail) => new(
        SqlState.InvalidFunctionDefinition,
        $"return type mismatch in function declared to return {BuiltinTypes.FormatType(definition.Result.Oid, null)}") { Detail = detail };

    private T Within<T>(FunctionEntry function, FunctionDefinition definition, Func<T> bind)
    {
        PlannerContext outer = state.Context;
        Volatility before = state.Volatility;
        if (state.InlineDepth == DepthMax)
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded");
        if (definition.Query is not null)
            state.Context = outer with { SearchPath = definition.SearchPath };
        state.InlineDepth++;
        if (function.Volatility < before)
            state.Volatility = function.Volatility;
        try
        {
            return bind();
        }
        catch (SqlException error) when (definition.Oid != 0) // a body that is being defined names places in the definition
        {
            throw error.Inside($"SQL function \"{definition.Name}\" during inlining");
        }
        finally
        {
            state.Context = outer;
            state.Volatility = before;
            state.InlineDepth--;
        }
    }

    private static QueryScope ArgumentScope(FunctionDefinition definition, ImmutableArray<ScalarExpression> arguments) => new(null)
    {
        Arguments = arguments,
        Items =
        [
            new NamespaceItem
            {
                Name = definition.Name,
                Columns =
                [
                    .. definition.Arguments.Zip(arguments).Where(static pair => pair.First.Name.Length > 0)
                        .Select(static pair => new NamespaceColumn(pair.First.Name, pair.Second)),
                ],
            },
        ],
    };

    /// <summary>A call of a body that is a list of one expression and nothing else; null for others.</summary>
    private InlinedCall? Plain(QueryExpression query, FunctionEntry function, FunctionDefinition definition,
        ImmutableArray<ScalarExpression> arguments, SqlType result)
    {
        bool isPlain = query is { With: null, OrderBy.IsEmpty: true, Limit: null, Offset: null, Locking.IsEmpty: true,
            Body: SelectBody { IsDistinct: false, DistinctOn.IsEmpty: true, From.IsEmpty: true, Where: null, GroupBy.IsEmpty: true,
                Having: null, Items: [{ Expression: not StarExpression }] } };
        if (!isPlain || query.Body is not SelectBody { Items: [var item] })
            return null;
        // Bound over columns that stand for the arguments, it tells how often each is used.
        ImmutableArray<ColumnExpression> columns = [.. arguments.Select(argument => state.NewColumn(argument.Type, ""))];
        QueryScope scope = new(ArgumentScope(definition, [.. columns]));
        ExpressionBinder binder = new(state, scope);
        ScalarExpression value = binder.Bind(item.Expression);
        if (scope.Aggregates.Count > 0 || scope.SetCalls.Count > 0 || scope.Windows.Count > 0)
            return null;
        InlinedBody body = new(Convert(binder, value, result), columns);
        bool isLoose = definition.IsStrict && !body.IsStrict, isKept = isLoose || body.Reads;
        if (isLoose)
            body = new InlinedBody(NullOnNull(body.Value, [.. columns], arguments), columns);
        return body.Call(result, function, arguments) with { IsKept = isKept };
    }

    private ScalarExpression Subquery(
        QueryExpression query, QueryScope arguments, SqlType result, FunctionEntry function, ExpressionPlace place)
    {
        if (place is ExpressionPlace.Check or ExpressionPlace.Default or ExpressionPlace.Generated or ExpressionPlace.CopyWhere)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"function {function.Name}, which is a query, is not supported in {PlaceNames.Of(place)}");
        }
        RefuseVolatile(function, arguments.Arguments);
        if (query is not { Limit: null, Offset: null, Locking.IsEmpty: true })
            query = new QueryExpression(new NestedBody(query));
        QueryBuilder builder = new QueryBinder(state).Build(query with { Limit = new IntegerLiteral("1") }, arguments, isTop: false);
        if (builder.ColumnCount != 1)
        {
            throw new SqlException(SqlState.InvalidFunctionDefinition,
                $"return type mismatch in function declared to return {TypeFacts.Name(result.Oid)}")
            { Detail = "Final statement must return exactly one column." };
        }
        builder.Resolve(0, result);
        BoundQuery bound = builder.Finish();
        ColumnExpression column = bound.Columns[0].Column;
        return Convert(new ExpressionBinder(state, arguments),
            new SubqueryExpression(column.Type, SubplanKind.Scalar, bound.Plan, [column], null), result);
    }

    private static ScalarExpression Convert(ExpressionBinder binder, ScalarExpression value, SqlType result)
    {
        SqlType target = new(result.Oid); // a function's types have no modifiers
        return binder.Coercion.TryConvert(value, target, CastContext.Assignment, 0)
            ?? throw new SqlException(SqlState.InvalidFunctionDefinition,
                $"return type mismatch in function declared to return {TypeFacts.Name(result.Oid)}")
            { Detail = $"Actual return type is {TypeFacts.Name(value.Type.Oid)}." };
    }

    private BoundQuery Converted(BoundQuery bound, ImmutableArray<(string Name, SqlType Type)> columns, FunctionDefinition definition)
    {
        ExpressionBinder binder = new(state, new QueryScope(null));
        var items = ImmutableArray.CreateBuilder<ProjectItem>(columns.Length);
        var outputs = ImmutableArray.CreateBuilder<OutputColumn>(columns.Length);
        for (int i = 0; i < columns.Length; i++)
        {
            ScalarExpression value = binder.Coercion.TryConvert(bound.Columns[i].Column, columns[i].Type, CastContext.Assignment, 0)
                ?? throw ReturnMismatch(definition, $"Final statement returns {TypeFacts.Name(bound.Columns[i].Column.Type.Oid)} instead of "
                    + $"{TypeFacts.Name(columns[i].Type.Oid)} at column {i + 1}.");
            ColumnExpression column = state.NewColumn(columns[i].Type, columns[i].Name);
            items.Add(new ProjectItem(column, value));
            outputs.Add(new OutputColumn(columns[i].Name, column));
        }
        return new BoundQuery(new LogicalProject(bound.Plan, items.ToImmutable()), outputs.ToImmutable());
    }

    /// <summary>The value, or null where an argument is null.</summary>
    /// <param name="tested">What is tested: the arguments, or what stands for them.</param>
    private static ScalarExpression NullOnNull(
        ScalarExpression value, ImmutableArray<ScalarExpression> tested, ImmutableArray<ScalarExpression> arguments)
    {
        ScalarExpression[] tests = [.. tested.Where((_, i) => arguments[i] is not ConstantExpression { IsNull: false })
            .Select(static argument => (ScalarExpression)new NullTest(argument, IsNegated: false))];
        if (tests.Length == 0)
            return value;
        ScalarExpression any = tests.Length == 1 ? tests[0] : new LogicalOperation(IsAnd: false, Coercion.List(tests));
        return new CaseOperation(value.Type, [new CaseBranch(any, Coercion.Null(value.Type))], value);
    }

    private static QueryExpression WhereNoArgumentIsNull(QueryExpression query, int count)
    {
        Expression[] tests = [.. Enumerable.Range(1, count).Select(static number =>
            (Expression)new IsNullExpression(new ParameterReference(number), true))];
        return new QueryExpression(new SelectBody
        {
            Items = [new SelectItem(new StarExpression(Qualifier: null), null)],
            From = [new DerivedTable(query, new TableAlias("body", []), false)],
            Where = tests.Length == 1 ? tests[0] : new LogicalExpression(true, new ValueList<Expression>(tests)),
        });
    }

    private static void RefuseVolatile(FunctionEntry function, IEnumerable<ScalarExpression> arguments)
    {
        if (arguments.Any(PredicatePushDown.IsVolatile))
            throw new SqlException(SqlState.FeatureNotSupported, $"volatile arguments of function {function.Name} are not supported");
    }
}
