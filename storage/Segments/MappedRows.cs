using System.Buffers.Binary;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Values of a fixed-width column by position, where they lie in the mapped file.</summary>
/// <remarks>
/// Cost:    a row that is first asked for has its page read and verified, not its whole batch, so that searches which want few
///          rows can leave most of the file on disk. Segments without checksums of blocks have the batch verified.
/// Threads: any; two that ask for a block at once both verify it.
/// </remarks>
public sealed class MappedRows
{
    private readonly SegmentReader _segment;
    private readonly ArrowColumns _columns;
    private readonly MappedFile _file;
    private readonly SidecarSection? _checksums;
    private readonly int _field;
    private readonly short _column;
    private readonly Batch?[] _batches;
    private readonly int[] _firstBlocks; // of each batch
    private readonly bool[] _isVerified;

    /// <param name="file">The Arrow file, mapped to be read here and there.</param>
    /// <param name="checksums">Of the column's blocks; null where the segment has none.</param>
    internal MappedRows(
        SegmentReader segment, ArrowColumns columns, MappedFile file, SidecarSection? checksums, int field, short column)
    {
        (_segment, _columns, _file, _checksums, _field, _column) = (segment, columns, file, checksums, field, column);
        _batches = new Batch?[segment.BatchCount];
        _firstBlocks = new int[segment.BatchCount];
        int blocks = 0;
        for (int batch = 0; checksums is not null && batch < _firstBlocks.Length; batch++)
        {
            _firstBlocks[batch] = blocks;
            blocks += columns.BlockCountOf(batch, field);
        }
        if (checksums is not null && checksums.Length != blocks * sizeof(uint))
            throw new CorruptFileException(file.Path, 0, $"its sidecar has other checksums than of {blocks} blocks of column {column}");
        _isVerified = new bool[blocks];
    }

    /// <summary>Has the system read what these rows need and memory has not, all at once.</summary>
    public void Ask(ReadOnlySpan<int> positions)
    {
        if (_checksums is null)
            return;
        foreach (int position in positions)
        {
            Batch batch = BatchOf(position, out long offset);
            if (!Volatile.Read(ref _isVerified[batch.FirstBlock + SidecarFormat.BlockOf(batch.Start, offset)]))
                _file.Advise(MemoryAdvice.WillNeed, offset, batch.WidthBytes);
        }
    }

    /// <param name="position">In the segment.</param>
    /// <exception cref="CorruptFileException">A checksum is wrong.</exception>
    public ReadOnlySpan<byte> At(int position)
    {
        Batch batch = BatchOf(position, out long offset);
        if (_checksums is not null)
        {
            int last = SidecarFormat.BlockOf(batch.Start, offset + batch.WidthBytes - 1);
            for (int block = SidecarFormat.BlockOf(batch.Start, offset); block <= last; block++)
            {
                if (!Volatile.Read(ref _isVerified[batch.FirstBlock + block]))
                    Verify(_checksums, batch, block);
            }
        }
        return _file.Span(offset, batch.WidthBytes);
    }

    /// <param name="offset">Of the row, in the file.</param>
    private Batch BatchOf(int position, out long offset)
    {
        int number = _segment.BatchOf(position);
        Batch batch = _batches[number] ??= Place(number); // two that place one at once find the same
        offset = batch.FirstRow + ((long)(position - batch.FirstPosition) * batch.WidthBytes);
        return batch;
    }

    private Batch Place(int batch)
    {
        if (!_columns.TryPlace(batch, _field, out long start, out int length, out long firstRow, out int widthBytes))
            throw new CorruptFileException(_file.Path, start, "vectors are compressed");
        if (_checksums is null)
            _segment.MapRun(batch, _column); // verifies all of it
        return new Batch(_segment.BatchStart(batch), _firstBlocks[batch], start, length, firstRow, widthBytes);
    }

    private void Verify(SidecarSection checksums, Batch batch, int block)
    {
        int number = batch.FirstBlock + block;
        uint expected = BinaryPrimitives.ReadUInt32LittleEndian(checksums.Read((long)number * sizeof(uint), sizeof(uint)));
        (int first, int length) = SidecarFormat.BytesOf(batch.Start, batch.Length, block);
        uint actual = Checksum.Crc32C(_file.Span(batch.Start + first, length));
        if (actual != expected)
        {
            throw new CorruptFileException(_file.Path, batch.Start + first,
                $"checksum of block {block} of column {_column} is {actual:x8}, the sidecar says {expected:x8}");
        }
        Volatile.Write(ref _isVerified[number], true);
    }

    /// <param name="Start">Where the column's bytes of the batch begin in the file.</param>
    /// <param name="FirstRow">Where its first value does.</param>
    private sealed record Batch(int FirstPosition, int FirstBlock, long Start, int Length, long FirstRow, int WidthBytes);
}
