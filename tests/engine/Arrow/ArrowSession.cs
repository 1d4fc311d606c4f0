using VecSQL.Columnar.Ipc;
using VecSQL.Engine.Arrow;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests.Arrow;

/// <summary>Results as Arrow, read back by the decoder, and ingest.</summary>
internal static class ArrowSession
{
    internal static async Task<(ArrowSchema Schema, List<ArrowBatch> Batches)> ArrowAsync(
        this TestSession session, string sql, ArrowStreamOptions? options = null)
    {
        IStatementResult result = await session.Session.RunAsync(session.Session.ParseScript(sql)[0], default);
        try
        {
            await using IArrowStream stream = ArrowResult.Open(session.Session, result, options ?? ArrowStreamOptions.Default);
            return await ReadAsync(stream);
        }
        finally
        {
            await session.Session.EndScriptAsync(failed: false, default);
        }
    }

    internal static async Task<(ArrowSchema Schema, List<ArrowBatch> Batches)> ReadAsync(IArrowStream stream)
    {
        IpcDecoder decoder = new("test");
        Assert.Null(decoder.Read(stream.SchemaMessage.Metadata, default));
        List<ArrowBatch> batches = [];
        while (await stream.NextAsync(default) is { } message)
        {
            if (decoder.Read(message.Metadata, Whole(message)) is { } batch)
                batches.Add(batch);
        }
        return (decoder.Schema ?? throw new InvalidOperationException("no schema"), batches);
    }

    internal static async Task<long> IngestAsync(
        this TestSession session, ArrowIngestTarget target, ArrowSchema schema, params IEnumerable<ArrowBatch> batches)
    {
        bool failed = true;
        try
        {
            await using IArrowIngest ingest = await session.Session.IngestAsync(target, schema, default);
            foreach (ArrowBatch batch in batches)
                await ingest.WriteAsync(batch, default);
            long rows = await ingest.CompleteAsync(default);
            failed = false;
            return rows;
        }
        finally
        {
            await session.Session.EndScriptAsync(failed, default);
        }
    }

    private static ReadOnlyMemory<byte> Whole(IpcMessage message)
    {
        MemoryStream body = new();
        foreach (ReadOnlyMemory<byte> piece in message.Body)
            body.Write(piece.Span);
        Assert.Equal(message.BodyBytes, body.Length);
        return body.ToArray();
    }
}
