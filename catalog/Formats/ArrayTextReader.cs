using System.Buffers;
using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>Reads an array's text form: explicit bounds, nested braces, quoted and bare elements.</summary>
internal ref struct ArrayTextReader
{
    /// <summary>What makes an element need quotes: the array's own signs and spaces.</summary>
    internal static readonly SearchValues<byte> Special = SearchValues.Create("{}\",\\ \t\n\v\f\r"u8);

    private readonly ReadOnlySpan<byte> _text;
    private readonly TypeFormat _element;
    private readonly int _modifier;
    private readonly FormatContext _context;
    private readonly ArrayBuilder _builder;
    private int _at;
    private byte[] _unescaped;

    internal ArrayTextReader(
        ReadOnlySpan<byte> text, uint elementOid, TypeFormat element, int modifier, FormatContext context)
    {
        _text = text;
        _element = element;
        _modifier = modifier;
        _context = context;
        _builder = new ArrayBuilder(elementOid);
        _unescaped = [];
    }

    internal void AppendTo(BinaryColumnBuilder target)
    {
        Span<int> lengths = stackalloc int[ArrayValue.DimensionsMax], bounds = stackalloc int[ArrayValue.DimensionsMax];
        Span<int> written = stackalloc int[ArrayValue.DimensionsMax];
        int boundCount = ReadBounds(written, bounds);
        SkipSpaces();
        if (_at == _text.Length || _text[_at] != '{')
        {
            throw Malformed(boundCount > 0
                ? "Array contents must start with \"{\"."
                : "Array value must start with \"{\" or dimension information.");
        }
        lengths.Fill(-1);
        int depth = ReadBraces(0, lengths);
        SkipSpaces();
        if (_at < _text.Length)
            throw Malformed("Junk after closing right brace.");
        if (boundCount > 0 && (boundCount != depth || !written[..boundCount].SequenceEqual(lengths[..depth])))
            throw Malformed("Specified array dimensions do not match array contents.");
        if (boundCount == 0)
            bounds.Fill(1);
        if (_builder.Elements.Length == 0)
            depth = 0;
        _builder.AppendTo(target, lengths[..depth], bounds[..depth]);
    }

    /// <summary>Reads <c>[lower:upper]…=</c>; returns how many dimensions it gives.</summary>
    private int ReadBounds(scoped Span<int> lengths, scoped Span<int> bounds)
    {
        int count = 0;
        while (true)
        {
            SkipSpaces();
            if (_at == _text.Length || _text[_at] != '[')
                break;
            _at++;
            if (count == ArrayValue.DimensionsMax)
                throw TooManyDimensions(count + 1);
            long lower = 1, upper = ReadBound();
            if (_at < _text.Length && _text[_at] == ':')
            {
                _at++;
                lower = upper;
                upper = ReadBound();
            }
            if (_at == _text.Length || _text[_at] != ']')
                throw Malformed("Missing \"]\" after array dimensions.");
            _at++;
            if (upper < lower)
                throw new SqlException(SqlState.ArraySubscriptError, "upper bound cannot be less than lower bound");
            // What is beyond any array's length will not match the contents.
            lengths[count] = (int)Math.Min(upper - lower + 1, int.MaxValue);
            bounds[count++] = (int)lower;
        }
        if (count == 0)
            return 0;
        if (_at == _text.Length || _text[_at] != '=')
            throw Malformed("Missing \"=\" after array dimensions.");
        _at++;
        return count;
    }

    private long ReadBound()
    {
        int start = _at;
        if (_at < _text.Length && _text[_at] is (byte)'-' or (byte)'+')
            _at++;
        int digits = _at;
        long value = 0;
        for (; _at < _text.Length && TextScan.IsDigit(_text[_at]); _at++)
            value = Math.Min((value * 10) + (_text[_at] - '0'), uint.MaxValue);
        if (_at == digits)
            throw Malformed("\"[\" must introduce explicitly-specified array dimensions.");
        value = _text[start] == '-' ? -value : value;
        if (value is < int.MinValue or > int.MaxValue)
            throw new SqlException(SqlState.NumericValueOutOfRange, "array bound is out of integer range");
        return value;
    }

    /// <summary>Reads one level of braces; returns how many levels there are from this one down.</summary>
    private int ReadBraces(int level, scoped Span<int> lengths)
    {
        if (level == ArrayValue.DimensionsMax)
            throw TooManyDimensions(level + 1);
        _at++; // the left brace
        int count = 0, depth = 1;
        SkipSpaces();
        if (_at < _text.Length && _text[_at] == '}')
        {
            if (level > 0)
                throw Malformed("Unexpected \"}\" character.");
            _at++;
            return EndLevel(level, 0, lengths, 1);
        }
        bool? hasSubarrays = null;
        while (true)
        {
            SkipSpaces();
            if (_at == _text.Length)
                throw Malformed("Unexpected end of input.");
            bool isSubarray = _text[_at] == '{';
            if (hasSubarrays is { } known && known != isSubarray)
            {
                throw Malformed(isSubarray
                    ? "Unexpected \"{\" character."
                    : "Unexpected array element.");
            }
            if (isSubarray && level + 1 < ArrayValue.DimensionsMax && lengths[level + 1] == -2)
                throw Malformed("Unexpected \"{\" character.");
            hasSubarrays = isSubarray;
            if (isSubarray)
                depth = 1 + ReadBraces(level + 1, lengths);
            else
                ReadElement(level, lengths);
            count++;
            SkipSpaces();
            if (_at == _text.Length)
                throw Malformed("Unexpected end of input.");
            if (_text[_at] == ',')
            {
                _at++;
                continue;
            }
            if (_text[_at] != '}')
                throw Malformed(_text[_at] == '{' ? "Unexpected \"{\" character." : "Unexpected array element.");
            _at++;
            return EndLevel(level, count, lengths, depth);
        }
    }

    private readonly int EndLevel(int level, int count, scoped Span<int> lengths, int depth)
    {
        if (lengths[level] >= 0 && lengths[level] != count)
            throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
        lengths[level] = count;
        return depth;
    }

    private void ReadElement(int level, scoped Span<int> lengths)
    {
        // Where elements stand at one level, no deeper level may follow elsewhere.
        if (level + 1 < ArrayValue.DimensionsMax)
        {
            if (lengths[level + 1] >= 0)
                throw Malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
            lengths[level + 1] = -2;
        }
        ReadOnlySpan<byte> rest = _text[_at..];
        int plain = rest.IndexOfAny(Special);
        if (plain > 0 && rest[plain] is (byte)',' or (byte)'}')
        {
            _at += plain;
            Append(rest[..plain], isQuoted: false);
            return;
        }
        ReadSlowly();
    }

    /// <summary>Reads an element with quotes, backslashes or inner spaces.</summary>
    private void ReadSlowly()
    {
        if (_unescaped.Length < _text.Length)
            _unescaped = new byte[_text.Length];
        int length = 0, kept = 0; // what is kept ends at the last sign that is not a bare space
        bool isQuoted = false, inQuotes = false;
        while (true)
        {
            if (_at == _text.Length)
                throw Malformed("Unexpected end of input.");
            byte c = _text[_at];
            if (c == '\\')
            {
                if (++_at == _text.Length)
                    throw Malformed("Unexpected end of input.");
                _unescaped[length++] = _text[_at++];
                kept = length;
                isQuoted = true;
                continue;
            }
            if (c == '"')
            {
                if (!inQuotes && (length > 0 || isQuoted))
                    throw Malformed("Unexpected array element.");
                inQuotes = !inQuotes;
                isQuoted = true;
                _at++;
                if (inQuotes)
                    continue;
                SkipSpaces();
                if (_at < _text.Length && _text[_at] is not ((byte)',' or (byte)'}'))
                    throw Malformed("Unexpected array element.");
                break;
            }
            if (!inQuotes && c is (byte)',' or (byte)'}')
                break;
            if (!inQuotes && c == '{')
                throw Malformed("Unexpected \"{\" character.");
            _unescaped[length++] = c;
            if (inQuotes || !TextScan.IsSpace(c))
                kept = length;
            _at++;
        }
        if (kept == 0 && !isQuoted)
            throw Malformed($"Unexpected \"{(char)_text[_at]}\" character.");
        Append(_unescaped.AsSpan(0, kept), isQuoted);
    }

    private readonly void Append(ReadOnlySpan<byte> text, bool isQuoted)
    {
        if (!isQuoted && text.Length == 4 && Ascii.EqualsIgnoreCase(text, "null"u8))
            _builder.Elements.AppendNull();
        else
            _element.ReadText(text, _modifier, _builder.Elements, _context);
    }

    private void SkipSpaces()
    {
        while (_at < _text.Length && TextScan.IsSpace(_text[_at]))
            _at++;
    }

    private readonly SqlException Malformed(string detail) =>
        new(SqlState.InvalidTextRepresentation, $"malformed array literal: \"{FormatErrors.Text(_text)}\"")
        {
            Detail = detail,
        };

    private static SqlException TooManyDimensions(int count) => new(SqlState.ProgramLimitExceeded,
        $"number of array dimensions ({count}) exceeds the maximum allowed ({ArrayValue.DimensionsMax})");
}
