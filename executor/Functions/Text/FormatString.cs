using System.Globalization;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Text;

/// <summary>format(): %[position$][-][width]type, where type is s text, I identifier, L literal, and %% a percent
/// sign.</summary>
internal ref struct FormatString
{
    private readonly string _format;
    private readonly IReadOnlyList<string?> _arguments;
    private int _at, _next;

    private FormatString(string format, IReadOnlyList<string?> arguments)
    {
        _format = format;
        _arguments = arguments;
    }

    public static string Apply(string format, IReadOnlyList<string?> arguments)
    {
        var reader = new FormatString(format, arguments);
        var result = new StringBuilder(format.Length);
        while (reader._at < format.Length)
        {
            char c = format[reader._at++];
            if (c != '%')
                result.Append(c);
            else
                reader.ReadSpecifier(result);
        }
        return result.ToString();
    }

    private void ReadSpecifier(StringBuilder result)
    {
        if (Peek() == '%')
        {
            result.Append('%');
            _at++;
            return;
        }
        int position = 0, start = _at, number = ReadNumber();
        if (number >= 0 && Peek() == '$')
        {
            position = number == 0 ? throw Invalid("format specifies argument 0, but arguments are numbered from 1")
                : number;
            _at++;
        }
        else
        {
            _at = start;
        }
        bool isLeft = false;
        for (; Peek() == '-'; _at++)
            isLeft = true;
        int width = ReadWidth(ref isLeft);
        char type = Peek();
        _at++;
        if (type is not ('s' or 'I' or 'L'))
        {
            throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{type}\"",
                hint: "For a single \"%\" use \"%%\".");
        }
        string text = Convert(type, Argument(position));
        int length = text.EnumerateRunes().Count();
        if (!isLeft)
            result.Append(' ', Math.Max(0, width - length));
        result.Append(text);
        if (isLeft)
            result.Append(' ', Math.Max(0, width - length));
    }

    private readonly char Peek() => _at < _format.Length
        ? _format[_at]
        : throw new SqlException(SqlState.InvalidParameterValue, "unterminated format() type specifier",
            hint: "For a single \"%\" use \"%%\".");

    private int ReadNumber()
    {
        int start = _at;
        while (char.IsAsciiDigit(Peek()))
            _at++;
        if (_at == start)
            return -1;
        return int.TryParse(_format.AsSpan(start, _at - start), NumberStyles.None, null, out int number)
            ? number
            : throw new SqlException(SqlState.NumericValueOutOfRange, "number is out of range");
    }

    /// <summary>Digits, or * for the next argument, or *n$ for the nth.</summary>
    private int ReadWidth(ref bool isLeft)
    {
        if (Peek() != '*')
            return Math.Max(0, ReadNumber());
        _at++;
        int position = ReadNumber();
        if (position >= 0)
        {
            if (Peek() != '$')
                throw Invalid("width argument position must be ended by \"$\"");
            if (position == 0)
                throw Invalid("format specifies argument 0, but arguments are numbered from 1");
            _at++;
        }
        string? text = Argument(Math.Max(position, 0));
        if (text is null)
            return 0;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, null, out int width))
        {
            throw new SqlException(SqlState.InvalidTextRepresentation,
                $"invalid input syntax for type integer: \"{text}\"");
        }
        isLeft |= width < 0;
        return Math.Abs(width);
    }

    private string? Argument(int position)
    {
        int index = position > 0 ? position - 1 : _next;
        _next = index + 1;
        return index < _arguments.Count ? _arguments[index] : throw Invalid("too few arguments for format()");
    }

    private static string Convert(char type, string? text) => type switch
    {
        's' => text ?? "",
        'L' => text is null ? "NULL" : Quoting.Literal(text),
        _ => text is null
            ? throw new SqlException(SqlState.NullValueNotAllowed,
                "null values cannot be formatted as an SQL identifier")
            : Quoting.Identifier(text),
    };

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}
