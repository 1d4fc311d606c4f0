using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>Files of nothing but vectors: one column takes them, and another, if asked for, the rows' numbers, counted from 0.</summary>
internal abstract class VectorFileSource(string? numbersColumn) : ArrowCopySource
{
    private const int BatchRowsMax = 4096, BatchBytesWanted = 4 << 20;

    private byte[] _held = [];
    private int _start, _end;
    private ArrowSchema? _schema;
    private ArrowType? _type;

    internal sealed override ArrowSchema? Schema => _schema;

    /// <summary>Rows read so far.</summary>
    private protected long RowCount { get; private set; }

    private protected ReadOnlySpan<byte> Held => _held.AsSpan(_start, _end - _start);

    internal sealed override void Add(ReadOnlySpan<byte> piece)
    {
        int rest = _end - _start;
        if (piece.Length > _held.Length - _end)
        {
            byte[] target = rest + (long)piece.Length <= _held.Length / 2 ? _held
                : new byte[checked((int)Math.Min(2L * (rest + (long)piece.Length), Array.MaxLength))];
            Held.CopyTo(target);
            (_held, _start, _end) = (target, 0, rest);
        }
        piece.CopyTo(_held.AsSpan(_end));
        _end += piece.Length;
    }

    internal sealed override int[] FieldsOf(ReadOnlySpan<CopyColumn> columns)
    {
        int numbers = -1;
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i].Name == numbersColumn)
                numbers = i;
        }
        if (numbersColumn is not null && numbers < 0)
            throw new SqlException(SqlState.UndefinedColumn, $"id_column \"{numbersColumn}\" is not among the columns copied");
        if (columns.Length != (numbers < 0 ? 1 : 2))
        {
            throw new SqlException(SqlState.InvalidParameterValue, "files of vectors fill one column",
                hint: "Name it after the table, and with option id_column another one for the rows' numbers.");
        }
        int[] places = new int[columns.Length];
        if (numbers >= 0)
            places[numbers] = 1;
        return places;
    }

    /// <summary>Rows to be made of what is held: how many, and their bytes one after the other.</summary>
    private protected ArrowBatch? Take(ArrowType type, int rowCount, byte[] values)
    {
        if (_schema is null || !ReferenceEquals(_type, type))
        {
            _type = type;
            _schema = new ArrowSchema([new ArrowField("vector", type, IsNullable: false, []),
                new ArrowField("number", new ArrowType(ArrowTypeKind.Int64), IsNullable: false, [])], []);
        }
        if (rowCount == 0)
            return null;
        long[] numbers = new long[rowCount];
        for (int i = 0; i < rowCount; i++)
            numbers[i] = RowCount + i;
        RowCount += rowCount;
        ColumnBuffer data = ColumnBuffer.Wrap(values);
        ArrowArray vectors = type.Kind == ArrowTypeKind.FixedSizeList
            ? new ArrowArray(type, rowCount, 0, [default],
                [new ArrowArray(type.Children[0].Type, rowCount * type.Size, 0, [default, data])])
            : new ArrowArray(type, rowCount, 0, [default, data]);
        return new ArrowBatch(_schema, rowCount,
            [vectors, new ArrowArray(new ArrowType(ArrowTypeKind.Int64), rowCount, 0, [default, ColumnBuffer.Wrap(numbers)])]);
    }

    private protected void Drop(int count) => _start += count;

    private protected static int RowsWanted(int rowBytes) => Math.Clamp(BatchBytesWanted / Math.Max(rowBytes, 1), 1, BatchRowsMax);
}

/// <summary>fvecs, bvecs: for each vector its int32 dimensions, then as many float32 or bytes. Little-endian.</summary>
internal sealed class TexmexSource(ArrowTypeKind element, string? numbersColumn) : VectorFileSource(numbersColumn)
{
    private readonly int _width = element == ArrowTypeKind.Float32 ? sizeof(float) : sizeof(byte);
    private ArrowType? _type;

    internal override ArrowBatch? TryRead()
    {
        if (Held.Length < sizeof(int))
            return null;
        int dimensions = BinaryPrimitives.ReadInt32LittleEndian(Held);
        if (dimensions is < 1 or > IpcLimits.ListSizeMax)
            throw Bad($"vector {RowCount} has {dimensions} dimensions");
        if (_type is { } known && known.Size != dimensions)
            throw Bad($"vector {RowCount} has {dimensions} dimensions, those before have {known.Size}");
        _type ??= ArrowType.FixedSizeList(element, dimensions);
        int valueBytes = dimensions * _width, rowBytes = sizeof(int) + valueBytes;
        int count = Math.Min(Held.Length / rowBytes, RowsWanted(rowBytes));
        byte[] values = new byte[count * valueBytes];
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<byte> from = Held.Slice(row * rowBytes, rowBytes);
            int given = BinaryPrimitives.ReadInt32LittleEndian(from);
            if (given != dimensions)
                throw Bad($"vector {RowCount + row} has {given} dimensions, those before have {dimensions}");
            from[sizeof(int)..].CopyTo(values.AsSpan(row * valueBytes));
        }
        Drop(count * rowBytes);
        return Take(_type, count, values);
    }

    internal override void Complete()
    {
        if (Held.Length > 0)
            throw Bad($"the data ends within vector {RowCount}");
    }
}

