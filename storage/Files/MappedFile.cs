using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Files;

/// <summary>A whole file in memory, for reading.</summary>
/// <remarks>
/// Ownership: buffers made by <see cref="Buffer"/> refer to this object, so the memory stays mapped while any column
///            can still point into it; when the last one is gone the collector unmaps it. There is deliberately no way
///            to unmap it earlier.
/// </remarks>
public sealed unsafe class MappedFile
{
    private readonly object? _memory; // keeps the pages: a view whose handle unmaps when it is finalised, or an array
    private readonly byte* _start;

    internal MappedFile(string path, object? memory, byte* start, long length)
    {
        Path = path;
        _memory = memory;
        _start = start;
        Length = length;
    }

    public string Path { get; }

    public long Length { get; }

    /// <summary>The first byte; valid as long as this object is reachable.</summary>
    public byte* Start => _start;

    /// <summary>Bytes of the file; valid as long as this object is reachable.</summary>
    public ReadOnlySpan<byte> Span(long offset, int length)
    {
        CheckRange(offset, length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    /// <summary>Bytes of the file as a buffer that keeps it mapped.</summary>
    public ColumnBuffer Buffer(long offset, int length)
    {
        CheckRange(offset, length);
        return ColumnBuffer.Foreign(this, _start + offset, length);
    }

    /// <summary>Tells the system how a part will be read; it may ignore that.</summary>
    public void Advise(MemoryAdvice advice, long offset, long length)
    {
        CheckRange(offset, 0);
        if (_memory is System.IO.MemoryMappedFiles.MemoryMappedViewAccessor && length > 0 && OperatingSystem.IsLinux())
            NativeMapping.Advise(_start + offset, Math.Min(length, Length - offset), advice);
        GC.KeepAlive(this);
    }

    private void CheckRange(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        GC.KeepAlive(_memory);
    }
}
