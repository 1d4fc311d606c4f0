using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Reads a segment. Rows are named by position, from 0 to <see cref="SegmentInfo.RowCount"/>.</summary>
/// <remarks>
/// Errors:  a block whose checksum is wrong is a <see cref="CorruptFileException"/> when it is first touched.
/// Memory:  uncompressed values are handed out where they lie in the mapped file; decompressed ones come from
///          <see cref="ColumnCache"/>. Columns stay valid as long as they are referred to, also after the files are
///          deleted.
/// Threads: any.
/// </remarks>
public sealed class SegmentReader
{
    /// <summary>The number under which row ids (int64) can be read like a column.</summary>
    public const short RowIdColumn = -1;

    /// <summary>The number under which commit timestamps (int64) can be read like a column.</summary>
    public const short CommitColumn = -2;

    private readonly ArrowColumns _arrow;
    private readonly SegmentSidecar _sidecar;
    private readonly ColumnForm[] _forms;
    private readonly ColumnCache _cache;
    private readonly ColumnDictionary?[] _dictionaries; // of columns of text

    private readonly MappedFile _rowsFile;

    private SegmentReader(
        SegmentInfo info, ArrowColumns arrow, SegmentSidecar sidecar, ColumnCache cache, MappedFile rowsFile)
    {
        _rowsFile = rowsFile;
        Info = info;
        _arrow = arrow;
        _sidecar = sidecar;
        _cache = cache;
        _forms = new ColumnForm[Schema.Columns.Length];
        for (int i = 0; i < _forms.Length; i++)
            _forms[i] = ArrowTypeMap.Map(Schema.Columns[i]).Form;
        _dictionaries = [.. Schema.Columns.Select(column => column.Type.Oid is TypeOid.Text or TypeOid.VarChar or TypeOid.BpChar or TypeOid.Name
            ? new ColumnDictionary() : null)];
    }

    /// <exception cref="CorruptFileException">The files do not fit each other or <paramref name="info"/>.</exception>
    public static SegmentReader Open(IFileSystem files, string directory, SegmentInfo info, ColumnCache cache)
    {
        MappedFile sidecarFile = files.Map(Path.Combine(directory, info.Id.SidecarName));
        SegmentSidecar sidecar = new(sidecarFile, info);
        MappedFile arrowFile = files.Map(Path.Combine(directory, info.Id.ArrowName));
        if (arrowFile.Length != info.ArrowBytes)
        {
            throw new CorruptFileException(arrowFile.Path, Math.Min(arrowFile.Length, info.ArrowBytes),
                $"it has {arrowFile.Length} bytes and should have {info.ArrowBytes}");
        }
        // Scans want the system to read ahead, rows here and there do not: they are read by a mapping of their own.
        MappedFile rowsFile = files.Map(arrowFile.Path);
        rowsFile.Advise(MemoryAdvice.Random, 0, rowsFile.Length);
        return new SegmentReader(info, new ArrowColumns(arrowFile, sidecar), sidecar, cache, rowsFile);
    }

    public SegmentInfo Info { get; }

    public SegmentSchema Schema => _sidecar.Schema;

    /// <summary>Record batches: the natural unit of a scan, each of at most <see cref="ColumnBatch.RowsMax"/>
    /// rows.</summary>
    public int BatchCount => _sidecar.BatchCount;

    /// <summary>Position of the batch's first row; for <see cref="BatchCount"/>, the row count.</summary>
    public int BatchStart(int batch) => (int)Math.Min((long)batch * _sidecar.RowsPerBatch, Info.RowCount);

    /// <summary>The batch that holds a position.</summary>
    public int BatchOf(int position) => position / _sidecar.RowsPerBatch;

    /// <summary>False for a column that was added to the table after the segment was written.</summary>
    public bool HasColumn(short number) => number < 0 || Schema.OrdinalOf(number) >= 0;

