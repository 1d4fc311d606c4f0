using System.Collections.Immutable;
using VecSQL.Catalog.Snapshots;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Plans;

/// <summary>What a plan was made upon: it is made anew for another catalog, and when its tables have grown or shrunk much.</summary>
internal sealed class PlanBasis
{
    // Tables of so few rows are read in no time, whatever the plan.
    private const double SmallRows = 1_000;

    private readonly ImmutableArray<TableUse> _tables;
    private readonly double[] _rowCounts;

    internal PlanBasis(CatalogSnapshot catalog, PlannedStatement plan, ITableStatistics statistics)
    {
        (Catalog, _tables) = (catalog, plan.Tables);
        _rowCounts = new double[_tables.Length];
        for (int i = 0; i < _rowCounts.Length; i++)
            _rowCounts[i] = statistics.RowCount(_tables[i].Table);
    }

    internal CatalogSnapshot Catalog { get; }

    // Versions of a rolled back catalog can come again, so that the snapshot itself is compared.
    internal bool Holds(CatalogSnapshot catalog, ITableStatistics statistics)
    {
        if (!ReferenceEquals(catalog, Catalog))
            return false;
        for (int i = 0; i < _rowCounts.Length; i++)
        {
            double now = statistics.RowCount(_tables[i].Table), then = _rowCounts[i];
            if (Math.Max(now, then) > SmallRows + (3 * Math.Min(now, then)))
                return false;
        }
        return true;
    }
}
