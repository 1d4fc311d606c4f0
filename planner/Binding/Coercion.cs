using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Builds conversions: the executor never looks for casts, so each is in the tree.</summary>
internal sealed class Coercion(BindingState state)
{
    /// <summary>
    /// The expression as a value of the type with its modifier; null where the context does not allow it.
    /// </summary>
    internal ScalarExpression? TryConvert(ScalarExpression expression, SqlType target, CastContext context,
        int position)
    {
        if (!CastPath.CanCoerce(expression.Type.Oid, target.Oid, context))
            return null;
        RefuseLength(expression, target, position);
        ScalarExpression value = Coerce(expression, target, context, position);
        ScalarExpression result = WithModifier(value, target, context);
        // One conversion in two steps shows as one.
        if (!ReferenceEquals(result, value) && !ReferenceEquals(value, expression) && value.Form == CallForm.Explicit)
            value.Form = CallForm.Implicit;
        return result;
    }

    /// <summary>
    /// The expression as a value of the type, whose modifier matters only to conversions that take one.
    /// </summary>
    internal ScalarExpression Coerce(ScalarExpression expression, SqlType target, CastContext context, int position)
    {
        if (expression is UnknownLiteral literal)
        {
            if (target.Oid == TypeOid.Unknown)
                return literal;
            if (target.Oid == TypeOid.Any) // nothing asks for a type, so it stays without one
            {
                state.Context.Literals?.Fix(literal.Number);
                return state.Mark(literal.Value is { } text
                    ? LiteralReader.Text(text) with { Type = new SqlType(TypeOid.Unknown) }
                    : Null(new SqlType(TypeOid.Unknown)), literal.Position);
            }
            if (TypeFacts.IsPolymorphic(target.Oid))
                return Settle(literal);
            // An interval's fields decide how its text is read.
            SqlType read = target.Oid == TypeOid.Interval ? target : new SqlType(target.Oid);
            return state.Mark(state.Read(literal, read), literal.Position);
        }
        if (expression is UnknownParameter parameter)
        {
            if (target.Oid == TypeOid.Any)
                return parameter; // an error at the end, unless another place gives it a type
            if (TypeFacts.IsPolymorphic(target.Oid))
                return state.ResolveParameter(parameter, TypeOid.Text);
            return state.ResolveParameter(parameter, target.Oid);
        }
        uint source = expression.Type.Oid;
        if (source == target.Oid || target.Oid == TypeOid.Any || TypeFacts.IsPolymorphic(target.Oid))
            return expression;
        CastPath path = CastPath.Find(source, target.Oid, context);
        ScalarExpression converted = path.Kind switch
        {
            CastPathKind.Function when path.Function is { } function =>
                As(Call(function, expression, target, context), target.Oid),
            CastPathKind.Relabel when state.Forms is not null => new RelabelExpression(new SqlType(target.Oid), expression),
            CastPathKind.Relabel => Relabel(expression, target.Oid),
            CastPathKind.Elements => OfElements(expression, target, context, position),
            CastPathKind.Text => new TextCastExpression(new SqlType(target.Oid), expression),
            _ => throw CannotCast(source, target.Oid, position),
        };
        converted.Form = context == CastContext.Explicit ? CallForm.Explicit : CallForm.Implicit;
        return converted;
    }

    /// <summary>What a model makes has a length that is known before any row is.</summary>
    private static void RefuseLength(ScalarExpression expression, SqlType target, int position)
    {
        (int made, int wanted) = (expression.Type.Modifier, target.Modifier);
        if (made >= 0 && wanted >= 0 && made != wanted && target.Oid is TypeOid.Vector or TypeOid.HalfVector
            && EmbedCalls.IsEmbed(expression))
        {
            throw new SqlException(SqlState.DataException, $"expected {wanted} dimensions, not {made}", position);
        }
    }

    internal static SqlException CannotCast(uint source, uint target, int position) => new(
        SqlState.CannotCoerce, $"cannot cast type {TypeFacts.Name(source)} to {TypeFacts.Name(target)}", position);

    /// <summary>Applies the target's modifier: cuts, pads, rounds or checks the value.</summary>
    internal static ScalarExpression WithModifier(ScalarExpression expression, SqlType target, CastContext context)
    {
        if (target.Modifier < 0 || expression.Type == target)
            return expression;
        if (FunctionRegistry.FindCast(target.Oid, target.Oid) is { Method: CastMethod.Function } cast
            && FunctionRegistry.FindFunction(cast.Function) is { } function)
        {
            return LengthCall(function, expression, target, context);
        }
        uint element = TypeFacts.IsTrueArray(target.Oid) ? BuiltinTypes.ElementOf(target.Oid) : 0;
        if (element != 0 && FunctionRegistry.FindCast(element, element) is { Method: CastMethod.Function } elementCast
            && FunctionRegistry.FindFunction(elementCast.Function) is { } elementFunction)
        {
            SqlType item = new(element, target.Modifier);
            ScalarExpression input = new InputExpression(new SqlType(element), 0);
            return new ArrayCastExpression(target, expression, LengthCall(elementFunction, input, item, context))
            {
                Form = context == CastContext.Explicit ? CallForm.Explicit : CallForm.Implicit,
            };
        }
        return expression;
    }

