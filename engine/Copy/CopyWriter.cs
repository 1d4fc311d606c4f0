using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Engine.Copy;

/// <summary>Turns rows into COPY data.</summary>
/// <remarks>
/// Call <see cref="Begin"/>, then <c>Write</c> per batch, then <see cref="End"/>; each appends to the buffer and notes
/// where rows (and the header, and the trailer) end.
/// </remarks>
internal abstract class CopyWriter
{
    private protected CopyWriter(ReadOnlySpan<CopyColumn> columns, FormatContext context)
    {
        Columns = columns.ToArray();
        Context = context;
        Formats = new TypeFormat[columns.Length];
        for (int i = 0; i < columns.Length; i++)
            Formats[i] = TypeFormats.For(columns[i].Type.Oid);
    }

    private protected CopyColumn[] Columns { get; }

    private protected TypeFormat[] Formats { get; }

    private protected FormatContext Context { get; }

    internal static CopyWriter Create(CopyOptions options, ReadOnlySpan<CopyColumn> columns, FormatContext context) =>
        options.Format switch
        {
            CopyFormat.Text => new TextCopyWriter(options, columns, context),
            CopyFormat.Csv => new CsvCopyWriter(options, columns, context),
            CopyFormat.JsonLines => new JsonLinesWriter(columns, context),
            CopyFormat.TfRecord => new TfRecordWriter(columns, context),
            _ => new BinaryCopyWriter(columns, context),
        };

    internal abstract void Begin(CopyBuffer target, List<int> rowEnds);

    internal void Write(ColumnBatch batch, CopyBuffer target, List<int> rowEnds) =>
        Write(batch, 0, batch.RowCount, target, rowEnds);

    internal void Write(ColumnBatch batch, int start, int count, CopyBuffer target, List<int> rowEnds)
    {
        for (int row = start; row < start + count; row++)
        {
            WriteRow(batch, row, target);
            rowEnds.Add(target.Length);
        }
    }

    internal virtual void End(CopyBuffer target, List<int> rowEnds)
    {
    }

    private protected abstract void WriteRow(ColumnBatch batch, int row, CopyBuffer target);
}

/// <summary>Fields between delimiters, with backslash escapes.</summary>
internal sealed class TextCopyWriter : CopyWriter
{
    private readonly CopyOptions _options;
    private readonly SearchValues<byte> _special;

    internal TextCopyWriter(CopyOptions options, ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(columns, context)
    {
        _options = options;
        _special = SearchValues.Create([(byte)'\b', (byte)'\f', (byte)'\n', (byte)'\r', (byte)'\t', (byte)'\v',
            (byte)'\\', options.Delimiter]);
    }

    internal override void Begin(CopyBuffer target, List<int> rowEnds)
    {
        if (_options.Header == CopyHeader.None)
            return;
        for (int i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
                target.Put(_options.Delimiter);
            int start = target.Length;
            target.Put(Encoding.UTF8.GetBytes(Columns[i].Name));
            EscapeFrom(start, target);
        }
        target.Put((byte)'\n');
        rowEnds.Add(target.Length);
    }

    private protected override void WriteRow(ColumnBatch batch, int row, CopyBuffer target)
    {
        for (int i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
                target.Put(_options.Delimiter);
            Column column = batch.Columns[i];
            if (column.IsNull(row))
            {
                target.Put(_options.Null.Span);
                continue;
            }
            int start = target.Length;
            Formats[i].WriteText(column, row, target, Context);
            EscapeFrom(start, target);
        }
        target.Put((byte)'\n');
    }

    /// <summary>Escapes what was written since a place, which is seldom needed.</summary>
    private void EscapeFrom(int start, CopyBuffer target)
    {
        int first = target.From(start).IndexOfAny(_special);
        if (first < 0)
            return;
        byte[] rest = target.From(start + first).ToArray();
        target.Truncate(start + first);
        foreach (byte c in rest)
        {
            if (!_special.Contains(c))
            {
                target.Put(c);
                continue;
            }
            target.Put((byte)'\\');
            target.Put(c switch
            {
                (byte)'\b' => (byte)'b',
                (byte)'\f' => (byte)'f',
                (byte)'\n' => (byte)'n',
                (byte)'\r' => (byte)'r',
                (byte)'\t' => (byte)'t',
                (byte)'\v' => (byte)'v',
                _ => c,
            });
        }
    }
}

/// <summary>Fields between delimiters, quoted where they must be.</summary>
internal sealed class CsvCopyWriter : CopyWriter
{
    private readonly CopyOptions _options;
    private readonly SearchValues<byte> _special;

