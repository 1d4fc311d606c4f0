using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;

namespace VecSQL.Engine.Tests;

/// <summary>Runs SQL as a client of the simple protocol does, and gives rows as text.</summary>
public sealed class TestSession : IAsyncDisposable
{
    public TestSession(ISqlSession session)
    {
        Session = session;
        session.NoticeRaised += Notices.Add;
        session.Notified += Notifications.Add;
        session.SettingChanged += (name, value) => Changes.Add($"{name}={value}");
    }

    public ISqlSession Session { get; }

    public List<SqlNotice> Notices { get; } = [];

    public List<SqlNotification> Notifications { get; } = [];

    public List<string> Changes { get; } = [];

    public char Status => (char)Session.Status;

    /// <summary>Runs the script; gives the last statement's rows, columns joined by bars, nulls as <c>NULL</c>.</summary>
    public async Task<string[]> RowsAsync(string sql)
    {
        string[] rows = [];
        await RunAsync(sql, lines => rows = lines);
        return rows;
    }

    /// <summary>The only value of the last statement.</summary>
    public async Task<string> ValueAsync(string sql) => Assert.Single(await RowsAsync(sql));

    /// <summary>Runs the script; gives the last statement's command tag.</summary>
    public Task<string> RunAsync(string sql) => RunAsync(sql, static _ => { });

    /// <summary>Runs the script, which must fail; gives the error.</summary>
    public Task<SqlException> FailAsync(string sql) => Assert.ThrowsAsync<SqlException>(() => RunAsync(sql));

    /// <summary>Runs the script, which must fail; gives <c>SQLSTATE: message</c>.</summary>
    public async Task<string> ErrorAsync(string sql)
    {
        SqlException error = await FailAsync(sql);
        return $"{error.State}: {error.Message}";
    }

    /// <summary>Runs COPY FROM STDIN, handing it the data in pieces of that many bytes.</summary>
    public async Task<string> CopyInAsync(string sql, string data, int pieceBytes = 7)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(data);
        bool failed = true;
        try
        {
            await using IStatementResult result = await Session.RunAsync(Session.ParseScript(sql)[0], default);
            ICopySink sink = result.CopyIn ?? throw new InvalidOperationException("not COPY FROM STDIN");
            for (int at = 0; at < bytes.Length; at += pieceBytes)
                await sink.WriteAsync(bytes.AsMemory(at, Math.Min(pieceBytes, bytes.Length - at)), default);
            await sink.CompleteAsync(default);
            failed = false;
            return result.CommandTag;
        }
        finally
        {
            await Session.EndScriptAsync(failed, default);
        }
    }

    /// <summary>Runs COPY TO STDOUT and gives the data.</summary>
    public async Task<string> CopyOutAsync(string sql) => Encoding.UTF8.GetString(await CopyOutBytesAsync(sql));

    public async Task<byte[]> CopyOutBytesAsync(string sql)
    {
        using MemoryStream bytes = new();
        bool failed = true;
        try
        {
            await using IStatementResult result = await Session.RunAsync(Session.ParseScript(sql)[0], default);
            ICopySource source = result.CopyOut ?? throw new InvalidOperationException("not COPY TO STDOUT");
            while (await source.ReadAsync(default) is { Length: > 0 } piece)
                bytes.Write(piece.Span);
            failed = false;
        }
        finally
        {
            await Session.EndScriptAsync(failed, default);
        }
        return bytes.ToArray();
    }

    public async ValueTask DisposeAsync() => await Session.DisposeAsync();

    private async Task<string> RunAsync(string sql, Action<string[]> take)
    {
        string tag = "";
        bool failed = true;
        try
        {
            foreach (ScriptStatement statement in Session.ParseScript(sql))
            {
                await using IStatementResult result = await Session.RunAsync(statement, default);
                take(await ReadAsync(result));
                tag = result.CommandTag;
            }
            failed = false;
        }
        finally
        {
            await Session.EndScriptAsync(failed, default);
        }
        return tag;
    }

    public async Task<string[]> ReadAsync(IStatementResult result, int rowsMax = 0)
    {
        var lines = new List<string>();
        while (await result.NextAsync(rowsMax, default) is { } batch)
        {
            for (int row = 0; row < batch.RowCount; row++)
                lines.Add(Line(result, batch, row));
            if (rowsMax > 0)
                break;
        }
        return [.. lines];
    }

    private string Line(IStatementResult result, ColumnBatch batch, int row)
    {
        var columns = result.Columns ?? throw new InvalidOperationException("rows without columns");
        return string.Join('|', columns.Select((column, i) =>
        {
            if (batch.Columns[i].IsNull(row))
                return "NULL";
            ArrayBufferWriter<byte> text = new();
            TypeFormats.For(column.Type.Oid).WriteText(batch.Columns[i], row, text, Session.Format);
            return Encoding.UTF8.GetString(text.WrittenSpan);
        }));
    }
}
