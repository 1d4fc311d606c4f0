using VecSQL.Columnar.Batches;
using VecSQL.Engine.Sessions;
using VecSQL.Executor;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Introspection;

/// <summary>Computes the rows of system views for a session.</summary>
internal sealed class SystemViewSource(SessionState session) : ISystemViewSource
{
    public IEnumerable<ColumnBatch> Rows(uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds) => [];

    internal SessionState Session => session;
}
