using System.Collections.Immutable;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Logical;

/// <summary>Makes training data of one input, or of two; as <see cref="MiningPlan"/>.</summary>
internal sealed record LogicalMining(
    MiningKind Kind, SetInput Rows, SetInput? Anchors, ImmutableArray<MiningColumn> Columns,
    ImmutableArray<MiningSetting> Settings) : LogicalPlan
{
    public required SetInput? Candidates { get; init; }

    public required bool HasLabels { get; init; }

    public override ImmutableArray<ColumnExpression> Output => [.. Columns.Select(static column => column.Column)];
}

internal sealed record MiningColumn(MiningPart Part, ColumnExpression Column);
