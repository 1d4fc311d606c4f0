using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>The columns of a segment's mapped Arrow file, verified by the sidecar's checksums when they are first
/// touched.</summary>
/// <remarks>Threads: any; two that touch a column of a batch at once both verify it.</remarks>
internal sealed class ArrowColumns
{
    /// <summary>Up to so many bytes, a batch's column or its metadata are asked for by themselves: on a fault the system would read around it, which in a
    /// table with vectors is mostly these, by the megabyte.</summary>
    private const int SmallBytes = 1 << 16;

    private readonly MappedFile _file;
    private readonly SegmentSidecar _sidecar;
    private readonly IpcFileReader _reader;
    private readonly IpcBatch?[] _batches;
    private readonly bool[] _isVerified; // batch by batch, for each field

    internal ArrowColumns(MappedFile file, SegmentSidecar sidecar)
    {
        _file = file;
        _sidecar = sidecar;
        _batches = new IpcBatch?[sidecar.BatchCount];
        _isVerified = new bool[sidecar.BatchCount * sidecar.FieldCount];
        long head = sidecar.BatchCount > 0 ? sidecar.PlaceOf(0).Offset : sidecar.TailOffset;
        Verify(0, head, sidecar.HeadChecksum, "the head");
        Verify(sidecar.TailOffset, file.Length - sidecar.TailOffset, sidecar.TailChecksum, "the footer");
        _reader = Guard(() => new IpcFileReader(file.Path, file.Length, file.Buffer));
        if (_reader.Blocks.Count != sidecar.BatchCount || _reader.Schema.Fields.Count != sidecar.FieldCount)
            throw new CorruptFileException(file.Path, sidecar.TailOffset, "its sidecar has other batches or columns");
    }

    internal Column Read(int batch, int field)
    {
        IpcBatch source = Touch(batch, field);
        return Guard(() => source.ReadColumn(field));
    }

    internal StoredColumn ReadStored(int batch, int field)
    {
        IpcBatch source = Touch(batch, field);
        return Guard(() => source.ReadStored(field));
    }

    internal (ColumnBuffer Data, Bitmap Validity) Map(int batch, int field)
    {
        IpcBatch source = Touch(batch, field);
        try
        {
            return source.TryMap(field, out ColumnBuffer data, out Bitmap validity)
                ? (data, validity)
                : throw new CorruptFileException(_file.Path, _sidecar.PlaceOf(batch).Offset, "vectors are compressed");
        }
        catch (IpcException damage) // not by Guard, whose closure would be made for every batch of every scan
        {
            throw Corrupt(damage);
        }
    }

    /// <summary>Blocks of a batch's column.</summary>
    internal int BlockCountOf(int batch, int field)
    {
        BatchPlace place = _sidecar.PlaceOf(batch);
        (long inBody, int length, _) = _sidecar.ColumnPlaceOf(batch, field);
        return SidecarFormat.BlockCount(place.Offset + place.MetadataBytes + inBody, length);
    }

    /// <summary>Where a batch of a column that is used in place lies in the file: its bytes, not yet verified, and the first row's
    /// value among them; false where that cannot be said without a look at them.</summary>
    internal bool TryPlace(int batch, int field, out long start, out int length, out long firstRow, out int widthBytes)
    {
        BatchPlace place = _sidecar.PlaceOf(batch);
        IpcBatch source = Volatile.Read(ref _batches[batch]) ?? ReadBatch(batch, place);
        (long inBody, length, _) = _sidecar.ColumnPlaceOf(batch, field);
        start = place.Offset + place.MetadataBytes + inBody;
        bool isPlaced = source.TryPlace(field, out firstRow, out widthBytes);
        bool fits = inBody >= 0 && length >= 0 && inBody <= place.BodyBytes - length && start <= _file.Length - length
            && (!isPlaced || (firstRow >= start && firstRow + ((long)source.RowCount * widthBytes) <= start + length));
        return fits
            ? isPlaced
            : throw new CorruptFileException(_file.Path, place.Offset, $"column {field} of batch {batch} is outside its body");
    }

    /// <summary>The batch, with the field's bytes verified.</summary>
    private IpcBatch Touch(int batch, int field)
    {
        BatchPlace place = _sidecar.PlaceOf(batch);
        IpcBatch source = Volatile.Read(ref _batches[batch]) ?? ReadBatch(batch, place);
        int mark = (batch * _sidecar.FieldCount) + field;
        if (!Volatile.Read(ref _isVerified[mark]))
        {
            (long offset, int length, uint checksum) = _sidecar.ColumnPlaceOf(batch, field);
            if (offset < 0 || length < 0 || offset > place.BodyBytes - length)
                throw new CorruptFileException(
                    _file.Path, place.Offset, $"column {field} of batch {batch} is outside its body");
            long start = place.Offset + place.MetadataBytes + offset;
            Verify(start, length, checksum, $"batch {batch}, column {field}");
            Volatile.Write(ref _isVerified[mark], true);
        }
        return source;
    }

    private IpcBatch ReadBatch(int batch, BatchPlace place)
    {
        Verify(place.Offset, place.MetadataBytes, place.MetadataChecksum, $"batch {batch}'s metadata");
        IpcBlock block = _reader.Blocks[batch];
        if (block != new IpcBlock(place.Offset, place.MetadataBytes, place.BodyBytes))
            throw new CorruptFileException(_file.Path, place.Offset, $"batch {batch} is elsewhere for the sidecar");
        IpcBatch source = Guard(() => _reader.ReadBatch(batch));
        Volatile.Write(ref _batches[batch], source);
        return source;
    }

    private void Verify(long offset, long length, uint expected, string what)
    {
        if (offset < 0 || length is < 0 or > int.MaxValue || offset > _file.Length - length)
            throw new CorruptFileException(_file.Path, offset, $"{what} of {length} bytes is outside the file");
        if (length <= SmallBytes)
            _file.Advise(MemoryAdvice.WillNeed, offset, length);
        uint actual = Checksum.Crc32C(_file.Span(offset, (int)length));
        if (actual != expected)
            throw new CorruptFileException(
                _file.Path, offset, $"checksum of {what} is {actual:x8}, the sidecar says {expected:x8}");
    }

    /// <summary>What is wrong with the Arrow file is wrong with a file of storage.</summary>
    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (IpcException damage)
        {
            throw Corrupt(damage);
        }
    }

    private static CorruptFileException Corrupt(IpcException damage) =>
        new(damage.SourceName, damage.Offset, damage.Reason, damage);
}
