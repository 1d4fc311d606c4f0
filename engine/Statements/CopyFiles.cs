using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Files;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Statements;

/// <summary>COPY from and to files of the server.</summary>
internal static class CopyFiles
{
    /// <summary>What is read at a time, and written at a time where rows are short.</summary>
    private const int PieceBytes = 1 << 20;

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
    internal static Func<CancellationToken, ValueTask> Reading(SessionState session, StatementWork work, string name, CopyActivity activity)
    {
        ServerFiles files = session.Database.Files;
        string path = files.ResolveExisting(name);
        ICopySink sink = work.CopyIn ?? throw new InvariantException("COPY FROM takes no data");
        return async cancellation =>
        {
            using IFile file = files.Files.Open(path, FileOpening.Read);
            activity.BytesTotal = file.Length;
            try
            {
                await ReadAsync(file, sink, cancellation);
            }
            catch (SqlException error)
            {
                throw error.In($"file \"{name}\"");
            }
        };
    }

    /// <summary>Writes what gives COPY's data into a file, or rows in turn into several.</summary>
    internal static Func<CancellationToken, ValueTask> Writing(SessionState session, StatementWork work, string name, CopyOptions options)
    {
        ServerFiles files = session.Database.Files;
        string[] names = options.Shards == 0 ? [name] : ShardNames(name, options.Shards);
        string[] paths = [.. names.Select(files.ResolveTarget)];
        ICopySource source = work.CopyOut ?? throw new InvariantException("COPY TO gives no data");
        return cancellation => WriteAsync(files.Files, paths, session.BackendId, source, cancellation);
    }

    /// <summary>a/b.tfrecord in three shards: a/b-00000-of-00003.tfrecord and so on.</summary>
    private static string[] ShardNames(string name, int count)
    {
        string extension = Path.GetExtension(name) is { Length: > 0 } given ? given : ".tfrecord";
        string stem = name.EndsWith('/') ? name + "part" : name[..^Path.GetExtension(name).Length];
        return [.. Enumerable.Range(0, count).Select(shard => $"{stem}-{shard:D5}-of-{count:D5}{extension}")];
    }

    private static async ValueTask ReadAsync(IFile file, ICopySink sink, CancellationToken cancellation)
    {
        byte[] piece = new byte[PieceBytes];
        long at = 0;
        while (file.Read(at, piece) is > 0 and int length)
        {
            at += length;
            await sink.WriteAsync(piece.AsMemory(0, length), cancellation);
        }
        await sink.CompleteAsync(cancellation);
    }

    /// <summary>Of several files each gets every so manieth row. They have other names until all are complete.</summary>
    private static async ValueTask WriteAsync(
        IFileSystem files, string[] paths, int backendId, ICopySource source, CancellationToken cancellation)
    {
        files.CreateDirectory(Path.GetDirectoryName(paths[0]) ?? "/");
        List<ShardFile> shards = [];
        try
        {
            foreach (string path in paths)
                shards.Add(new ShardFile(files, path, $"{path}.partial-{backendId}"));
            await WriteAsync(shards, source, cancellation);
            foreach (ShardFile shard in shards)
                shard.Complete();
            foreach (ShardFile shard in shards)
                shard.Rename();
        }
        finally
        {
            foreach (ShardFile shard in shards)
                shard.Abandon();
        }
        files.FlushDirectory(Path.GetDirectoryName(paths[0]) ?? "/");
    }

    private static async ValueTask WriteAsync(List<ShardFile> shards, ICopySource source, CancellationToken cancellation)
    {
        long row = 0;
        while (await source.ReadAsync(cancellation) is { Length: > 0 } piece)
        {
            cancellation.ThrowIfCancellationRequested();
            if (shards.Count == 1)
            {
                shards[0].Write(piece.Span);
                continue;
            }
            int start = 0;
            foreach (int end in source.RowEnds.ToArray())
            {
                shards[(int)(row++ % shards.Count)].Write(piece.Span[start..end]);
                start = end;
            }
        }
    }

    /// <summary>A file that is there under another name until it is complete.</summary>
    private sealed class ShardFile(IFileSystem files, string path, string partial)
    {
        private readonly IFile _file = files.Open(partial, FileOpening.Replace);
        private readonly CopyBuffer _buffer = new();
        private long _length;
        private bool _isClosed, _isRenamed;

        internal void Write(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length >= PieceBytes)
            {
                Flush();
                Put(bytes);
                return;
            }
            _buffer.Put(bytes);
            if (_buffer.Length >= PieceBytes)
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

        /// <summary>Takes back what has not got its name.</summary>
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
