using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Rules;

/// <summary>Computes at plan time what depends on nothing, and simplifies what its constants decide.</summary>
/// <remarks>An expression that fails is left as it is: it may stand in a branch that no row reaches.</remarks>
internal sealed class ConstantFolding(PlannerContext context)
{
    internal LogicalPlan Apply(LogicalPlan plan) =>
        PlanTree.MapAllExpressions(plan, expression => ExpressionTree.RewriteUp(expression, Fold));

    internal ScalarExpression Apply(ScalarExpression expression) => ExpressionTree.RewriteUp(expression, Fold);

    private ScalarExpression Fold(ScalarExpression node) => node switch
    {
        LogicalOperation logical => FoldLogical(logical),
        NotOperation { Operand: NotOperation inner } => inner.Operand,
        NotOperation { Operand: ConstantExpression { IsNull: false, Value: BoolColumn value } } =>
            LiteralReader.Bool(!value[0]),
        NotOperation { Operand: ConstantExpression { IsNull: true } none } => none,
        CoalesceOperation coalesce => FoldCoalesce(coalesce),
        NullIfOperation { Left: ConstantExpression { IsNull: true }, Left.Type: var type } none when type == none.Type => none.Left,
        NullIfOperation { Right: ConstantExpression { IsNull: true }, Left: var same } choice when same.Type == choice.Type => same,
        CaseOperation choice => FoldCase(choice),
        CallExpression { Function.IsStrict: true, Function.ReturnsSet: false } call when HasNull(call) =>
            Coercion.Null(call.Type),
        InlinedCall { Function.IsStrict: true } call when HasNull(call.Arguments.AsSpan()) => Coercion.Null(call.Type),
        RelabelExpression { Operand: ConstantExpression { IsNull: true } } or TextCastExpression { Operand: ConstantExpression { IsNull: true } }
            or ArrayCastExpression { Operand: ConstantExpression { IsNull: true } } => Coercion.Null(node.Type),
        MinMaxOperation { Operands: var compared } when compared.All(static operand => operand is ConstantExpression { IsNull: true }) =>
            Coercion.Null(node.Type),
        CallExpression call when CanFold(call) => Evaluate(call),
        CallExpression call => DateBounds.Apply(call),
        RelabelExpression or TextCastExpression or ArrayCastExpression or ArrayConstruction
            or MinMaxOperation or DistinctTest or NullTest or BooleanTest or SubscriptOperation
            or NullIfOperation { Equality.Function.Volatility: Volatility.Immutable }
            or InListOperation { Equality.Volatility: Volatility.Immutable } or ArrayComparison { Function.Volatility: Volatility.Immutable }
            when HasOnlyConstants(node) && IsPure(node) => Evaluate(node),
        _ => node,
    };

    private static bool HasNull(CallExpression call) =>
        call.Function.Kind == FunctionKind.Scalar && HasNull(call.Arguments.AsSpan());

    private static bool HasNull(ReadOnlySpan<ScalarExpression> arguments)
    {
        foreach (ScalarExpression argument in arguments)
        {
            if (argument is ConstantExpression { IsNull: true })
                return true;
        }
        return false;
    }

    private static bool CanFold(CallExpression call) =>
        call.Function is { ReturnsSet: false, Kind: FunctionKind.Scalar }
        && (call.Function.Volatility == Volatility.Immutable || (IsOverText(call) && call.Arguments.All(static argument => IsPlain(argument.Type.Oid))))
        && call.Arguments.Count > 0 && call.Type.Oid != TypeOid.Record && AreConstants(call.Arguments.AsSpan());

    private static bool AreConstants(ReadOnlySpan<ScalarExpression> arguments)
    {
        foreach (ScalarExpression argument in arguments)
        {
            if (argument is not ConstantExpression)
                return false;
        }
        return true;
    }

    /// <summary>Casts through text depend on settings for some types; reg types on the catalog.</summary>
    internal static bool IsPure(ScalarExpression node) => node switch
    {
        TextCastExpression cast => IsPlain(cast.Type.Oid) && IsPlain(cast.Operand.Type.Oid),
        ArrayCastExpression cast => !ExpressionTree.Any(cast.ElementCast, static inner =>
            (inner is TextCastExpression && !IsPure(inner)) || inner is CallExpression { Function.Volatility: not Volatility.Immutable }),
        _ => !LiteralReader.NeedsSession(node.Type.Oid),
    };

