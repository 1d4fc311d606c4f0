using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>A column that COPY fills or writes.</summary>
internal readonly record struct CopyColumn(string Name, SqlType Type);

/// <summary>Turns COPY data, in pieces cut anywhere, into rows.</summary>
/// <remarks>
/// Feed data to <see cref="Read"/>; when it stops before the end of the piece, <see cref="Rows"/> is full: take its
/// batch and go on with the rest. Call <see cref="Complete"/> at the end and take the last batch. Values are decoded
/// straight into the column
/// builders; a row that is cut by the end of a piece is the only thing that is copied.
/// Errors carry PostgreSQL's context: <c>COPY t, line 3, column a: "x"</c>.
/// </remarks>
internal abstract class CopyReader
{
    private const long BatchBytesMax = 8 << 20; // of input: keeps batches of long rows small
    private const int RowBytesMax = 1 << 30, ShownMax = 100;

    private readonly TypeFormat[] _formats;
    private byte[] _held = []; // the beginning of a row whose end has not come
    private int _heldLength;
    private long _batchBytes;

    private protected CopyReader(string relation, ReadOnlySpan<CopyColumn> columns, FormatContext context)
    {
        Relation = relation;
        Columns = columns.ToArray();
        Context = context;
        _formats = new TypeFormat[columns.Length];
        var types = new PhysicalType[columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            _formats[i] = TypeFormats.For(columns[i].Type.Oid);
            types[i] = BuiltinTypes.PhysicalOf(columns[i].Type.Oid);
        }
        Rows = new BatchBuilder(types, ColumnBatch.RowsMax);
    }

    /// <summary>The rows decoded since the last batch was taken.</summary>
    internal BatchBuilder Rows { get; }

    /// <summary>The batch must be taken before more is read: it has many rows, or long ones.</summary>
    internal bool IsFull => Rows.RowCount >= ColumnBatch.RowsMax || (Rows.RowCount > 0 && _batchBytes >= BatchBytesMax);

    private protected string Relation { get; }

    private protected CopyColumn[] Columns { get; }

    private protected FormatContext Context { get; }

    /// <summary>The line (or row, in binary data) being read, counted from 1.</summary>
    private protected long Line { get; set; }

    /// <summary>The end-of-data mark has come.</summary>
    private protected bool IsEnded { get; set; }

    internal static CopyReader Create(
        CopyOptions options, string relation, ReadOnlySpan<CopyColumn> columns, FormatContext context) =>
            options.Format switch
    {
        CopyFormat.Text => new TextCopyReader(options, relation, columns, context),
        CopyFormat.Csv => new CsvCopyReader(options, relation, columns, context),
        CopyFormat.JsonLines => new JsonLinesReader(relation, columns, context),
        _ => new BinaryCopyReader(relation, columns, context),
    };

    /// <summary>Takes data; returns how much was taken. Less than all of it: the batch is full.</summary>
    /// <exception cref="SqlException">The data is malformed.</exception>
    internal int Read(ReadOnlySpan<byte> data)
    {
        int taken = 0;
        if (_batchBytes > 0 && Rows.RowCount == 0)
            _batchBytes = 0; // the batch was taken
        if (_heldLength > 0)
        {
            taken = ReadAcross(data);
            if (_heldLength > 0)
                return data.Length;
        }
        while (taken < data.Length)
        {
            if (IsFull)
                return taken;
            int length = ReadRow(data[taken..], isLast: false);
            if (length == 0)
            {
                Hold(data[taken..]);
                return data.Length;
            }
            taken += length;
            _batchBytes += length;
        }
        return taken;
    }

    /// <summary>Takes the end of the data.</summary>
    /// <exception cref="SqlException">The data ends in the middle of a row.</exception>
    internal void Complete()
    {
        int at = 0;
        while (at < _heldLength)
        {
            int length = ReadRow(_held.AsSpan(at, _heldLength - at), isLast: true);
            if (length == 0)
                throw new InvariantException("the last row of COPY data was not taken");
            at += length;
        }
        _heldLength = 0;
        CheckEnd();
    }

    /// <summary>
    /// Reads one row from the front of the data; returns its length with its end, 0 if the end is not there.
    /// </summary>
    /// <param name="isLast">No more data comes.</param>
    private protected abstract int ReadRow(ReadOnlySpan<byte> data, bool isLast);

    /// <summary>Checks that the data may end here.</summary>
    private protected virtual void CheckEnd()
    {
    }

    private protected void DecodeText(int column, ReadOnlySpan<byte> text)
    {
        try
        {
            _formats[column].ReadText(text, Columns[column].Type.Modifier, Rows.Columns[column], Context);
        }
        catch (SqlException error)
        {
            throw error.In($"COPY {Relation}, line {Line}, column {Columns[column].Name}: \"{Shown(text)}\"");
        }
    }

    private protected void DecodeBinary(int column, ReadOnlySpan<byte> bytes)
    {
        try
        {
            _formats[column].ReadBinary(bytes, Columns[column].Type.Modifier, Rows.Columns[column], Context);
        }
        catch (SqlException error)
        {
            throw error.In($"COPY {Relation}, line {Line}, column {Columns[column].Name}");
        }
    }

    private protected SqlException BadFormat(string message, string? hint = null) =>
        new SqlException(SqlState.BadCopyFileFormat, message, hint: hint).In($"COPY {Relation}, line {Line}");

    private protected SqlException BadLine(string message, ReadOnlySpan<byte> line) =>
        new SqlException(SqlState.BadCopyFileFormat, message).In($"COPY {Relation}, line {Line}: \"{Shown(line)}\"");

    private static string Shown(ReadOnlySpan<byte> text) => text.Length <= ShownMax
        ? Encoding.UTF8.GetString(text)
        : Encoding.UTF8.GetString(text[..Utf8Text.ClipBytes(text, ShownMax)]) + "...";

    /// <summary>Completes the row held over from the piece before; returns how much of this piece it took.</summary>
    private int ReadAcross(ReadOnlySpan<byte> data)
    {
        // Add as little as may do: rows are short beside pieces, and what is added is copied.
        int before = _heldLength, added = 0;
        for (int step = Math.Max(1024, before); added < data.Length; step *= 2)
        {
            int more = Math.Min(step, data.Length - added);
            Hold(data.Slice(added, more));
            added += more;
            int length = ReadRow(_held.AsSpan(0, _heldLength), isLast: false);
            if (length == 0)
                continue;
            _heldLength = 0;
            _batchBytes += length;
            return length - before;
        }
        return added;
    }

    private void Hold(ReadOnlySpan<byte> data)
    {
        long needed = (long)_heldLength + data.Length;
        if (needed > RowBytesMax)
            throw new SqlException(SqlState.ProgramLimitExceeded, "a row of COPY data is longer than 1 GB");
        if (needed > _held.Length)
            Array.Resize(ref _held, (int)Math.Max(needed, Math.Min(2L * _held.Length, RowBytesMax)));
        data.CopyTo(_held.AsSpan(_heldLength));
        _heldLength = (int)needed;
    }
}
