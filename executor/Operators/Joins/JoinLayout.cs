using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators.Keys;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Joins;

/// <summary>Which columns of its sides a hash join needs, and where they are in prepared batches and in its output.</summary>
internal sealed class JoinLayout
{
    internal JoinLayout(HashJoinPlan plan)
    {
        Plan = plan;
        Kinds = KeyKinds.Of(plan.KeyTypes.AsSpan());
        Residual = CompiledExpressions.CompileOptional(plan.Residual);
        int[] tested = ExpressionTraits.InputOrdinals(plan.Residual);
        int leftCount = plan.Left.Output.Length;
        ColumnCount = leftCount + plan.Right.Output.Length;
        int[] used = [.. plan.Kept.Concat(tested).Distinct().Order()];
        int[] left = [.. used.Where(i => i < leftCount)];
        int[] right = [.. used.Where(i => i >= leftCount).Select(i => i - leftCount)];
        Left = new JoinSide(plan.Left, left, plan.LeftKeys, Kinds);
        Right = new JoinSide(plan.Right, right, plan.RightKeys, Kinds);
        Output = [.. plan.Kept.Select(PlaceOf)];
        Tested = [.. tested.Select(i => (i, PlaceOf(i)))];

        Place PlaceOf(int column) => column < leftCount
            ? new Place(IsRight: false, Array.IndexOf(left, column))
            : new Place(IsRight: true, Array.IndexOf(right, column - leftCount));
    }

    /// <summary>A column of a side's prepared batches.</summary>
    internal readonly record struct Place(bool IsRight, int Column);

    internal HashJoinPlan Plan { get; }

    internal KeyKind[] Kinds { get; }

    internal JoinSide Left { get; }

    internal JoinSide Right { get; }

    /// <summary>What the join gives.</summary>
    internal ImmutableArray<Place> Output { get; }

    /// <summary>The condition for pairs with equal keys, over all columns of both sides.</summary>
    internal VectorExpression? Residual { get; }

    /// <summary>Which of these it reads.</summary>
    internal ImmutableArray<(int Ordinal, Place From)> Tested { get; }

    /// <summary>Of both sides, all columns.</summary>
    internal int ColumnCount { get; }

    internal PhysicalType TypeOf(Place place) => (place.IsRight ? Right : Left).Types[place.Column];

    internal bool MarksMatches => Plan.Kind is PhysicalJoinKind.Right or PhysicalJoinKind.Full;

    internal bool EmitsWithoutRight => Plan.Kind
        is PhysicalJoinKind.Left or PhysicalJoinKind.Full or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;

    internal bool KeepsLeftOnly => Plan.Kind
        is PhysicalJoinKind.Semi or PhysicalJoinKind.Anti or PhysicalJoinKind.NullAwareAnti;
}
