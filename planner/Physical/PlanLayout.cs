using System.Collections.Immutable;
using VecSQL.Planner.Logical;

namespace VecSQL.Planner.Physical;

/// <summary>A physical plan, and which columns its outputs are, by id.</summary>
internal sealed record PlannedNode(PhysicalPlan Plan, ImmutableArray<ColumnExpression> Columns)
{
    internal PlanLayout Layout => new(Columns);
}

/// <summary>Where columns are in an input row.</summary>
internal sealed class PlanLayout
{
    private readonly Dictionary<int, int> _ordinals = [];

    internal PlanLayout(IEnumerable<ColumnExpression> columns)
    {
        int ordinal = 0;
        foreach (ColumnExpression column in columns)
            _ordinals.TryAdd(column.ColumnId, ordinal++);
    }

    internal static PlanLayout Empty { get; } = new([]);

    internal int? Find(int columnId) => _ordinals.TryGetValue(columnId, out int ordinal) ? ordinal : null;
}