    /// <summary>A record batch's values of columns that the segment has, or of the two hidden ones.</summary>
    public ColumnBatch ReadBatch(int batch, ReadOnlySpan<short> columns)
    {
        Column[] values = new Column[columns.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = ReadColumn(batch, columns[i]);
        return new ColumnBatch(values, BatchStart(batch + 1) - BatchStart(batch));
    }

    /// <summary>One column of a record batch.</summary>
    public Column ReadColumn(int batch, short column)
    {
        if (column == CommitColumn && Info.HasOneCommit)
            return FixedColumn<long>.Constant(Info.MinCommit, BatchStart(batch + 1) - BatchStart(batch));
        int field = FieldOf(column);
        if (_cache.TryGet(Info.Id, field, batch, out Column cached))
            return cached;
        Column read = _arrow.Read(batch, field);
        if (column > 0)
        {
            int ordinal = field - _sidecar.HiddenCount;
            read = _forms[ordinal].FromFile(read);
            if (_dictionaries[ordinal] is { } dictionary)
                read = dictionary.Encode((BinaryColumn)read);
        }
        _cache.Add(Info.Id, field, batch, read, SizeOf(read));
        return read;
    }

    /// <summary>One column of a record batch that the segment has, not kept for others to read.</summary>
    public Column ReadOnce(int batch, short column)
    {
        int field = FieldOf(column);
        return _forms[field - _sidecar.HiddenCount].FromFile(_arrow.Read(batch, field));
    }

    /// <summary>One column of a record batch as the file has it, verified.</summary>
    public StoredColumn ReadStored(int batch, short column) => _arrow.ReadStored(batch, FieldOf(column));

    /// <summary>Bytes of a column in the file.</summary>
    internal long BytesOf(short column)
    {
        long bytes = 0;
        for (int batch = 0; batch < BatchCount; batch++)
            bytes += _sidecar.ColumnPlaceOf(batch, FieldOf(column)).Length;
        return bytes;
    }

    /// <summary>The values at positions, in the order given.</summary>
    public Column Gather(ReadOnlySpan<int> positions, short column)
    {
        if (positions.IsEmpty)
            return ReadColumn(0, column).Take([]);
        int batch = BatchOf(positions[0]), start = BatchStart(batch), end = BatchStart(batch + 1);
        int[] rows = new int[positions.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            if (positions[i] < start || positions[i] >= end)
                return GatherAcross(positions, column);
            rows[i] = positions[i] - start;
        }
        return ReadColumn(batch, column).Take(rows);
    }

    /// <summary>The position of a row id; −1 where the segment does not have it.</summary>
    public int PositionOf(long rowId)
    {
        int position = LowerBound(rowId);
        return position < Info.RowCount && RowIdAt(position) == rowId ? position : -1;
    }

    /// <summary>The first position whose row id is not below the given one; the row count where there is
    /// none.</summary>
    public int LowerBound(long rowId)
    {
        int low = 0, high = BatchCount; // the first batch whose greatest row id is not below
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_sidecar.MaxRowId(middle) < rowId)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == BatchCount)
            return Info.RowCount;
        int start = BatchStart(low), count = BatchStart(low + 1) - start;
        long first = _sidecar.MinRowId(low);
        if (rowId <= first)
            return start;
        if (_sidecar.MaxRowId(low) - first == count - 1)
            return start + (int)(rowId - first); // no gaps
        ReadOnlySpan<long> rowIds = ((FixedColumn<long>)ReadColumn(low, RowIdColumn)).Values;
        int place = rowIds.BinarySearch(rowId);
        return start + (place >= 0 ? place : ~place);
    }

    /// <summary>Whether the segment answers for this unique index (it was written when the index existed).</summary>
    public bool HasKey(uint indexOid) => _sidecar.HasKey(indexOid);

    /// <summary>Positions of rows whose key may have this hash (of <see cref="KeyHash"/>); the caller compares the
    /// keys.</summary>
    /// <returns>How many there are; only as many as fit are written.</returns>
    public int FindKey(uint indexOid, ulong hash, Span<int> positions)
    {
        int count = _sidecar.FindKey(indexOid, hash, positions);
        foreach (int position in positions[..Math.Min(count, positions.Length)])
            Invariant.Holds((uint)position < (uint)Info.RowCount);
        return count;
    }

    /// <summary>What is known of a batch's values of a column without reading them.</summary>
    public Zone ZoneOf(int batch, short column) => _sidecar.ZoneOf(batch, Schema.OrdinalOf(column));

    /// <summary>Whether a column's values lie one after the other in the mapped file: vector, halfvec and bit columns of
    /// fixed length.</summary>
    public bool IsMapped(short column)
    {
        int ordinal = Schema.OrdinalOf(column);
        return ordinal >= 0 && ArrowTypeMap.IsMapped(Schema.Columns[ordinal].Type);
    }

    /// <summary>A batch of a column of which <see cref="IsMapped"/> holds, as it lies in the mapped file.</summary>
    public MappedRun MapRun(int batch, short column)
    {
        (ColumnBuffer data, Bitmap validity) = _arrow.Map(batch, FieldOf(column));
        int start = BatchStart(batch), count = BatchStart(batch + 1) - start;
        return new MappedRun(start, count, data, data.LengthBytes / count, validity);
    }

    /// <summary>The values of a column of which <see cref="IsMapped"/> holds, for reading a row here and there.</summary>
    internal MappedRows MapRows(short column) => new(this, _arrow, _rowsFile, _sidecar.BlockChecksumsOf(column), FieldOf(column), column);

    private Column GatherAcross(ReadOnlySpan<int> positions, short column)
    {
        Column source = ReadColumn(BatchOf(positions[0]), column);
        ColumnBuilder target = ColumnBuilder.Create(source.Type, positions.Length);
        int batch = BatchOf(positions[0]), start = BatchStart(batch), end = BatchStart(batch + 1);
        foreach (int position in positions)
        {
            if (position < start || position >= end)
            {
                batch = BatchOf(position);
                (start, end) = (BatchStart(batch), BatchStart(batch + 1));
                source = ReadColumn(batch, column);
            }
            target.AppendFrom(source, position - start);
        }
        return target.Build();
    }

    private long RowIdAt(int position)
    {
        int batch = BatchOf(position), start = BatchStart(batch);
        long first = _sidecar.MinRowId(batch);
        return _sidecar.MaxRowId(batch) - first == BatchStart(batch + 1) - start - 1
            ? first + (position - start)
            : ((FixedColumn<long>)ReadColumn(batch, RowIdColumn)).Values[position - start];
    }

    /// <summary>The Arrow field that holds a column.</summary>
    private int FieldOf(short column)
    {
        if (column == RowIdColumn)
            return 0;
        if (column == CommitColumn)
            return 1; // there, since not all rows have one timestamp
        int ordinal = Schema.OrdinalOf(column);
        Invariant.Holds(ordinal >= 0);
        return _sidecar.HiddenCount + ordinal;
    }

    /// <summary>About how much memory a column takes that mapped memory does not give.</summary>
    private static long SizeOf(Column column) => 200 + (column switch
    {
        BinaryColumn { Form: DictionaryValues form } values => form.SizeBytes + (8L * values.Length),
        BinaryColumn { Form: { } form } values => form.SizeBytes + (18L * values.Length), // with the bytes that may be made of them
        BinaryColumn { DataBuffer.IsForeign: true } values => 8L * values.Length,
        BinaryColumn values => (8L * values.Length) + values.DataBuffer.LengthBytes,
        FixedColumn<short> values => values.Buffer.LengthBytes,
        FixedColumn<int> values => values.Buffer.LengthBytes,
        FixedColumn<long> values => values.Buffer.LengthBytes,
        FixedColumn<float> values => values.Buffer.LengthBytes,
        FixedColumn<double> values => values.Buffer.LengthBytes,
        FixedColumn<Fixed16> values => values.Buffer.LengthBytes,
        _ => column.Length / 8,
    });
}
