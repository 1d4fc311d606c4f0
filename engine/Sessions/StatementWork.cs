using System.Collections.Immutable;
using VecSQL.Columnar.Batches;

namespace VecSQL.Engine.Sessions;

/// <summary>A statement being run, whatever its kind. Errors pass through as they are: <see cref="SessionResult"/> deals with them.</summary>
internal abstract class StatementWork : IAsyncDisposable
{
    /// <summary>Null where the statement returns no rows.</summary>
    internal virtual ImmutableArray<ResultColumnInfo>? Columns => null;

    /// <summary>The next rows; null when done. The first call of a statement without rows does all its work.</summary>
    internal abstract ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation);

    /// <summary>The tag once done, given how many rows the client was handed.</summary>
    internal abstract string Tag(long rowCount);

    /// <summary>How many rows were given or changed, once done, as statistics of statements count them.</summary>
    /// <param name="rowCount">How many the client was handed.</param>
    internal virtual long RowsCounted(long rowCount) => CountOf(Tag(rowCount));

    internal virtual ICopySink? CopyIn => null;

    internal virtual ICopySource? CopyOut => null;

    public ValueTask DisposeAsync() => ReleaseAsync();

    /// <summary>The number that a tag ends with; 0 where it has none.</summary>
    private static long CountOf(string tag) => long.TryParse(tag.AsSpan(tag.LastIndexOf(' ') + 1), out long count) ? count : 0;

    private protected virtual ValueTask ReleaseAsync() => ValueTask.CompletedTask;
}

/// <summary>A statement without rows.</summary>
/// <param name="run">Does the work and gives the tag.</param>
internal sealed class CommandWork(Func<CancellationToken, ValueTask<string>> run) : StatementWork
{
    private string? _tag;

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        _tag ??= await run(cancellation);
        return null;
    }

    internal override string Tag(long rowCount) => _tag ?? "";
}

/// <summary>A utility statement with rows: SHOW, EXPLAIN.</summary>
internal sealed class RowsWork(
    ImmutableArray<ResultColumnInfo> columns, string tag, Func<CancellationToken, ValueTask<ColumnBatch>> run) : StatementWork
{
    private bool _isDone;

    internal override ImmutableArray<ResultColumnInfo>? Columns => columns;

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_isDone)
            return null;
        ColumnBatch batch = await run(cancellation);
        _isDone = true;
        return batch.RowCount > 0 ? batch : null;
    }

    internal override string Tag(long rowCount) => tag;
}

/// <summary>An empty query string.</summary>
internal sealed class EmptyWork : StatementWork
{
    internal override ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation) => default;

    internal override string Tag(long rowCount) => "";
}
