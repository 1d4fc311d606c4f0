using System.Buffers.Binary;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Ipc;

/// <summary>Collects the buffers of a record batch's body, and the list of them that its metadata needs.</summary>
internal sealed class BodyBuffer
{
    private const int LengthBytes = sizeof(long);

    private readonly List<byte> _nodes = [], _buffers = [];
    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(1 << 16);

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, Length);

    internal ReadOnlySpan<byte> NodeList => CollectionsMarshal.AsSpan(_nodes);

    internal ReadOnlySpan<byte> BufferList => CollectionsMarshal.AsSpan(_buffers);

    internal void Clear()
    {
        Length = 0;
        _nodes.Clear();
        _buffers.Clear();
    }

    internal void Node(int rowCount, int nullCount) => Pair(_nodes, rowCount, nullCount);

    /// <summary>A buffer that has no bytes, such as the validity of a column without nulls.</summary>
    internal void Absent()
    {
        Pad(IpcFormat.Alignment);
        Pair(_buffers, Length, 0);
    }

    /// <summary>Adds a buffer, compressed where that is wanted and saves an eighth at least.</summary>
    internal void Add(ReadOnlySpan<byte> raw, bool isCompressed)
    {
        if (raw.IsEmpty)
        {
            Absent();
            return;
        }
        if (isCompressed && raw.Length > 64 && TryAddCompressed(raw))
            return;
        Span<byte> target = AddRaw(raw.Length);
        raw.CopyTo(target);
    }

    /// <summary>Adds a buffer to be filled by the caller: so many bytes, beginning at a multiple of 64.</summary>
    internal Span<byte> AddRaw(int rawBytes)
    {
        // The length before the bytes is what is misaligned, so that the bytes themselves can be used where they lie.
        int start = (int)IpcFormat.Aligned(Length + LengthBytes, IpcFormat.Alignment) - LengthBytes;
        Room(start - Length);
        _bytes.AsSpan(Length, start - Length).Clear();
        Length = start;
        Room(LengthBytes + rawBytes);
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(start), IpcFormat.StoredRaw);
        Pair(_buffers, start, LengthBytes + rawBytes);
        Length = start + LengthBytes + rawBytes;
        return _bytes.AsSpan(start + LengthBytes, rawBytes);
    }

    internal void Pad(int alignment)
    {
        int padding = (int)(IpcFormat.Aligned(Length, alignment) - Length);
        Room(padding);
        _bytes.AsSpan(Length, padding).Clear();
        Length += padding;
    }

    private bool TryAddCompressed(ReadOnlySpan<byte> raw)
    {
        Pad(IpcFormat.Alignment);
        int target = raw.Length - (raw.Length / 8);
        Room(LengthBytes + target);
        if (!Zstd.TryCompress(raw, _bytes.AsSpan(Length + LengthBytes, target), out int written))
            return false;
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(Length), raw.Length);
        Pair(_buffers, Length, LengthBytes + written);
        Length += LengthBytes + written;
        return true;
    }

    private void Room(int count)
    {
        long needed = (long)Length + count;
        if (needed > _bytes.Length)
            Array.Resize(
                ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(checked((int)needed), _bytes.Length * 2L)));
    }

    private static void Pair(List<byte> target, long first, long second)
    {
        Span<byte> pair = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(pair, first);
        BinaryPrimitives.WriteInt64LittleEndian(pair[8..], second);
        target.AddRange(pair);
    }
}
