using System.Buffers;
using VecSQL.Catalog.Formats;

namespace VecSQL.Engine.Copy;

/// <summary>COPY's CSV format: fields that may be quoted, and then hold delimiters and line ends.</summary>
internal sealed class CsvCopyReader : LineCopyReader
{
    private readonly CopyOptions _options;
    private readonly SearchValues<byte> _lineSigns, _fieldSigns, _quotedSigns;
    private bool _isQuoted; // the scan of an unfinished line stands within quotes
    private int _innerLines; // line ends within quotes

    internal CsvCopyReader(CopyOptions options, string relation, ReadOnlySpan<CopyColumn> columns,
        FormatContext context)
        : base(options, relation, columns, context)
    {
        _options = options;
        _lineSigns = SearchValues.Create([(byte)'\n', (byte)'\r', options.Quote, options.Escape]);
        _fieldSigns = SearchValues.Create([options.Delimiter, options.Quote]);
        _quotedSigns = SearchValues.Create([options.Quote, options.Escape]);
    }

    private protected override bool TryFindEnd(
        ReadOnlySpan<byte> data, bool isLast, ref int scanned, out int length, out int next)
    {
        length = next = 0;
        if (TryFindEndMark(data, isLast, scanned, out bool isUndecided, out next))
            return true;
        if (isUndecided)
            return false;
        while (true)
        {
            int sign = data[scanned..].IndexOfAny(_lineSigns);
            if (sign < 0)
            {
                scanned = data.Length;
                return false;
            }
            int at = scanned + sign;
            byte c = data[at];
            if (_isQuoted && c == _options.Escape && c != _options.Quote)
            {
                if (at + 1 == data.Length)
                {
                    scanned = at;
                    return false;
                }
                // Only a quote or the escape itself is escaped; anything else is looked at again.
                scanned = data[at + 1] == _options.Quote || data[at + 1] == _options.Escape ? at + 2 : at + 1;
                continue;
            }
            if (c == _options.Quote)
            {
                _isQuoted = !_isQuoted; // a doubled quote toggles twice
                scanned = at + 1;
                continue;
            }
            if (_isQuoted || c is not ((byte)'\n' or (byte)'\r'))
            {
                if (c == (End == LineEnd.NewLine ? '\n' : '\r'))
                    _innerLines++;
                scanned = at + 1;
                continue;
            }
            if (!TryEndLine(data, at, isLast, out next))
            {
                scanned = at;
                return false;
            }
            length = at;
            return true;
        }
    }

    private bool TryEndLine(ReadOnlySpan<byte> data, int at, bool isLast, out int next)
    {
        next = at + 1;
        if (data[at] == '\n')
        {
            if (End is LineEnd.CarriageReturn or LineEnd.Both)
                throw BadFormat("unquoted newline found in data", "Use quoted CSV field to represent newline.");
            End = LineEnd.NewLine;
            return true;
        }
        if (End is LineEnd.Unknown or LineEnd.Both)
        {
            if (next == data.Length && !isLast)
                return false;
            if (next < data.Length && data[next] == '\n')
            {
                End = LineEnd.Both;
                next++;
                return true;
            }
        }
        if (End is LineEnd.NewLine or LineEnd.Both)
        {
            throw BadFormat(
                "unquoted carriage return found in data", "Use quoted CSV field to represent carriage return.");
        }
        End = LineEnd.CarriageReturn;
        return true;
    }

    /// <summary>Finds <c>\.</c> alone on a line.</summary>
    private bool TryFindEndMark(ReadOnlySpan<byte> data, bool isLast, int scanned, out bool isUndecided, out int next)
    {
        next = 2;
        isUndecided = false;
        if (scanned > 2 || data.IsEmpty || data[0] != '\\' || (data.Length > 1 && data[1] != '.'))
            return false;
        if (data.Length <= 3 && !isLast && (data.Length < 3 || data[2] == '\r'))
        {
            isUndecided = true; // more must come to tell
            return false;
        }
        if (data.Length < 2 || (data.Length > 2 && data[2] is not ((byte)'\n' or (byte)'\r')))
            return false;
        next = data.Length > 3 && data[2] == '\r' && data[3] == '\n' ? 4 : Math.Min(3, data.Length);
        IsEnded = true;
        return true;
    }

    private protected override void OnUnfinished(ReadOnlySpan<byte> line)
    {
        if (_isQuoted)
            throw BadLine("unterminated CSV quoted field", line);
    }

    private protected override void OnLineRead()
    {
        Line += _innerLines;
        _innerLines = 0;
        _isQuoted = false;
    }

    private protected override int Split(ReadOnlySpan<byte> line)
    {
        int count = 0, start = 0;
        while (true)
        {
            if (count == FieldsMax)
                return count;
            int end = start;
            int sign = line[start..].IndexOfAny(_fieldSigns);
            end = sign < 0 ? line.Length : start + sign;
            bool isQuoted = sign >= 0 && line[end] == _options.Quote;
            if (!isQuoted)
                (Starts[count], Lengths[count], Kinds[count]) = (start, end - start, FieldKind.Plain);
            else
                end = Unquote(line, start, count);
            MarkNull(line, count, isQuoted);
            count++;
            if (end == line.Length)
                return count;
            start = end + 1;
        }
    }

    private void MarkNull(ReadOnlySpan<byte> line, int index, bool isQuoted)
    {
        if (!Field(line, index).SequenceEqual(_options.Null.Span))
            return;
        int column = Math.Min(index, Columns.Length - 1);
        if (isQuoted ? _options.ForceNull[column] : !_options.ForceNotNull[column])
            Kinds[index] = FieldKind.Null;
    }

    /// <summary>Takes a field that has quotes somewhere; returns where it ends.</summary>
    private int Unquote(ReadOnlySpan<byte> line, int start, int index)
    {
        int written = ScratchLength, at = start;
        EnsureScratch(ScratchLength + line.Length - start);
        Span<byte> target = Scratch;
        bool inQuotes = false;
        while (true)
        {
            int sign = line[at..].IndexOfAny(inQuotes ? _quotedSigns : _fieldSigns);
            int plain = sign < 0 ? line.Length - at : sign;
            line.Slice(at, plain).CopyTo(target[written..]);
            written += plain;
            at += plain;
            if (sign < 0)
                break;
            byte c = line[at];
            if (!inQuotes)
            {
                if (c == _options.Delimiter)
                    break;
                inQuotes = true;
                at++;
                continue;
            }
            bool isEscape = c == _options.Escape && at + 1 < line.Length
                && (line[at + 1] == _options.Quote || line[at + 1] == _options.Escape);
            if (isEscape)
            {
                target[written++] = line[at + 1];
                at += 2;
            }
            else if (c == _options.Quote)
            {
                inQuotes = false;
                at++;
            }
            else
            {
                target[written++] = c;
                at++;
            }
        }
        if (inQuotes)
            throw BadLine("unterminated CSV quoted field", line);
        (Starts[index], Lengths[index], Kinds[index]) = (ScratchLength, written - ScratchLength, FieldKind.Unescaped);
        ScratchLength = written;
        return at;
    }
}
