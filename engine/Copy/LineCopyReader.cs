using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>What the two formats made of lines share: line ends, the header, fields, the end mark.</summary>
internal abstract class LineCopyReader : CopyReader
{
    private readonly CopyOptions _options;
    private bool _isHeaderPending;
    private int _scanned; // how far an unfinished line has been looked at
    private bool _isWithinLine;

    private protected LineCopyReader(
        CopyOptions options, string relation, ReadOnlySpan<CopyColumn> columns, FormatContext context)
        : base(relation, columns, context)
    {
        _options = options;
        _isHeaderPending = options.Header != CopyHeader.None;
        FieldsMax = columns.Length + 1; // one more than expected is enough to know that there are too many
        Starts = new int[FieldsMax];
        Lengths = new int[FieldsMax];
        Kinds = new FieldKind[FieldsMax];
    }

    private protected enum LineEnd : byte { Unknown, NewLine, CarriageReturn, Both }

    /// <summary>Where a field's text is: in the line, in the scratch bytes; or that it is null.</summary>
    private protected enum FieldKind : byte { Plain, Unescaped, Null }

    private protected LineEnd End { get; set; }

    private protected int FieldsMax { get; set; }

    private protected int[] Starts { get; private set; }

    private protected int[] Lengths { get; private set; }

    private protected FieldKind[] Kinds { get; private set; }

    private protected byte[] Scratch { get; private set; } = [];

    private protected int ScratchLength { get; set; }

    private protected sealed override int ReadRow(ReadOnlySpan<byte> data, bool isLast)
    {
        if (IsEnded)
            return data.Length; // what follows the end mark is not looked at
        if (!_isWithinLine)
            Line++;
        _isWithinLine = true;
        int scanned = _scanned;
        if (!TryFindEnd(data, isLast, ref scanned, out int length, out int next))
        {
            if (!isLast)
            {
                _scanned = scanned;
                return 0;
            }
            (length, next) = (data.Length, data.Length);
            OnUnfinished(data);
        }
        _scanned = 0;
        _isWithinLine = false;
        ReadOnlySpan<byte> line = data[..length];
        if (!IsEnded || length > 0)
            TakeLine(line);
        OnLineRead();
        return next;
    }

    /// <summary>
    /// Looks for the line's end from <paramref name="scanned"/> on, which moves to where the next look begins.
    /// </summary>
    /// <param name="length">The line without its end.</param>
    /// <param name="next">Where the next line begins.</param>
    private protected abstract bool TryFindEnd(
        ReadOnlySpan<byte> data, bool isLast, ref int scanned, out int length, out int next);

    /// <summary>Cuts a line into fields, at most <see cref="FieldsMax"/>; returns how many there are.</summary>
    private protected abstract int Split(ReadOnlySpan<byte> line);

    /// <summary>The data ends within a line.</summary>
    private protected virtual void OnUnfinished(ReadOnlySpan<byte> line)
    {
    }

    private protected virtual void OnLineRead()
    {
    }

    private protected ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index) => Kinds[index] switch
    {
        FieldKind.Plain => line.Slice(Starts[index], Lengths[index]),
        FieldKind.Unescaped => Scratch.AsSpan(Starts[index], Lengths[index]),
        _ => default,
    };

    private protected void EnsureScratch(int length)
    {
        if (Scratch.Length >= length)
            return;
        byte[] grown = new byte[Math.Max(length, 2 * Scratch.Length)];
        Scratch.AsSpan(0, ScratchLength).CopyTo(grown);
        Scratch = grown;
    }

    private void TakeLine(ReadOnlySpan<byte> line)
    {
        try
        {
            Utf8Text.Validate(line);
        }
        catch (SqlException error)
        {
            throw error.In($"COPY {Relation}, line {Line}");
        }
        ScratchLength = 0;
        if (_isHeaderPending)
        {
            _isHeaderPending = false;
            if (_options.Header == CopyHeader.Match)
                MatchHeader(line);
            return;
        }
        int count = Columns.Length == 0 && line.IsEmpty ? 0 : Split(line);
        if (count > Columns.Length)
            throw BadLine("extra data after last expected column", line);
        for (int i = 0; i < Columns.Length; i++)
        {
            if (i >= count)
                throw BadLine($"missing data for column \"{Columns[i].Name}\"", line);
            if (Kinds[i] == FieldKind.Null)
                Rows.Columns[i].AppendNull();
            else
                DecodeText(i, Field(line, i));
        }
        Rows.EndRow();
    }

    private void MatchHeader(ReadOnlySpan<byte> line)
    {
        // A header may have any number of names, all of which the error counts.
        int widest = Math.Max(FieldsMax, line.Count(_options.Delimiter) + 1);
        (Starts, Lengths, Kinds) = (new int[widest], new int[widest], new FieldKind[widest]);
        FieldsMax = widest;
        int count = Split(line);
        FieldsMax = Columns.Length + 1;
        if (count != Columns.Length)
            throw BadLine($"wrong number of fields in header line: got {count}, expected {Columns.Length}", line);
        for (int i = 0; i < count; i++)
        {
            string expected = Columns[i].Name;
            string place = $"column name mismatch in header line field {i + 1}: got ";
            if (Kinds[i] == FieldKind.Null)
            {
                string shown = Encoding.UTF8.GetString(_options.Null.Span);
                throw BadLine($"{place}null value (\"{shown}\"), expected \"{expected}\"", line);
            }
            string name = Encoding.UTF8.GetString(Field(line, i));
            if (name != expected)
                throw BadLine($"{place}\"{name}\", expected \"{expected}\"", line);
        }
    }
}
