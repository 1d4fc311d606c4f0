using System.Buffers;
using System.Buffers.Binary;
using VecSQL.Columnar.Batches;
using VecSQL.Storage.Files;

namespace VecSQL.Executor.Scheduling;

/// <summary>Spilled rows in files of one directory; the files have no meaning after the statement.</summary>
/// <remarks>Layout of a file: for each batch its length as int32, then <see cref="BatchCodec"/>'s bytes.</remarks>
internal sealed class FileSpillStore(IFileSystem files, string directory) : ISpillStore
{
    private static long s_lastNumber;

    private readonly Lock _gate = new();
    private readonly HashSet<SpillFile> _open = [];
    private bool _hasDirectory;

    /// <summary>Files that exist now.</summary>
    internal int OpenCount => _open.Count;

    public ISpillFile Create()
    {
        lock (_gate)
        {
            if (!_hasDirectory)
                files.CreateDirectory(directory);
            _hasDirectory = true;
            // The process id keeps two nodes apart that were given the same directory.
            string name = $"spill-{Environment.ProcessId}-{Interlocked.Increment(ref s_lastNumber)}.tmp";
            string path = Path.Combine(directory, name);
            var file = new SpillFile(this, files.Open(path, FileOpening.Replace));
            _open.Add(file);
            return file;
        }
    }

    public void Dispose()
    {
        SpillFile[] left;
        lock (_gate)
            left = [.. _open];
        foreach (SpillFile file in left)
            file.Dispose();
    }

    private void Remove(SpillFile spilled, string path)
    {
        lock (_gate)
            _open.Remove(spilled);
        files.Delete(path);
    }

    private sealed class SpillFile(FileSpillStore store, IFile file) : ISpillFile
    {
        private const int BufferBytes = 1 << 18;

        private ArrayBufferWriter<byte>? _buffer = new(4096);
        private long _written;
        private bool _isDisposed;

        public long SizeBytes => _written + (_buffer?.WrittenCount ?? 0);

        public void Write(ColumnBatch batch)
        {
            ArrayBufferWriter<byte> buffer = _buffer ?? throw new InvalidOperationException("the file is being read");
            int start = buffer.WrittenCount;
            buffer.GetSpan(4);
            buffer.Advance(4);
            BatchCodec.Write(batch, buffer);
            // The length is known only now; the buffer's memory is its own, so it may be patched.
            Span<byte> written = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory).Span;
            BinaryPrimitives.WriteInt32LittleEndian(written[start..], buffer.WrittenCount - start - 4);
            if (buffer.WrittenCount >= BufferBytes)
                Flush(buffer);
        }

        public IBatchReader Read()
        {
            if (_buffer is not null)
                Flush(_buffer);
            _buffer = null;
            return new Reader(file, _written);
        }

        public void Dispose()
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            _buffer = null;
            file.Dispose();
            store.Remove(this, file.Path);
        }

        private void Flush(ArrayBufferWriter<byte> buffer)
        {
            file.Write(_written, buffer.WrittenSpan);
            _written += buffer.WrittenCount;
            buffer.ResetWrittenCount();
        }
    }

    private sealed class Reader(IFile file, long length) : IBatchReader
    {
        private long _offset;

        public ColumnBatch? Next()
        {
            if (_offset >= length)
                return null;
            Span<byte> head = stackalloc byte[4];
            file.ReadExactly(_offset, head);
            int size = BinaryPrimitives.ReadInt32LittleEndian(head);
            byte[] bytes = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                file.ReadExactly(_offset + 4, bytes.AsSpan(0, size));
                _offset += 4 + size;
                return BatchCodec.Read(bytes);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bytes);
            }
        }

        public void Dispose()
        {
        }
    }
}
