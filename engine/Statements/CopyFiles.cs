using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Files;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Statements;

/// <summary>COPY from and to files of the server.</summary>
internal static class CopyFiles
{
    /// <exception cref="SqlException">42501: only superusers name the server's files.</exception>
    internal static void RequireRole(SessionState session, bool isFrom)
    {
        if (session.IsSuperuser)
            return;
        throw new SqlException(SqlState.InsufficientPrivilege, isFrom
            ? "must be superuser or have privileges of the pg_read_server_files role to COPY from a file"
            : "must be superuser or have privileges of the pg_write_server_files role to COPY to a file",
            hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.");
    }

    /// <summary>Gives a file's bytes to what takes COPY's data.</summary>
    internal static StatementWork ReadInto(SessionState session, StatementWork work, string name) =>
        new CopyFromFileWork(session.Database.Files, work, name, session.Database.Files.ResolveExisting(name));

    /// <summary>Writes what gives COPY's data into a file, or rows in turn into several.</summary>
    internal static StatementWork WriteFrom(SessionState session, StatementWork work, string name, CopyOptions options)
    {
        ServerFiles files = session.Database.Files;
        string[] names = options.Shards == 0 ? [name] : ShardNames(name, options.Shards);
        return new CopyToFileWork(files.Files, work, [.. names.Select(files.ResolveTarget)], session.BackendId);
    }

    /// <summary>a/b.tfrecord in three shards: a/b-00000-of-00003.tfrecord and so on.</summary>
    private static string[] ShardNames(string name, int count)
    {
        string extension = Path.GetExtension(name) is { Length: > 0 } given ? given : ".tfrecord";
        string stem = name.EndsWith('/') ? name + "part" : name[..^Path.GetExtension(name).Length];
        return [.. Enumerable.Range(0, count).Select(shard => $"{stem}-{shard:D5}-of-{count:D5}{extension}")];
    }
}

/// <summary>COPY FROM a file.</summary>
internal sealed class CopyFromFileWork(ServerFiles files, StatementWork work, string name, string path) : StatementWork
{
    private const int PieceBytes = 1 << 20;

    private bool _isDone;

    internal override string Tag(long rowCount) => work.Tag(rowCount);

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_isDone)
            return null;
        _isDone = true;
        ICopySink sink = work.CopyIn ?? throw new InvariantException("COPY FROM takes no data");
        byte[] piece = new byte[PieceBytes];
        using IFile file = files.Files.Open(path, FileOpening.Read);
        try
        {
            long at = 0;
            while (file.Read(at, piece) is > 0 and int length)
            {
                at += length;
                await sink.WriteAsync(piece.AsMemory(0, length), cancellation);
            }
            await sink.CompleteAsync(cancellation);
        }
        catch (SqlException error)
        {
            throw error.In($"file \"{name}\"");
        }
        return null;
    }

    private protected override ValueTask ReleaseAsync() => work.DisposeAsync();
}

/// <summary>COPY TO a file, or to several of which each gets every so manieth row. They have other names until all are complete.</summary>
internal sealed class CopyToFileWork(IFileSystem files, StatementWork work, string[] paths, int backendId) : StatementWork
{
    private const int BufferBytes = 1 << 20;

    private readonly List<ShardFile> _shards = [];
    private bool _isDone;

    internal override string Tag(long rowCount) => work.Tag(rowCount);

    internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (_isDone)
            return null;
        _isDone = true;
        ICopySource source = work.CopyOut ?? throw new InvariantException("COPY TO gives no data");
        files.CreateDirectory(Path.GetDirectoryName(paths[0]) ?? "/");
        foreach (string path in paths)
            _shards.Add(new ShardFile(files, path, $"{path}.partial-{backendId}"));
        long row = 0;
        while (await source.ReadAsync(cancellation) is { Length: > 0 } piece)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_shards.Count == 1)
            {
                _shards[0].Write(piece.Span);
                continue;
            }
            int start = 0;
            foreach (int end in source.RowEnds.ToArray())
            {
                _shards[(int)(row++ % _shards.Count)].Write(piece.Span[start..end]);
                start = end;
            }
        }
        foreach (ShardFile shard in _shards)
            shard.Complete();
        foreach (ShardFile shard in _shards)
            shard.Rename();
        files.FlushDirectory(Path.GetDirectoryName(paths[0]) ?? "/");
        return null;
    }

    private protected override ValueTask ReleaseAsync()
    {
        foreach (ShardFile shard in _shards)
            shard.Abandon();
        return work.DisposeAsync();
    }

    private sealed class ShardFile(IFileSystem files, string path, string partial)
    {
        private readonly IFile _file = files.Open(partial, FileOpening.Replace);
        private readonly CopyBuffer _buffer = new();
        private long _length;
        private bool _isClosed, _isRenamed;

        internal void Write(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length >= BufferBytes)
            {
                Flush();
                Put(bytes);
                return;
            }
            _buffer.Put(bytes);
            if (_buffer.Length >= BufferBytes)
                Flush();
        }

        internal void Complete()
        {
            Flush();
            _file.Flush();
            _file.Dispose();
            _isClosed = true;
        }

        internal void Rename()
        {
            files.Rename(partial, path);
            _isRenamed = true;
        }

        internal void Abandon()
        {
            if (!_isClosed)
                _file.Dispose();
            _isClosed = true;
            if (!_isRenamed)
                files.Delete(partial);
            _isRenamed = true;
        }

        private void Flush()
        {
            Put(_buffer.Written.Span);
            _buffer.Truncate(0);
        }

        private void Put(ReadOnlySpan<byte> bytes)
        {
            if (bytes.IsEmpty)
                return;
            _file.Write(_length, bytes);
            _length += bytes.Length;
        }
    }
}
