using VecSQL.Catalog.Objects;
using VecSQL.Planner;
using VecSQL.Storage;

namespace VecSQL.Engine.Sessions;

/// <summary>Table sizes for the planner, as storage knows them now.</summary>
internal sealed class StorageStatistics(IStorage storage) : ITableStatistics
{
    public double RowCount(TableId table) => storage.EstimateRowCount(table);
}