    /// <summary>A function of the text of whatever it is given, which depends on settings for some types and not for others.</summary>
    internal static bool IsOverText(CallExpression call) =>
        call.Function is { Volatility: Volatility.Stable, Name: "textanycat" or "anytextcat" or "quote_literal" or "quote_nullable" };

    /// <summary>PostgreSQL holds the text of these types to be always the same, though settings may change its form.</summary>
    internal static bool IsTextOfAlways(uint type) => IsPlain(type) || type is TypeOid.Bytea or TypeOid.Float4 or TypeOid.Float8
        or TypeOid.Time or TypeOid.TimeTz or TypeOid.Bit or TypeOid.VarBit;

    private static bool IsPlain(uint type) => type is TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Int2
        or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Bool or TypeOid.Numeric or TypeOid.Uuid or TypeOid.Name
        or TypeOid.Vector or TypeOid.HalfVector or TypeOid.SparseVector or TypeOid.Json or TypeOid.Jsonb;

    private static bool HasOnlyConstants(ScalarExpression node)
    {
        bool only = true, any = false;
        ExpressionTree.VisitChildren(node, child =>
        {
            any = true;
            only &= child is ConstantExpression;
        });
        return any && only;
    }

    private ScalarExpression Evaluate(ScalarExpression node)
    {
        try
        {
            return new ConstantExpression(node.Type, context.Evaluator.Evaluate(node, context.Format));
        }
        catch (SqlException)
        {
            return node; // fails when it is reached, if it is
        }
    }

    /// <summary>The first value that is surely there ends the list.</summary>
    private static ScalarExpression FoldCoalesce(CoalesceOperation coalesce)
    {
        List<ScalarExpression> kept = [];
        foreach (ScalarExpression operand in coalesce.Operands)
        {
            if (operand is ConstantExpression { IsNull: true })
                continue;
            kept.Add(operand);
            if (operand is ConstantExpression)
                break;
        }
        return kept.Count == coalesce.Operands.Count
            ? coalesce
            : kept switch
            {
                [] => Coercion.Null(coalesce.Type),
                [var only] when only.Type == coalesce.Type => only,
                _ => coalesce with { Operands = Coercion.List(kept) },
            };
    }

    private static ScalarExpression FoldLogical(LogicalOperation logical)
    {
        List<ScalarExpression> kept = [];
        foreach (ScalarExpression operand in logical.Operands)
        {
            if (operand is ConstantExpression { IsNull: false, Value: BoolColumn value })
            {
                if (value[0] != logical.IsAnd)
                    return LiteralReader.Bool(!logical.IsAnd); // false decides AND, true decides OR
                continue;
            }
            if (operand is LogicalOperation inner && inner.IsAnd == logical.IsAnd)
                kept.AddRange(inner.Operands);
            else
                kept.Add(operand);
        }
        if (kept.Count == 0)
            return LiteralReader.Bool(logical.IsAnd);
        if (kept.Count == 1 || kept.TrueForAll(static operand => operand is ConstantExpression))
            return kept[0]; // null, as the others that are left
        return kept.SequenceEqual(logical.Operands)
            ? logical
            : logical with { Operands = new ValueList<ScalarExpression>([.. kept]) };
    }

    private static ScalarExpression FoldCase(CaseOperation choice)
    {
        List<CaseBranch> kept = [];
        foreach (CaseBranch branch in choice.Branches)
        {
            bool? decided = branch.Condition is ConstantExpression constant
                ? !constant.IsNull && constant.Value is BoolColumn value && value[0]
                : null;
            if (decided == false)
                continue;
            if (decided == true)
            {
                if (kept.Count == 0)
                    return branch.Result;
                return choice with { Branches = new ValueList<CaseBranch>([.. kept]), Else = branch.Result };
            }
            kept.Add(branch);
        }
        if (kept.Count == choice.Branches.Count)
            return choice;
        return kept.Count == 0
            ? choice.Else ?? Coercion.Null(choice.Type)
            : choice with { Branches = new ValueList<CaseBranch>([.. kept]) };
    }
}
