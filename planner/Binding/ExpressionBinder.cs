using System.Runtime.CompilerServices;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Turns syntax into typed expressions within one query level.</summary>
internal sealed partial class ExpressionBinder
{
    /// <summary>Deeper trees could exhaust the stack where they are compared or hashed, which nothing guards.</summary>
    private const int NestingMax = 5_000;

    private readonly BindingState _state;
    private readonly QueryScope _scope;
    private readonly NameLookup _names;
    private readonly Coercion _coercion;
    private int _nesting;

    internal ExpressionBinder(BindingState state, QueryScope scope)
    {
        _state = state;
        _scope = scope;
        _names = new NameLookup(state);
        _coercion = new Coercion(state);
    }

    internal Coercion Coercion => _coercion;

    /// <summary>The bound expression; a bare literal or parameter may come back without a type.</summary>
    /// <exception cref="SqlException">With its place, and a hint where one helps.</exception>
    internal ScalarExpression Bind(Expression expression)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack() || ++_nesting > NestingMax)
        {
            throw new SqlException(SqlState.StatementTooComplex, "stack depth limit exceeded", hint:
                "The expression is nested too deeply.");
        }
        try
        {
            return Dispatch(expression);
        }
        finally
        {
            _nesting--;
        }
    }

    /// <summary>The bound expression; what has no type is text.</summary>
    internal ScalarExpression BindSettled(Expression expression) => _coercion.Settle(Bind(expression));

    /// <exception cref="SqlException">42804: it is not boolean, or returns a set.</exception>
    internal ScalarExpression BindCondition(Expression expression, string construct)
    {
        int sets = SetCount;
        ScalarExpression condition = _coercion.ToBoolean(Bind(expression), construct, Start(expression));
        return SetCount == sets ? condition : throw ReturnsSet(construct, Start(expression));
    }

    private static SqlException ReturnsSet(string construct, int position) =>
        new(SqlState.DatatypeMismatch, $"argument of {construct} must not return a set", position);

    /// <summary>How many calls of the query return sets; more after an expression has been bound if it returns one.</summary>
    private int SetCount => _scope.SetCallLevels.Count;

    private void RefuseSets(int before, string construct, int position)
    {
        if (SetCount == before)
            return;
        throw new SqlException(SqlState.FeatureNotSupported, $"set-returning functions are not allowed in {construct}", position,
            "You might be able to move the set-returning function into a LATERAL FROM item.");
    }

    private ScalarExpression Dispatch(Expression expression)
    {
        switch (expression)
        {
            case IntegerLiteral literal:
                return _state.Open(literal.Number, literal.Text, isNumber: true,
                    LiteralReader.Integer(literal.Text, literal.Position, _state.Context.Format));
            case NumericLiteral literal:
                return _state.Open(literal.Number, literal.Text, isNumber: true,
                    LiteralReader.Read(literal.Text, SqlType.Numeric, literal.Position, _state.Context.Format));
            case StringLiteral literal:
                _state.NoteValue(literal.Number);
                return new UnknownLiteral(literal.Value, literal.Position) { Number = literal.Number };
            case NullLiteral literal:
                return new UnknownLiteral(null, literal.Position);
            case BitStringLiteral literal:
                return LiteralReader.Read(
                    literal.Bits, new SqlType(TypeOid.Bit, literal.Bits.Length), literal.Position,
                        _state.Context.Format);
            case BooleanLiteral literal:
                return LiteralReader.Bool(literal.Value);
            case ParameterReference parameter:
                return _scope.Argument(parameter.Number, parameter.Position)
                    ?? _state.Parameter(parameter.Number, parameter.Position);
            case ColumnReference column:
                return BindColumn(column);
            case FunctionCall call:
                return BindCall(call);
            case BinaryExpression binary:
                return BindBinary(binary);
            case UnaryExpression unary:
                return BindUnary(unary);
            case LogicalExpression logical:
                return new LogicalOperation(logical.IsAnd, Coercion.List(
                    logical.Operands.Select(operand => BindCondition(operand, logical.IsAnd ? "AND" : "OR"))));
            case NotExpression not:
                return new NotOperation(BindCondition(not.Operand, "NOT"));
            case CastExpression cast:
                return BindCast(cast);
            case CaseExpression choice:
                return BindCase(choice);
            default:
                return DispatchTests(expression);
        }
    }

    private ScalarExpression DispatchTests(Expression expression)
    {
        switch (expression)
        {
            case IsNullExpression test:
                return new NullTest(KeepParameter(Bind(test.Operand)), test.IsNegated);
            case BooleanTestExpression test:
                return new BooleanTest(BindCondition(test.Operand, BooleanTestName(test)), test.Value, test.IsNegated);
            case DistinctFromExpression distinct:
                return BindDistinctFrom(distinct);
            case BetweenExpression between:
                return BindBetween(between);
            case InListExpression inList:
                return BindInList(inList);
            case LikeExpression like:
                return BindLike(like);
            case QuantifiedArrayExpression quantified:
                return BindQuantifiedArray(quantified);
            case CoalesceExpression coalesce:
            {
                int sets = SetCount;
                (ScalarExpression[] items, uint type) = BindCommon(coalesce.Items, "COALESCE");
                RefuseSets(sets, "COALESCE", Start(coalesce.Items[0]));
                return new CoalesceOperation(CommonModifier(items, type), new ValueList<ScalarExpression>(items));
            }
            case MinMaxExpression minMax:
            {
                (ScalarExpression[] items, uint type) =
                    BindCommon(minMax.Items, minMax.IsGreatest ? "GREATEST" : "LEAST");
                RequireOrdering(type, minMax.Position);
                return new MinMaxOperation(
                    CommonModifier(items, type), minMax.IsGreatest, new ValueList<ScalarExpression>(items));
            }
            case NullIfExpression nullIf:
                return BindNullIf(nullIf);
            default:
                return DispatchRest(expression);
        }
    }

    private ScalarExpression DispatchRest(Expression expression) => expression switch
    {
        ExistsExpression or ScalarQueryExpression or ArrayQueryExpression or QuantifiedQueryExpression =>
            BindSubquery(expression),
        ArrayExpression array => BindArray(array, target: null),
        RowExpression row => BindRow(row),
        SubscriptExpression subscript => BindSubscript(subscript),
        FieldExpression field => BindField(field),
        CollateExpression collate => BindCollate(collate),
        KeywordValueExpression keyword => BindKeyword(keyword),
        GroupingExpression grouping => BindGrouping(grouping),
        DefaultExpression => throw new SqlException(
            SqlState.SyntaxError, "DEFAULT is not allowed in this context", expression.Position),
        StarExpression { Qualifier: { } table } star => BindWholeRow(table, star.Position),
        StarExpression => throw new SqlException(
            SqlState.SyntaxError, "row expansion via \"*\" is not supported here", expression.Position),
        _ => throw new SqlException(
            SqlState.FeatureNotSupported, $"{expression.GetType().Name} is not supported", expression.Position),
    };

    /// <summary>t.* where one value is wanted, as in count(t.*): the row.</summary>
    private ScalarExpression BindWholeRow(QualifiedName table, int position) =>
        _names.WholeRow(_names.FindTable(table.Schema, table.Name, _scope, position), position)
        ?? throw NameHints.TableNotFound(_scope, table.Name, position);

    private ScalarExpression BindColumn(ColumnReference reference)
    {
        if (_scope.Place == ExpressionPlace.Default)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "cannot use column reference in DEFAULT expression", reference.Position);
        }
        return _names.Column(reference, _scope);
    }

    /// <summary>IS NULL needs no type; a parameter that nothing else gives one to is an error at the end.</summary>
    private ScalarExpression KeepParameter(ScalarExpression operand) =>
        operand is UnknownParameter ? operand : _coercion.Settle(operand);

    private static string BooleanTestName(BooleanTestExpression test) =>
        (test.IsNegated ? "IS NOT " : "IS ") + test.Value switch
    {
        true => "TRUE",
        false => "FALSE",
        null => "UNKNOWN",
    };

    private ScalarExpression BindCast(CastExpression cast)
    {
        SqlType target = TypeResolver.Resolve(cast.Type, _state.Context);
        if (cast.Operand is ArrayExpression array && TypeFacts.IsTrueArray(target.Oid))
            return Coercion.WithModifier(BindArray(array, target), target, CastContext.Explicit);
        ScalarExpression operand = Bind(cast.Operand);
        if (operand.Type.Oid == target.Oid && target.Modifier < 0)
            return operand.Type.Modifier < 0 ? operand : new RelabelExpression(target, operand);
        int position = Start(cast.Operand);
        return _coercion.TryConvert(operand, target, CastContext.Explicit, position)
            ?? throw Coercion.CannotCast(operand.Type.Oid, target.Oid, Place(cast));
    }

    private ScalarExpression BindCase(CaseExpression choice)
    {
        int sets = SetCount;
        ScalarExpression? operand = choice.Operand is null ? null : BindSettled(choice.Operand);
        var conditions = new ScalarExpression[choice.Whens.Count];
        var results = new ScalarExpression[choice.Whens.Count + 1];
        var positions = new int[results.Length];
        for (int i = 0; i < choice.Whens.Count; i++)
        {
            WhenClause when = choice.Whens[i];
            conditions[i] = operand is null
                ? BindCondition(when.Condition, "CASE/WHEN")
                : _coercion.ToBoolean(
                    BuildOperator(new OperatorName("="), operand, Bind(when.Condition), when.Condition.Position),
                    "CASE/WHEN", when.Condition.Position);
            results[i] = Bind(when.Result);
            positions[i] = Start(when.Result);
        }
        results[^1] = choice.Else is null ? new UnknownLiteral(null, choice.Position) : Bind(choice.Else);
        positions[^1] = choice.Else is null ? choice.Position : Start(choice.Else);
        RefuseSets(sets, "CASE", positions[0]);
        // ELSE is looked at first, as PostgreSQL does: it decides ties.
        uint[] types = [results[^1].Type.Oid, .. results[..^1].Select(result => result.Type.Oid)];
        uint common = CommonType.Select(types, [positions[^1], .. positions[..^1]], "CASE");
        var branches = new CaseBranch[conditions.Length]; // a condition of CASE x WHEN compares x, on its left
        for (int i = 0; i < branches.Length; i++)
        {
            results[i] = _coercion.ToCommon(results[i], common, "CASE/WHEN", positions[i]);
            branches[i] = new CaseBranch(conditions[i], results[i]);
        }
        results[^1] = _coercion.ToCommon(results[^1], common, "CASE/ELSE", positions[^1]);
        SqlType type = CommonModifier(results, common);
        var bound = new CaseOperation(type, new ValueList<CaseBranch>(branches), choice.Else is null ? null : results[^1]);
        if (operand is not null)
            _state.Forms?.CaseOperands.Add(bound, operand);
        return bound;
    }

    private (ScalarExpression[] Items, uint Type) BindCommon(IReadOnlyList<Expression> syntax, string context)
    {
        ScalarExpression[] items = [.. syntax.Select(Bind)];
        int[] positions = [.. syntax.Select(Start)];
        uint common = CommonType.Select([.. items.Select(item => item.Type.Oid)], positions, context);
        for (int i = 0; i < items.Length; i++)
            items[i] = _coercion.ToCommon(items[i], common, context, positions[i]);
        return (items, common);
    }

    /// <summary>The type with the modifier that all have; without one where they differ.</summary>
    internal static SqlType CommonModifier(IReadOnlyList<ScalarExpression> items, uint type)
    {
        int modifier = items[0].Type.Modifier;
        foreach (ScalarExpression item in items)
        {
            if (item.Type.Oid != type || item.Type.Modifier != modifier)
                return new SqlType(type);
        }
        return new SqlType(type, modifier);
    }

    private ScalarExpression BindCollate(CollateExpression collate)
    {
        ScalarExpression operand = BindSettled(collate.Operand);
        if (!BuiltinTypes.IsCollatable(operand.Type.Oid))
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"collations are not supported by type {TypeFacts.Name(operand.Type.Oid)}", Place(collate));
        }
        string name = collate.Collation.Name;
        if (name is not ("default" or "C" or "POSIX" or "ucs_basic" or "C.UTF-8" or "C.utf8"))
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"collation \"{collate.Collation}\" for encoding \"UTF8\" does not exist", Place(collate));
        }
        ScalarExpression collated = _state.Collations.Write(operand, name);
        _state.Forms?.Collations.Add(collated, collate.Collation);
        return collated;
    }

    private ScalarExpression BindKeyword(KeywordValueExpression keyword)
    {
        ScalarExpression value = KeywordValue(keyword);
        _state.Forms?.Words.Add(value, keyword);
        return value;
    }

    private ScalarExpression KeywordValue(KeywordValueExpression keyword)
    {
        int modifier = keyword.Precision is { } digits ? Math.Min(digits, TypeModifiers.FractionDigitsMax) : -1;
        return keyword.Keyword switch
        {
            "current_timestamp" => Now(TypeOid.TimestampTz, modifier),
            "localtimestamp" => Now(TypeOid.Timestamp, modifier),
            "current_date" => Now(TypeOid.Date, -1),
            "current_time" => Now(TypeOid.TimeTz, modifier),
            "localtime" => Now(TypeOid.Time, modifier),
            "current_user" or "user" or "current_role" => CallByName("current_user", keyword.Position),
            "session_user" => CallByName("session_user", keyword.Position),
            "current_catalog" => CallByName("current_database", keyword.Position),
            "current_schema" => CallByName("current_schema", keyword.Position),
            _ => throw new SqlException(SqlState.FeatureNotSupported, $"{keyword.Keyword} is not supported",
                keyword.Position),
        };

        ScalarExpression Now(uint type, int modifier)
        {
            SqlType target = new(type, modifier);
            ScalarExpression now = CallByName("now", keyword.Position);
            return _coercion.TryConvert(now, target, CastContext.Explicit, keyword.Position)
                ?? throw Coercion.CannotCast(now.Type.Oid, type, keyword.Position);
        }
    }

    private CallExpression CallByName(string name, int position)
    {
        foreach (FunctionEntry function in FunctionRegistry.FindFunctions(name))
        {
            if (function.Arguments.IsEmpty)
                return new CallExpression(new SqlType(function.Result), function, []);
        }
        throw new SqlException(SqlState.FeatureNotSupported, $"{name} is not supported", position);
    }

    private static void RequireOrdering(uint type, int position)
    {
        if (TypeOperators.Less(type) is null)
        {
            throw new SqlException(SqlState.UndefinedFunction,
                $"could not identify a comparison function for type {TypeFacts.Name(type)}", position);
        }
    }

    /// <summary>Where the expression's leftmost word stands.</summary>
    internal static int Start(Expression expression) => SyntaxPlaces.Start(expression);
}
