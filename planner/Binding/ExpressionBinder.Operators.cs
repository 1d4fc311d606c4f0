using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Operators, comparisons and tests.</summary>
internal sealed partial class ExpressionBinder
{
    private ScalarExpression BindBinary(BinaryExpression binary)
    {
        int position = PositionOf(binary.Operator, binary.Position);
        return BindComparison(binary.Operator, binary.Left, binary.Right, position);
    }

    /// <summary>An operator between two expressions; rows that are written out are compared item by item.</summary>
    private ScalarExpression BindComparison(OperatorName name, Expression left, Expression right, int position) => (left, right) switch
    {
        (RowExpression row, RowExpression other) => BindRowComparison(name, row, other, position),
        (RowExpression row, ScalarQueryExpression query) => BindRowQueryComparison(name, row, query.Query, position),
        _ => BuildOperator(name, Bind(left), Bind(right), position),
    };

    private CallExpression BindUnary(UnaryExpression unary)
    {
        int position = PositionOf(unary.Operator, unary.Position);
        ScalarExpression operand = Bind(unary.Operand);
        CheckSchema(unary.Operator, position);
        OperatorEntry op = OperatorChoice.Find(unary.Operator, 0, operand.Type.Oid, position);
        return BuildCall(op, [operand], [op.Right], position);
    }

    private void CheckSchema(OperatorName name, int position)
    {
        if (name.Schema is { } schema)
            new NameLookup(_state).CheckSchema(schema, position);
    }

    private static int PositionOf(OperatorName name, int fallback)
    {
        int own = name.Position; // positions compare as equal, numbers do not
        return own == 0 ? fallback : own;
    }

    /// <summary>Where PostgreSQL places an error about the node: at its operator, where it has one.</summary>
    private static int Place(Expression expression)
    {
        int own = expression.OperatorPosition;
        return own == 0 ? expression.Position : own;
    }

    /// <summary>The operator that fits the operands, over the converted operands.</summary>
    internal CallExpression BuildOperator(OperatorName name, ScalarExpression left, ScalarExpression right,
        int position)
    {
        CheckSchema(name, position);
        OperatorEntry op = OperatorChoice.Find(name, left.Type.Oid, right.Type.Oid, position);
        CallExpression call = BuildCall(op, [left, right], [op.Left, op.Right], position);
        return WithinSphere(op.Name, call, position) ?? call;
    }

    /// <summary><c>v &lt;&lt;-&gt;&gt; sphere(center, radius)</c> as <c>v &lt;-&gt; center &lt; radius</c>, which scans know how to answer.</summary>
    private CallExpression? WithinSphere(string symbol, CallExpression call, int position)
    {
        string? distance = symbol switch
        {
            "<<->>" => "<->",
            "<<#>>" => "<#>",
            "<<=>>" => "<=>",
            _ => null,
        };
        if (distance is null || call.Arguments[1] is not CallExpression { Function.Name: "sphere", Arguments: [var center, var radius] })
            return null;
        return BuildOperator(new OperatorName("<"), BuildOperator(new OperatorName(distance), call.Arguments[0], center, position),
            _coercion.Coerce(radius, SqlType.Float8, CastContext.Implicit, position), position);
    }

    private CallExpression BuildCall(OperatorEntry op, ScalarExpression[] operands, uint[] declared, int position)
    {
        FunctionEntry function = FunctionRegistry.FindFunction(op.Function)
            ?? throw new SqlException(SqlState.UndefinedFunction, $"operator is only a shell: {op.Name}", position);
        uint[] actual = [.. operands.Select(operand => operand.Type.Oid)];
        uint result = Polymorphism.Resolve(actual, declared, function.Result, position);
        var converted = new ScalarExpression[operands.Length];
        for (int i = 0; i < operands.Length; i++)
            converted[i] = _coercion.Coerce(operands[i], new SqlType(declared[i]), CastContext.Implicit, position);
        var call = new CallExpression(new SqlType(result), function, new ValueList<ScalarExpression>(converted))
        {
            Form = CallForm.Operator,
        };
        return _state.RefuseMixed(_state.Mark(call, position), position);
    }

