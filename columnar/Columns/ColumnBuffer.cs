using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Columnar.Native;

namespace VecSQL.Columnar.Columns;

/// <summary>Read-only bytes of a column: a managed array, or memory that something else owns, such as a mapped file.</summary>
/// <remarks>
/// Ownership: managed arrays belong to the garbage collector. Foreign memory is kept alive by <c>owner</c>, which this value
/// references; whoever unmaps it does so only when no reader can hold a buffer of it any more.
/// Spans taken from a buffer are valid as long as the buffer (or a column holding it) is reachable.
/// </remarks>
public readonly struct ColumnBuffer
{
    private readonly object? _owner; // a byte[] or other primitive array, or the owner of foreign memory
    private readonly nint _address;
    private readonly int _offset;

    private ColumnBuffer(object? owner, nint address, int offset, int length)
    {
        _owner = owner;
        _address = address;
        _offset = offset;
        LengthBytes = length;
    }

    public int LengthBytes { get; }

    public bool IsEmpty => LengthBytes == 0;

    /// <summary>Whether the bytes are somebody else's, such as a mapped file's, rather than a managed array's.</summary>
    public bool IsForeign => _address != 0;

    internal object? Owner => _owner;

    /// <summary>Where the bytes begin in the owner, where that is an array.</summary>
    internal int OffsetBytes => _offset;

    /// <summary>Wraps an array without copying; the caller gives the array away.</summary>
    public static ColumnBuffer Wrap<T>(T[] values, int count) where T : unmanaged =>
        new(values, 0, 0, checked(count * Unsafe.SizeOf<T>()));

    public static ColumnBuffer Wrap<T>(T[] values) where T : unmanaged => Wrap(values, values.Length);

    /// <summary>Points into memory that <paramref name="owner"/> keeps alive.</summary>
    public static unsafe ColumnBuffer Foreign(object owner, byte* start, int lengthBytes) =>
        new(owner, (nint)start, 0, lengthBytes);

    /// <summary>Points into an array of bytes or memory that came of a buffer; other memory is copied.</summary>
    public static ColumnBuffer Of(ReadOnlyMemory<byte> memory)
    {
        if (memory.IsEmpty)
            return default;
        if (MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Array is { } array)
            return new ColumnBuffer(array, 0, segment.Offset, segment.Count);
        return MemoryMarshal.TryGetMemoryManager(memory, out BufferMemory? manager, out int start, out int length)
            ? manager.Buffer.Slice(start, length)
            : Wrap(memory.ToArray());
    }

    public ReadOnlySpan<byte> Bytes => As<byte>();

    /// <summary>The bytes as memory, which keeps their owner alive.</summary>
    public ReadOnlyMemory<byte> Memory => LengthBytes == 0 ? default
        : _owner is byte[] bytes && _address == 0 ? bytes.AsMemory(_offset, LengthBytes)
        : new BufferMemory(this).Memory;

    /// <summary>The bytes as values of <typeparamref name="T"/>; a trailing part of a value is left out.</summary>
    public unsafe ReadOnlySpan<T> As<T>() where T : unmanaged
    {
        if (LengthBytes == 0)
            return default;
        if (_address != 0)
            return new ReadOnlySpan<T>((void*)(_address + _offset), LengthBytes / sizeof(T));
        ref byte first = ref MemoryMarshal.GetArrayDataReference(Unsafe.As<Array>(_owner!));
        return MemoryMarshal.CreateReadOnlySpan(
            ref Unsafe.As<byte, T>(ref Unsafe.Add(ref first, _offset)), LengthBytes / sizeof(T));
    }

    public ColumnBuffer Slice(int offsetBytes, int lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)lengthBytes, (uint)(LengthBytes - offsetBytes));
        return new ColumnBuffer(_owner, _address, _offset + offsetBytes, lengthBytes);
    }
}
