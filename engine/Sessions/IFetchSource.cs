using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>What FETCH and MOVE go through: a cursor, or a portal of the protocol.</summary>
internal interface IFetchSource
{
    ImmutableArray<ResultColumnInfo> Columns { get; }

    /// <summary>The rows passed, in the order passed.</summary>
    /// <param name="isMove">The rows are not wanted, but where they end.</param>
    ValueTask<ColumnBatch> FetchAsync(FetchDirection direction, long count, bool isMove, CancellationToken cancellation);
}