    internal CsvCopyWriter(CopyOptions options, ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(columns, context)
    {
        _options = options;
        _special = SearchValues.Create([(byte)'\n', (byte)'\r', options.Quote, options.Delimiter]);
    }

    internal override void Begin(CopyBuffer target, List<int> rowEnds)
    {
        if (_options.Header == CopyHeader.None)
            return;
        for (int i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
                target.Put(_options.Delimiter);
            int start = target.Length;
            target.Put(Encoding.UTF8.GetBytes(Columns[i].Name));
            QuoteFrom(start, isForced: false, target);
        }
        target.Put((byte)'\n');
        rowEnds.Add(target.Length);
    }

    private protected override void WriteRow(ColumnBatch batch, int row, CopyBuffer target)
    {
        for (int i = 0; i < Columns.Length; i++)
        {
            if (i > 0)
                target.Put(_options.Delimiter);
            Column column = batch.Columns[i];
            if (column.IsNull(row))
            {
                target.Put(_options.Null.Span);
                continue;
            }
            int start = target.Length;
            Formats[i].WriteText(column, row, target, Context);
            QuoteFrom(start, _options.ForceQuote[i], target);
        }
        target.Put((byte)'\n');
    }

    private void QuoteFrom(int start, bool isForced, CopyBuffer target)
    {
        Span<byte> value = target.From(start);
        bool isQuoted = isForced || value.IndexOfAny(_special) >= 0 || value.SequenceEqual(_options.Null.Span)
            || (Columns.Length == 1 && value.SequenceEqual("\\."u8)); // alone on its line it would end the data
        if (!isQuoted)
            return;
        byte[] text = value.ToArray();
        target.Truncate(start);
        target.Put(_options.Quote);
        foreach (byte c in text)
        {
            if (c == _options.Quote || c == _options.Escape)
                target.Put(_options.Escape);
            target.Put(c);
        }
        target.Put(_options.Quote);
    }
}

/// <summary>See <see cref="BinaryCopyReader"/> for the layout.</summary>
internal sealed class BinaryCopyWriter(ReadOnlySpan<CopyColumn> columns, FormatContext context)
    : CopyWriter(columns, context)
{
    internal override void Begin(CopyBuffer target, List<int> rowEnds)
    {
        target.Put(BinaryCopyReader.SignatureBytes);
        target.Put(stackalloc byte[8]); // no flags, no extension
        // No end here: clients read the header from the first row's message.
    }

    internal override void End(CopyBuffer target, List<int> rowEnds)
    {
        target.Put([0xFF, 0xFF]);
        rowEnds.Add(target.Length);
    }

    private protected override void WriteRow(ColumnBatch batch, int row, CopyBuffer target)
    {
        BinaryPrimitives.WriteInt16BigEndian(target.GetSpan(sizeof(short)), (short)Columns.Length);
        target.Advance(sizeof(short));
        for (int i = 0; i < Columns.Length; i++)
        {
            Column column = batch.Columns[i];
            int sizeAt = target.Length;
            target.Put([0xFF, 0xFF, 0xFF, 0xFF]); // null, unless a value follows
            if (column.IsNull(row))
                continue;
            Formats[i].WriteBinary(column, row, target, Context);
            BinaryPrimitives.WriteInt32BigEndian(target.From(sizeAt), target.Length - sizeAt - sizeof(int));
        }
    }
}
