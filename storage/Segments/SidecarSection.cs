using System.Buffers.Binary;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Bytes of a mapped sidecar, verified in blocks of 64 KiB before they are first handed out.</summary>
/// <remarks>Threads: any; two that touch a block at once both verify it.</remarks>
internal sealed class SidecarSection
{
    private readonly MappedFile _file;
    private readonly long _offset;
    private readonly uint[] _checksums;
    private readonly bool[] _isVerified;

    private SidecarSection(MappedFile file, long offset, int length, uint[] checksums)
    {
        _file = file;
        _offset = offset;
        Length = length;
        _checksums = checksums;
        _isVerified = new bool[checksums.Length];
    }

    internal int Length { get; }

    /// <summary>The bytes, unverified unless all were read before.</summary>
    internal ReadOnlyMemory<byte> Memory => new MappedMemory(_file, _offset, Length).Memory;

    /// <summary>Opens the section that an entry of the head, itself verified, describes.</summary>
    internal static SidecarSection Open(MappedFile file, ReadOnlySpan<byte> entry, int entryOffset)
    {
        long offset = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
        long blocks = (length + SidecarFormat.BlockBytes - 1) / SidecarFormat.BlockBytes;
        bool fits = offset >= 0 && length is >= 0 and <= int.MaxValue && offset <= file.Length
            && length + (blocks * sizeof(uint)) <= file.Length - offset;
        if (!fits)
            throw new CorruptFileException(
                file.Path, entryOffset, $"a section of {length} bytes at {offset} does not fit");
        ReadOnlySpan<byte> list = file.Span(offset + length, (int)blocks * sizeof(uint));
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), actual = Checksum.Crc32C(list);
        if (stored != actual)
            throw new CorruptFileException(
                file.Path, offset + length, $"checksum of a list is {actual:x8}, the head says {stored:x8}");
        uint[] checksums = new uint[blocks];
        for (int i = 0; i < checksums.Length; i++)
            checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(list[(i * sizeof(uint))..]);
        return new SidecarSection(file, offset, (int)length, checksums);
    }

    /// <summary>Verified bytes; valid as long as this section is reachable.</summary>
    /// <exception cref="CorruptFileException">A checksum is wrong, or the range is beyond the section.</exception>
    internal ReadOnlySpan<byte> Read(long start, int length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new CorruptFileException(
                _file.Path, _offset, $"bytes {start} to {start + length} of a section of {Length}");
        if (length > 0)
        {
            long last = (start + length - 1) / SidecarFormat.BlockBytes;
            for (long block = start / SidecarFormat.BlockBytes; block <= last; block++)
            {
                if (!Volatile.Read(ref _isVerified[block]))
                    Verify((int)block);
            }
        }
        return _file.Span(_offset + start, length);
    }

    private void Verify(int block)
    {
        int start = block * SidecarFormat.BlockBytes;
        uint actual = Checksum.Crc32C(_file.Span(_offset + start, Math.Min(SidecarFormat.BlockBytes, Length - start)));
        if (actual != _checksums[block])
        {
            throw new CorruptFileException(_file.Path, _offset + start,
                $"checksum of the block is {actual:x8}, the file says {_checksums[block]:x8}");
        }
        Volatile.Write(ref _isVerified[block], true);
    }
}