    private ScalarExpression BindDistinctFrom(DistinctFromExpression distinct)
    {
        if (distinct is { Left: RowExpression row, Right: RowExpression other })
            return BindRowDistinct(distinct, row, other);
        ScalarExpression left = Bind(distinct.Left), right = Bind(distinct.Right);
        if (left is UnknownLiteral { Value: null })
            return new NullTest(KeepParameter(right), !distinct.IsNegated);
        if (right is UnknownLiteral { Value: null })
            return new NullTest(KeepParameter(left), !distinct.IsNegated);
        CallExpression equal = BuildOperator(new OperatorName("="), left, right, Place(distinct));
        RequireBoolean(equal, "IS DISTINCT FROM", distinct.Position);
        return new DistinctTest(equal.Arguments[0], equal.Arguments[1], equal.Function, distinct.IsNegated);
    }

    /// <summary>Rows that are written out are distinct where any of their items are.</summary>
    private ScalarExpression BindRowDistinct(DistinctFromExpression distinct, RowExpression row, RowExpression other)
    {
        List<ScalarExpression> lefts = BindItems(row), rights = BindItems(other);
        if (lefts.Count != rights.Count)
            throw new SqlException(SqlState.SyntaxError, "unequal number of entries in row expressions", Place(distinct));
        ScalarExpression[] tests = [.. lefts.Zip(rights, (left, right) =>
        {
            CallExpression equal = BuildOperator(new OperatorName("="), left, right, Place(distinct));
            RequireBoolean(equal, "IS DISTINCT FROM", distinct.Position);
            return new DistinctTest(equal.Arguments[0], equal.Arguments[1], equal.Function, distinct.IsNegated);
        })];
        return tests switch
        {
            [] => LiteralReader.Bool(distinct.IsNegated),
            [var only] => only,
            _ => new LogicalOperation(IsAnd: distinct.IsNegated, new ValueList<ScalarExpression>(tests)),
        };
    }

    private NullIfOperation BindNullIf(NullIfExpression nullIf)
    {
        ScalarExpression left = Bind(nullIf.Left), right = Bind(nullIf.Right);
        CallExpression equal = BuildOperator(new OperatorName("="), left, right, nullIf.Position);
        RequireBoolean(equal, "NULLIF", nullIf.Position);
        ScalarExpression value = equal.Arguments[0];
        return new NullIfOperation(value.Type, value, equal.Arguments[1], equal);
    }