/// <summary>npy: an array of NumPy, of one or two dimensions.</summary>
/// <remarks>
/// Layout: 93 "NUMPY", version (two bytes), the header's length (uint16, or uint32 from version 2 on), the header: a literal of Python's with
///         descr, fortran_order and shape; then the values, row by row.
/// </remarks>
internal sealed class NpySource(string? numbersColumn) : VectorFileSource(numbersColumn)
{
    private const int HeaderBytesMax = 1 << 16;

    private ArrowType? _type;
    private long _rowsClaimed;
    private int _rowBytes;

    internal override ArrowBatch? TryRead()
    {
        if (_type is null && !TryReadHeader())
            return null;
        if (_type is not { } type)
            return null;
        int count = (int)Math.Min(Math.Min(Held.Length / _rowBytes, RowsWanted(_rowBytes)), _rowsClaimed - RowCount);
        byte[] values = Held[..(count * _rowBytes)].ToArray();
        Drop(values.Length);
        return Take(type, count, values);
    }

    internal override void Complete()
    {
        if (_type is null)
            throw Bad("the data ends within the header of an npy file");
        if (RowCount < _rowsClaimed)
            throw Bad($"the npy file ends after {RowCount} of {_rowsClaimed} rows");
        if (Held.Length > 0)
            throw Bad($"the npy file goes on after its {_rowsClaimed} rows");
    }

    private bool TryReadHeader()
    {
        ReadOnlySpan<byte> held = Held;
        if (held.Length < 12)
            return false;
        if (held[0] != 0x93 || !held[1..].StartsWith("NUMPY"u8))
            throw Bad("the data is no npy file");
        int lengthBytes = held[6] switch { 1 => sizeof(ushort), 2 or 3 => sizeof(uint), _ => throw Bad($"npy version {held[6]} is not known") };
        long headerBytes = lengthBytes == sizeof(ushort) ? BinaryPrimitives.ReadUInt16LittleEndian(held[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(held[8..]);
        if (headerBytes > HeaderBytesMax)
            throw Bad($"an npy header of {headerBytes} bytes is not supported");
        int start = 8 + lengthBytes, end = start + (int)headerBytes;
        if (held.Length < end)
            return false;
        ReadDescription(Encoding.Latin1.GetString(held[start..end]));
        Drop(end);
        return true;
    }

    private void ReadDescription(string header)
    {
        string descr = Quoted(header, "'descr':");
        ArrowTypeKind kind = descr switch
        {
            "<f2" => ArrowTypeKind.Float16,
            "<f4" => ArrowTypeKind.Float32,
            "<f8" => ArrowTypeKind.Float64,
            "|i1" or "<i1" => ArrowTypeKind.Int8,
            "<i2" => ArrowTypeKind.Int16,
            "<i4" => ArrowTypeKind.Int32,
            "<i8" => ArrowTypeKind.Int64,
            "|u1" or "<u1" => ArrowTypeKind.UInt8,
            "<u2" => ArrowTypeKind.UInt16,
            "<u4" => ArrowTypeKind.UInt32,
            "<u8" => ArrowTypeKind.UInt64,
            _ => throw Bad($"npy files of type {descr} are not supported"),
        };
        bool isByColumns = Between(header, "'fortran_order':", ",}").Trim() == "True";
        string shape = Between(header, "'shape':", ")").TrimStart();
        long[] lengths = [.. shape.TrimStart('(').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long length)
                ? length : throw Bad("the header of the npy file has no shape"))];
        if (lengths.Length is not (1 or 2))
            throw Bad($"npy files of {lengths.Length} dimensions are not supported");
        if (isByColumns && lengths.Length == 2 && lengths[0] > 1 && lengths[1] > 1)
            throw Bad("npy files in Fortran's order are not supported");
        if (lengths.Length == 2 && lengths[1] is < 1 or > IpcLimits.ListSizeMax)
            throw Bad($"npy files with rows of {lengths[^1]} values are not supported");
        _rowsClaimed = lengths[0];
        _type = lengths.Length == 1 ? new ArrowType(kind) : ArrowType.FixedSizeList(kind, (int)lengths[1]);
        _rowBytes = _type.WidthBytes;
    }

    private static string Quoted(string header, string key)
    {
        string[] parts = Between(header, key, ",}").Split('\'');
        return parts.Length == 3 ? parts[1] : throw Bad("npy files of records are not supported");
    }

    /// <summary>What follows a key, up to the first of the signs.</summary>
    private static string Between(string header, string key, string signs)
    {
        int start = header.IndexOf(key, StringComparison.Ordinal);
        int end = start < 0 ? -1 : header.AsSpan(start + key.Length).IndexOfAny(signs);
        return end < 0 ? throw Bad($"the header of the npy file has no {key.Trim('\'', ':')}")
            : header.Substring(start + key.Length, end);
    }
}
