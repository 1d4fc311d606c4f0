using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;

namespace VecSQL.Engine.Sessions;

/// <summary>Runs SQL in process and gives its results as text, for the command line, tests and sqllogictest.</summary>
public static class SessionText
{
    /// <summary>Runs a script as a simple query would be run and returns each statement's result.</summary>
    /// <exception cref="Core.Errors.SqlException">A statement failed; the session is ready for the next call.</exception>
    public static async Task<IReadOnlyList<TextResult>> RunTextAsync(
        this ISqlSession session, string sql, CancellationToken cancellation = default)
    {
        List<TextResult> results = [];
        bool failed = true;
        try
        {
            foreach (ScriptStatement statement in session.ParseScript(sql))
            {
                IStatementResult result = await session.RunAsync(statement, cancellation).ConfigureAwait(false);
                await using (result.ConfigureAwait(false))
                    results.Add(await ReadAsync(session, result, cancellation).ConfigureAwait(false));
            }
            failed = false;
        }
        finally
        {
            if (failed)
                session.Fail();
            await session.EndScriptAsync(failed, cancellation).ConfigureAwait(false);
        }
        return results;
    }

    /// <summary>Runs a COPY … FROM STDIN with data from <paramref name="pieces"/>.</summary>
    /// <returns>The command tag.</returns>
    public static async Task<string> CopyInAsync(
        this ISqlSession session, string sql, IAsyncEnumerable<ReadOnlyMemory<byte>> pieces, CancellationToken cancellation = default)
    {
        bool failed = true;
        try
        {
            ScriptStatement statement = session.ParseScript(sql)[0];
            IStatementResult result = await session.RunAsync(statement, cancellation).ConfigureAwait(false);
            await using (result.ConfigureAwait(false))
            {
                ICopySink sink = result.CopyIn ?? throw new ArgumentException("not a COPY FROM STDIN", nameof(sql));
                await foreach (ReadOnlyMemory<byte> piece in pieces.WithCancellation(cancellation).ConfigureAwait(false))
                    await sink.WriteAsync(piece, cancellation).ConfigureAwait(false);
                await sink.CompleteAsync(cancellation).ConfigureAwait(false);
                failed = false;
                return result.CommandTag;
            }
        }
        finally
        {
            if (failed)
                session.Fail();
            await session.EndScriptAsync(failed, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<TextResult> ReadAsync(
        ISqlSession session, IStatementResult result, CancellationToken cancellation)
    {
        ImmutableArray<ResultColumnInfo> columns = result.Columns ?? [];
        TypeFormat[] formats = columns.Select(column => TypeFormats.For(column.Type.Oid)).ToArray();
        List<string?[]> rows = [];
        ArrayBufferWriter<byte> text = new();
        if (result.CopyOut is { } source)
        {
            for (ReadOnlyMemory<byte> piece = await source.ReadAsync(cancellation).ConfigureAwait(false);
                !piece.IsEmpty;
                piece = await source.ReadAsync(cancellation).ConfigureAwait(false))
            {
                text.Write(piece.Span);
            }
            rows.Add([Encoding.UTF8.GetString(text.WrittenSpan)]);
            return new TextResult(columns, rows, result.CommandTag);
        }
        while (await result.NextAsync(0, cancellation).ConfigureAwait(false) is { } batch)
        {
            for (int row = 0; row < batch.RowCount; row++)
                rows.Add(RowOf(batch, row, formats, text, session.Format));
        }
        return new TextResult(columns, rows, result.CommandTag);
    }

    private static string?[] RowOf(
        ColumnBatch batch, int row, TypeFormat[] formats, ArrayBufferWriter<byte> text, FormatContext context)
    {
        var values = new string?[formats.Length];
        for (int i = 0; i < formats.Length; i++)
        {
            if (batch.Columns[i].IsNull(row))
                continue;
            text.ResetWrittenCount();
            formats[i].WriteText(batch.Columns[i], row, text, context);
            values[i] = Encoding.UTF8.GetString(text.WrittenSpan);
        }
        return values;
    }
}

/// <summary>A statement's result as text; a null is SQL's.</summary>
public sealed record TextResult(
    ImmutableArray<ResultColumnInfo> Columns, IReadOnlyList<string?[]> Rows, string CommandTag);
