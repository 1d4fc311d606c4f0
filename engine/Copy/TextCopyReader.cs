using System.Buffers;
using VecSQL.Catalog.Formats;

namespace VecSQL.Engine.Copy;

/// <summary>COPY's text format: fields between delimiters, backslash escapes, <c>\.</c> at the end.</summary>
internal sealed class TextCopyReader : LineCopyReader
{
    private static readonly SearchValues<byte> LineSigns = SearchValues.Create("\n\r\\"u8);

    private readonly CopyOptions _options;
    private readonly SearchValues<byte> _fieldSigns;

    internal TextCopyReader(CopyOptions options, string relation, ReadOnlySpan<CopyColumn> columns,
        FormatContext context)
        : base(options, relation, columns, context)
    {
        _options = options;
        _fieldSigns = SearchValues.Create([options.Delimiter, (byte)'\\']);
    }

    private protected override bool TryFindEnd(
        ReadOnlySpan<byte> data, bool isLast, ref int scanned, out int length, out int next)
    {
        length = next = 0;
        while (true)
        {
            int sign = data[scanned..].IndexOfAny(LineSigns);
            if (sign < 0)
            {
                scanned = data.Length;
                return false;
            }
            int at = scanned + sign;
            scanned = at;
            bool isAtEnd = at + 1 == data.Length;
            switch (data[at])
            {
                case (byte)'\n':
                    if (End is LineEnd.CarriageReturn or LineEnd.Both)
                        throw BadFormat("literal newline found in data", "Use \"\\n\" to represent newline.");
                    End = LineEnd.NewLine;
                    (length, next) = (at, at + 1);
                    return true;
                case (byte)'\r':
                    if (End is LineEnd.Unknown or LineEnd.Both)
                    {
                        if (isAtEnd && !isLast)
                            return false;
                        if (!isAtEnd && data[at + 1] == '\n')
                        {
                            End = LineEnd.Both;
                            (length, next) = (at, at + 2);
                            return true;
                        }
                    }
                    if (End is LineEnd.NewLine or LineEnd.Both)
                    {
                        throw BadFormat(
                            "literal carriage return found in data", "Use \"\\r\" to represent carriage return.");
                    }
                    End = LineEnd.CarriageReturn;
                    (length, next) = (at, at + 1);
                    return true;
                default:
                    if (isAtEnd)
                        return false;
                    if (data[at + 1] != '.')
                    {
                        scanned = at + 2; // an escaped line end belongs to the value
                        break;
                    }
                    if (!TryTakeEndMark(data, at, isLast, out next))
                        return false;
                    length = at;
                    return true;
            }
        }
    }

    /// <summary>Takes <c>\.</c>, after which the line must end.</summary>
    private bool TryTakeEndMark(ReadOnlySpan<byte> data, int at, bool isLast, out int next)
    {
        next = at + 2;
        if (next == data.Length && !isLast)
            return false;
        if (next < data.Length && data[next] == '\r' && End is not LineEnd.NewLine)
            next++;
        if (next == data.Length && data[next - 1] == '\r' && !isLast && End is not LineEnd.CarriageReturn)
            return false;
        if (next < data.Length)
        {
            bool isEnd = data[next] is (byte)'\n' or (byte)'\r' || data[next - 1] == '\r';
            if (!isEnd)
                throw BadFormat("end-of-copy marker corrupt");
            if (data[next] == '\n')
                next++;
        }
        IsEnded = true;
        return true;
    }

    private protected override int Split(ReadOnlySpan<byte> line)
    {
        int count = 0, start = 0;
        while (true)
        {
            if (count == FieldsMax)
                return count;
            int end = start, escapes = 0;
            while (true)
            {
                int sign = line[end..].IndexOfAny(_fieldSigns);
                if (sign < 0)
                {
                    end = line.Length;
                    break;
                }
                end += sign;
                if (line[end] == _options.Delimiter)
                    break;
                escapes++;
                end = Math.Min(end + 2, line.Length);
            }
            ReadOnlySpan<byte> raw = line[start..end];
            (Starts[count], Lengths[count], Kinds[count]) = (start, raw.Length, FieldKind.Plain);
            if (raw.SequenceEqual(_options.Null.Span))
            {
                Kinds[count] = FieldKind.Null; // recognised before escapes are
            }
            else if (escapes > 0)
            {
                EnsureScratch(ScratchLength + raw.Length);
                Starts[count] = ScratchLength;
                Lengths[count] = Unescape(raw, Scratch.AsSpan(ScratchLength));
                Kinds[count] = FieldKind.Unescaped;
                ScratchLength += Lengths[count];
            }
            count++;
            if (end == line.Length)
                return count;
            start = end + 1;
        }
    }

    private static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        int length = 0;
        for (int at = 0; at < raw.Length;)
        {
            byte c = raw[at++];
            if (c != '\\' || at == raw.Length)
            {
                target[length++] = c;
                continue;
            }
            c = raw[at++];
            target[length++] = c switch
            {
                (byte)'b' => (byte)'\b',
                (byte)'f' => (byte)'\f',
                (byte)'n' => (byte)'\n',
                (byte)'r' => (byte)'\r',
                (byte)'t' => (byte)'\t',
                (byte)'v' => (byte)'\v',
                >= (byte)'0' and <= (byte)'7' => TakeOctal(raw, ref at),
                (byte)'x' when at < raw.Length && char.IsAsciiHexDigit((char)raw[at]) => TakeHexadecimal(raw, ref at),
                _ => c,
            };
        }
        return length;
    }

    private static byte TakeOctal(ReadOnlySpan<byte> raw, ref int at)
    {
        int value = raw[at - 1] - '0';
        for (int i = 0; i < 2 && at < raw.Length && raw[at] is >= (byte)'0' and <= (byte)'7'; i++)
            value = (value << 3) + raw[at++] - '0';
        return (byte)value;
    }

    private static byte TakeHexadecimal(ReadOnlySpan<byte> raw, ref int at)
    {
        int value = 0;
        for (int i = 0; i < 2 && at < raw.Length && char.IsAsciiHexDigit((char)raw[at]); i++, at++)
            value = (value << 4) + (raw[at] <= '9' ? raw[at] - '0' : (raw[at] | 0x20) - 'a' + 10);
        return (byte)value;
    }
}
