using System.Collections.Immutable;
using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>A query as it was understood: its clauses as written, with bound expressions in them.</summary>
internal sealed record QueryForm(BodyForm Body)
{
    internal WithForm? With { get; init; }

    internal ImmutableArray<OrderForm> Order { get; init; } = [];

    internal QueryLimit? Limit { get; init; }

    internal ValueList<LockingClause> Locking { get; init; } = [];

    /// <summary>Stands for itself between UNION and its kin, without parentheses of its own.</summary>
    internal bool IsPlain => With is null && Order.IsEmpty && Limit is null or { IsNone: true } && Locking.IsEmpty;
}

internal abstract record BodyForm;

internal sealed record SelectForm : BodyForm
{
    internal required ImmutableArray<TargetForm> Targets { get; init; }

    internal required ImmutableArray<FromForm> From { get; init; }

    internal ScalarExpression? Where { get; init; }

    internal ValueList<GroupingElement> GroupBy { get; init; } = [];

    internal bool GroupByIsDistinct { get; init; }

    /// <summary>What the expressions of <see cref="GroupBy"/> mean.</summary>
    internal required IReadOnlyDictionary<Expression, ScalarExpression> Keys { get; init; }

    internal ScalarExpression? Having { get; init; }

    internal ImmutableArray<WindowForm> Windows { get; init; } = [];

    internal bool IsDistinct { get; init; }

    internal ImmutableArray<ScalarExpression> DistinctOn { get; init; } = [];
}

/// <summary>VALUES: rows of expressions.</summary>
internal sealed record ValuesForm(ImmutableArray<ImmutableArray<ScalarExpression>> Rows) : BodyForm;

internal sealed record SetForm(SetOperator Operator, bool IsAll, QueryForm Left, QueryForm Right) : BodyForm;

internal sealed record TargetForm(string Name, ScalarExpression Value);

/// <param name="Ordinal">The result's column it is, from 1, where only those can be sorted by; else 0.</param>
internal sealed record OrderForm(SortKey Key, int Ordinal);

/// <summary>A window by name, or that of a call.</summary>
internal sealed record WindowForm(string? Name, WindowSpecification Syntax, BoundWindow Window, WindowFramePlan Frame);

internal sealed record WithForm(bool IsRecursive, ImmutableArray<CommonForm> Tables);

internal sealed record CommonForm(CommonTable Syntax, QueryForm Query);