    private static void RequireBoolean(ScalarExpression test, string construct, int position)
    {
        if (test.Type.Oid != TypeOid.Bool)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"{construct} requires = operator to yield boolean", position);
        }
    }

    private ScalarExpression BindBetween(BetweenExpression between)
    {
        // The bounds are bound once for each use, as the operand is: literals take their type from each comparison.
        ScalarExpression Compare(string op, Expression bound) =>
            BindComparison(new OperatorName(op), between.Operand, bound, Place(between));

        ScalarExpression Inside(Expression low, Expression high) =>
            new LogicalOperation(IsAnd: true, [Compare(">=", low), Compare("<=", high)]);

        ScalarExpression Outside(Expression low, Expression high) =>
            new LogicalOperation(IsAnd: false, [Compare("<", low), Compare(">", high)]);

        int sets = SetCount;
        ScalarExpression test = Test();
        return SetCount == sets ? test : throw ReturnsSet(between.IsNegated && !between.IsSymmetric ? "OR" : "AND", Start(between.Operand));

        ScalarExpression Test() => !between.IsSymmetric
            ? between.IsNegated ? Outside(between.Low, between.High) : Inside(between.Low, between.High)
            : between.IsNegated
            ? new LogicalOperation(IsAnd: true,
                [Outside(between.Low, between.High), Outside(between.High, between.Low)])
            : new LogicalOperation(IsAnd: false,
                [Inside(between.Low, between.High), Inside(between.High, between.Low)]);
    }

    private ScalarExpression BindInList(InListExpression inList)
    {
        if (inList.Operand is RowExpression row)
            return BindRowInList(inList, row);
        ScalarExpression operand = Bind(inList.Operand);
        ScalarExpression[] items = [.. inList.Items.Select(Bind)];
        bool isList = items.Length > 1 && !items.Any(item => ExpressionTree.Any(
            item, static node => node is ColumnExpression or SubqueryExpression));
        if (isList)
        {
            uint common = CommonType.TrySelect([operand.Type.Oid, .. items.Select(item => item.Type.Oid)]);
            if (common is not (0 or TypeOid.Record))
                return BuildInList(inList, operand, items, common);
        }
        var name = new OperatorName(inList.IsNegated ? "<>" : "=");
        ScalarExpression[] tests =
            [.. items.Select(item => (ScalarExpression)BuildOperator(name, operand, item, Place(inList)))];
        return tests.Length == 1
            ? tests[0]
            : new LogicalOperation(inList.IsNegated, new ValueList<ScalarExpression>(tests));
    }

    private InListOperation BuildInList(
        InListExpression inList, ScalarExpression operand, ScalarExpression[] items, uint common)
    {
        OperatorEntry op = OperatorChoice.Find(
            new OperatorName(inList.IsNegated ? "<>" : "="), operand.Type.Oid, common, Place(inList));
        if (inList.IsNegated && op.Negator is { } negator)
            op = FunctionRegistry.FindOperator(negator, op.Left, op.Right) ?? op;
        FunctionEntry equality = FunctionRegistry.FindFunction(op.Function)
            ?? throw new SqlException(SqlState.UndefinedFunction, "operator = has no function", inList.Position);
        uint[] declared = [op.Left, op.Right];
        Polymorphism.Resolve([operand.Type.Oid, common], declared, TypeOid.Bool, inList.Position);
        for (int i = 0; i < items.Length; i++)
            items[i] = _coercion.ToCommon(items[i], common, "IN", Start(inList.Items[i]));
        ImmutableArray<ScalarExpression> alike = [.. items];
        for (int i = 0; i < items.Length; i++)
            items[i] = _coercion.Coerce(items[i], new SqlType(declared[1]), CastContext.Implicit, Start(inList.Items[i]));
        operand = _coercion.Coerce(operand, new SqlType(declared[0]), CastContext.Implicit, inList.Position);
        var test = new InListOperation(equality, operand, new ValueList<ScalarExpression>(items), inList.IsNegated);
        _state.Forms?.Lists.Add(test, alike);
        return test;
    }

    private ScalarExpression BindRowInList(InListExpression inList, RowExpression row)
    {
        var name = new OperatorName(inList.IsNegated ? "<>" : "=");
        ScalarExpression[] tests = [.. inList.Items.Select(item => item is RowExpression other
            ? BindRowComparison(name, row, other, Place(inList))
            : BuildOperator(name, BindRow(row), Bind(item), Place(inList)))];
        return tests.Length == 1 ? tests[0]
            : new LogicalOperation(inList.IsNegated, new ValueList<ScalarExpression>(tests));
    }

    private CallExpression BindLike(LikeExpression like)
    {
        ScalarExpression operand = Bind(like.Operand), pattern = Bind(like.Pattern);
        int position = Place(like);
        string symbol = like.Kind switch
        {
            LikeKind.Like => "~~",
            LikeKind.ILike => "~~*",
            _ => "~",
        };
        if (like.Kind == LikeKind.SimilarTo)
        {
            pattern = CallFunction("similar_to_escape",
                like.Escape is null ? [pattern] : [pattern, Bind(like.Escape)], position);
        }
        else if (like.Escape is not null)
        {
            pattern = CallFunction("like_escape", [pattern, Bind(like.Escape)], position);
        }
        return BuildOperator(new OperatorName((like.IsNegated ? "!" : "") + symbol), operand, pattern, position);
    }

    private ArrayComparison BindQuantifiedArray(QuantifiedArrayExpression quantified)
    {
        int position = PositionOf(quantified.Operator, quantified.Position);
        ScalarExpression operand = Bind(quantified.Operand), array = Bind(quantified.Array);
        uint element = TypeOid.Unknown;
        if (array.Type.Oid != TypeOid.Unknown)
        {
            element = BuiltinTypes.ElementOf(array.Type.Oid);
            if (element == 0)
            {
                throw new SqlException(SqlState.WrongObjectType,
                    "op ANY/ALL (array) requires array on right side", position);
            }
        }
        OperatorEntry op = OperatorChoice.Find(quantified.Operator, operand.Type.Oid, element, position);
        if (op.Result != TypeOid.Bool)
        {
            throw new SqlException(SqlState.WrongObjectType,
                "op ANY/ALL (array) requires operator to yield boolean", position);
        }
        FunctionEntry function = FunctionRegistry.FindFunction(op.Function)
            ?? throw new SqlException(SqlState.UndefinedFunction, $"operator is only a shell: {op.Name}", position);
        uint[] declared = [op.Left, op.Right];
        Polymorphism.Resolve([operand.Type.Oid, element], declared, op.Result, position);
        uint arrayType = BuiltinTypes.ArrayOf(declared[1]);
        if (arrayType == 0)
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"could not find array type for data type {TypeFacts.Name(declared[1])}", position);
        }
        operand = _coercion.Coerce(operand, new SqlType(declared[0]), CastContext.Implicit, position);
        if (array.Type.Oid is not (TypeOid.OidVector or TypeOid.Int2Vector)
            || BuiltinTypes.ElementOf(array.Type.Oid) != declared[1])
            array = _coercion.Coerce(array, new SqlType(arrayType), CastContext.Implicit, position);
        return new ArrayComparison(function, operand, array, quantified.IsAll);
    }

    private ScalarExpression BindRowComparison(OperatorName name, RowExpression left, RowExpression right, int position)
    {
        int sets = SetCount;
        List<ScalarExpression> lefts = BindItems(left), rights = BindItems(right);
        if (SetCount != sets)
            throw new SqlException(SqlState.DatatypeMismatch, "row comparison operator must not return a set", position);
        if (lefts.Count != rights.Count)
            throw new SqlException(SqlState.SyntaxError, "unequal number of entries in row expressions", position);
        if (lefts.Count == 0)
            throw new SqlException(SqlState.FeatureNotSupported, "cannot compare rows of zero length", position);
        return BuildRowComparison(name, lefts, rights, position);
    }

    internal ScalarExpression BuildRowComparison(
        OperatorName name, IReadOnlyList<ScalarExpression> lefts, IReadOnlyList<ScalarExpression> rights, int position)
    {
        if (name.Symbol is not ("=" or "<>" or "<" or "<=" or ">" or ">="))
        {
            if (lefts.Count == 1)
                return BuildOperator(name, lefts[0], rights[0], position);
            for (int i = 0; i < lefts.Count; i++)
            {
                CallExpression pair = BuildOperator(name, lefts[i], rights[i], position);
                if (pair.Type.Oid != TypeOid.Bool)
                {
                    throw new SqlException(SqlState.DatatypeMismatch,
                        $"row comparison operator must yield type boolean, not type {TypeFacts.Name(pair.Type.Oid)}",
                        position);
                }
            }
            throw new SqlException(SqlState.FeatureNotSupported,
                $"could not determine interpretation of row comparison operator {name.Symbol}", position,
                "Row comparison operators must be associated with btree operator families.");
        }
        var calls = new CallExpression[lefts.Count];
        for (int i = 0; i < calls.Length; i++)
        {
            calls[i] = BuildOperator(name, lefts[i], rights[i], position);
            if (calls[i].Type.Oid != TypeOid.Bool)
            {
                throw new SqlException(SqlState.DatatypeMismatch,
                    $"row comparison operator must yield type boolean, not type {TypeFacts.Name(calls[i].Type.Oid)}",
                        position);
            }
        }
        if (calls.Length == 1)
            return calls[0];
        if (name.Symbol is "=" or "<>")
            return new LogicalOperation(name.Symbol == "=", new ValueList<ScalarExpression>([.. calls]));
        string strict = name.Symbol[..1];
        var functions = new FunctionEntry[calls.Length];
        var equalities = new FunctionEntry[calls.Length];
        for (int i = 0; i < calls.Length; i++)
        {
            // Only the last pair decides by the operator as written; the earlier ones by its strict form.
            functions[i] = i == calls.Length - 1
                ? calls[i].Function
                : BuildOperator(new OperatorName(strict), lefts[i], rights[i], position).Function;
            equalities[i] = BuildOperator(new OperatorName("="), lefts[i], rights[i], position).Function;
        }
        return new RowComparison(
            name.Symbol, Coercion.List(calls.Select(call => call.Arguments[0])),
            Coercion.List(calls.Select(call => call.Arguments[1])),
            new ValueList<FunctionEntry>(functions), new ValueList<FunctionEntry>(equalities));
    }

    /// <summary>A function by name over bound arguments, for syntax that stands for a call.</summary>
    internal CallExpression CallFunction(string name, ScalarExpression[] arguments, int position)
    {
        var qualified = new QualifiedName(["pg_catalog", name]);
        return ResolveFunction(qualified, arguments, new string?[arguments.Length], isVariadic: false, position);
    }
}
