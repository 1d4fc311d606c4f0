using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Ipc;

/// <summary>Puts together a message's body of buffers, and the lists of nodes and buffers that its metadata needs.</summary>
/// <remarks>
/// Large buffers that are not compressed become pieces where they lie; what is compressed, short or made here goes into memory of the
/// body's own, which the next message takes again.
/// </remarks>
internal sealed class IpcBody
{
    private const int LengthBytes = sizeof(long);

    /// <summary>Shorter buffers are copied: a piece by itself costs its receiver more.</summary>
    private const int CopiedBytesMax = 4096;

    /// <summary>The first piece of own memory, which is enough for a message of few rows, and each after it.</summary>
    private const int FirstChunkBytes = 1 << 13, ChunkBytes = 1 << 18;

    private readonly List<byte> _nodes = [], _buffers = [];
    private readonly List<long> _variadic = [];
    private readonly List<ReadOnlyMemory<byte>> _pieces = [];
    private readonly List<byte[]> _chunks = [];
    private int _chunk, _used;      // what is taken of the own memory
    private bool _endsInChunk;      // the last piece is the own memory's, and may grow
    private bool _isCompressed;

    internal long Length { get; private set; }

    internal IReadOnlyList<ReadOnlyMemory<byte>> Pieces => _pieces;

    internal ReadOnlySpan<byte> NodeList => CollectionsMarshal.AsSpan(_nodes);

    internal ReadOnlySpan<byte> BufferList => CollectionsMarshal.AsSpan(_buffers);

    /// <summary>For each column of views, how many buffers of data it has.</summary>
    internal ReadOnlySpan<long> Variadic => CollectionsMarshal.AsSpan(_variadic);

    /// <param name="isCompressed">The message says that buffers may be compressed: each begins with its length.</param>
    internal void Begin(bool isCompressed)
    {
        _isCompressed = isCompressed;
        Length = 0;
        _chunk = 0;
        _used = 0;
        _endsInChunk = false;
        _nodes.Clear();
        _buffers.Clear();
        _variadic.Clear();
        _pieces.Clear();
    }

    /// <summary>Adds an array's nodes and buffers, its children's behind.</summary>
    /// <param name="tries">Whether to try to compress.</param>
    internal void Add(ArrowArray array, bool tries)
    {
        Node(array.Length, array.NullCount);
        if (array.Type.IsView)
            _variadic.Add(array.Buffers.Count - 2);
        // Readers there are (polars) that take a stored buffer by itself, behind its length, and want 16 bytes at a multiple of 16.
        bool insists = array.Type.Kind is ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256;
        for (int i = 0; i < array.Buffers.Count; i++)
            Add(array.Buffers[i], tries, insists);
        foreach (ArrowArray child in array.Children)
            Add(child, tries);
    }

    internal void Node(long rowCount, long nullCount) => Pair(_nodes, rowCount, nullCount);

    /// <summary>Adds a buffer, compressed where that is wanted and saves an eighth at least.</summary>
    /// <param name="insists">Whether to compress it even if that saves nothing.</param>
    internal void Add(ColumnBuffer raw, bool tries, bool insists = false)
    {
        if (raw.IsEmpty)
        {
            Pad(IpcFormat.Alignment);
            Pair(_buffers, Length, 0);
            return;
        }
        if (!_isCompressed)
        {
            Pad(IpcFormat.Alignment);
            Pair(_buffers, Length, raw.LengthBytes);
            Put(raw);
            return;
        }
        if (tries && (insists || raw.LengthBytes > 64) && TryAddCompressed(raw.Bytes, insists))
            return;
        // The length before the bytes is what is misaligned, so that the bytes themselves can be used where they lie.
        PadTo(IpcFormat.Aligned(Length + LengthBytes, IpcFormat.Alignment) - LengthBytes);
        Pair(_buffers, Length, LengthBytes + raw.LengthBytes);
        BinaryPrimitives.WriteInt64LittleEndian(Take(LengthBytes), IpcFormat.StoredRaw);
        Put(raw);
    }

    /// <summary>Adds a buffer as another message holds it, its length before it: compressed, or stored.</summary>
    internal void AddStored(ColumnBuffer stored)
    {
        bool isRaw = stored.LengthBytes >= LengthBytes
            && BinaryPrimitives.ReadInt64LittleEndian(stored.Bytes) == IpcFormat.StoredRaw;
        PadTo(isRaw
            ? IpcFormat.Aligned(Length + LengthBytes, IpcFormat.Alignment) - LengthBytes
            : IpcFormat.Aligned(Length, IpcFormat.Alignment));
        Pair(_buffers, Length, stored.LengthBytes);
        if (!stored.IsEmpty)
            Put(stored);
    }

    internal void Pad(int alignment) => PadTo(IpcFormat.Aligned(Length, alignment));

    private void PadTo(long length)
    {
        if (length > Length)
            Take((int)(length - Length)).Clear();
    }

    private void Put(ColumnBuffer raw)
    {
        if (raw.LengthBytes <= CopiedBytesMax)
        {
            raw.Bytes.CopyTo(Take(raw.LengthBytes));
            return;
        }
        _pieces.Add(raw.Memory);
        _endsInChunk = false;
        Length += raw.LengthBytes;
    }

    private bool TryAddCompressed(ReadOnlySpan<byte> raw, bool insists)
    {
        Pad(IpcFormat.Alignment);
        int target = insists ? Zstd.BoundOf(raw.Length) : raw.Length - (raw.Length / 8);
        Span<byte> room = Room(LengthBytes + target);
        if (!Zstd.TryCompress(raw, room.Slice(LengthBytes, target), out int written))
            return false;
        BinaryPrimitives.WriteInt64LittleEndian(room, raw.Length);
        Pair(_buffers, Length, LengthBytes + written);
        Take(LengthBytes + written);
        return true;
    }

    /// <summary>So many bytes of the own memory as the body's next.</summary>
    private Span<byte> Take(int count)
    {
        Span<byte> taken = Room(count)[..count];
        byte[] chunk = _chunks[_chunk];
        if (_endsInChunk)
        {
            ReadOnlyMemory<byte> last = _pieces[^1];
            _pieces[^1] = chunk.AsMemory(_used - last.Length, last.Length + count);
        }
        else
        {
            _pieces.Add(chunk.AsMemory(_used, count));
            _endsInChunk = true;
        }
        _used += count;
        Length += count;
        return taken;
    }

    /// <summary>So many bytes of the own memory behind what is taken; they are not taken yet.</summary>
    private Span<byte> Room(int count)
    {
        while (_chunk < _chunks.Count && _chunks[_chunk].Length - _used < count)
        {
            _chunk++;
            _used = 0;
            _endsInChunk = false;
        }
        if (_chunk == _chunks.Count)
            _chunks.Add(GC.AllocateUninitializedArray<byte>(Math.Max(_chunks.Count == 0 ? FirstChunkBytes : ChunkBytes, count)));
        return _chunks[_chunk].AsSpan(_used);
    }

    private static void Pair(List<byte> target, long first, long second)
    {
        Span<byte> pair = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(pair, first);
        BinaryPrimitives.WriteInt64LittleEndian(pair[8..], second);
        target.AddRange(pair);
    }
}