    /// <summary>A condition: the expression as boolean.</summary>
    /// <exception cref="SqlException">42804, naming the construct.</exception>
    internal ScalarExpression ToBoolean(ScalarExpression expression, string construct, int position)
    {
        ScalarExpression? condition = TryConvert(expression, SqlType.Bool, CastContext.Assignment, position);
        return condition ?? throw new SqlException(SqlState.DatatypeMismatch,
            $"argument of {construct} must be type boolean, not type {TypeFacts.Name(expression.Type.Oid)}", position);
    }

    /// <summary>The expression converted without being asked, to a type chosen for several expressions.</summary>
    internal ScalarExpression ToCommon(ScalarExpression expression, uint common, string context, int position)
    {
        if (!CastPath.CanCoerce(expression.Type.Oid, common, CastContext.Implicit))
        {
            throw new SqlException(SqlState.CannotCoerce,
                $"{context} could not convert type {TypeFacts.Name(expression.Type.Oid)} to {TypeFacts.Name(common)}",
                position);
        }
        return Coerce(expression, new SqlType(common), CastContext.Implicit, position);
    }

    /// <summary>What nothing gave a type to is text.</summary>
    internal ScalarExpression Settle(ScalarExpression expression) => expression switch
    {
        UnknownLiteral literal => state.Mark(state.Read(literal, SqlType.Text), literal.Position),
        UnknownParameter parameter => state.ResolveParameter(parameter, TypeOid.Text),
        _ => expression.Type.Oid == TypeOid.Unknown ? Relabel(expression, TypeOid.Text) : expression,
    };

    internal static ScalarExpression Relabel(ScalarExpression expression, uint target)
    {
        SqlType type = new(target);
        return expression switch
        {
            // int4 and the object id types are binary-coercible but stored in different widths.
            ConstantExpression constant when IsStoredAlike(constant.Type.Oid, target) => constant with { Type = type },
            _ => new RelabelExpression(type, expression),
        };
    }

    private static bool IsStoredAlike(uint source, uint target) =>
        !BuiltinTypes.TryFind(source, out TypeEntry? from) || !BuiltinTypes.TryFind(target, out TypeEntry? to)
            || from.Physical == to.Physical;

    /// <summary>A cast's function may give a type that is binary-coercible to the one asked for: int2 becomes oid by
    /// way of int4, bpchar becomes varchar by way of text.</summary>
    private static ScalarExpression As(ScalarExpression value, uint target) =>
        value.Type.Oid == target || TypeFacts.IsPolymorphic(value.Type.Oid) ? value : Relabel(value, target);

    private static CallExpression Call(FunctionEntry function, ScalarExpression operand, SqlType target,
        CastContext context)
    {
        // A conversion that takes the modifier applies it itself.
        if (function.Arguments.Length > 1)
            return LengthCall(function, operand, target, context);
        return new CallExpression(new SqlType(function.Result), function, [Fit(operand, function.Arguments[0])])
        {
            Form = CallForm.Implicit,
        };
    }

    private static CallExpression LengthCall(
        FunctionEntry function, ScalarExpression operand, SqlType target, CastContext context)
    {
        ScalarExpression value = Fit(operand, function.Arguments[0]);
        ScalarExpression modifier = LiteralReader.Int4(target.Modifier);
        ScalarExpression isExplicit = LiteralReader.Bool(context == CastContext.Explicit);
        return new CallExpression(target, function, function.Arguments.Length switch
        {
            1 => [value],
            2 => [value, modifier],
            _ => [value, modifier, isExplicit],
        })
        {
            Form = context == CastContext.Explicit ? CallForm.Explicit : CallForm.Implicit,
        };
    }

    /// <summary>A cast function may take a type that the source is binary-coercible to.</summary>
    private static ScalarExpression Fit(ScalarExpression operand, uint declared) =>
        operand.Type.Oid == declared || TypeFacts.IsPolymorphic(declared) || declared == TypeOid.Any
            ? operand
            : Relabel(operand, declared);

    private ScalarExpression OfElements(ScalarExpression expression, SqlType target, CastContext context, int position)
    {
        SqlType source = new(BuiltinTypes.ElementOf(expression.Type.Oid));
        SqlType element = new(BuiltinTypes.ElementOf(target.Oid), target.Modifier);
        ScalarExpression cast = Coerce(new InputExpression(source, 0), element, context, position);
        cast = WithModifier(cast, element, context);
        return new ArrayCastExpression(target, expression, cast);
    }

    /// <summary>A null of the type.</summary>
    internal static ConstantExpression Null(SqlType type) =>
        ConstantExpression.Null(type, BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) ? entry.Physical
            : PhysicalType.Binary);

    /// <summary>Row-wise lists need a ValueList; this keeps call sites short.</summary>
    internal static ValueList<ScalarExpression> List(IEnumerable<ScalarExpression> items) => new([.. items]);
}
