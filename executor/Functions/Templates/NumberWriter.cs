using System.Text;
using VecSQL.Catalog.Values;
using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Templates;

/// <summary>to_char for numbers: lays a number's digits out under the places of a template.</summary>
/// <remarks>
/// Places count from 0 over the digit positions and the point. Places left of the number are blank, or zero from the
/// template's
/// first 0 on; the sign comes right before the first digit unless the template gives it a place.
/// </remarks>
internal ref struct NumberWriter
{
    private readonly NumberTemplate _template;
    private readonly StringBuilder _result = new();
    private readonly string _digits; // the number without its sign
    private readonly bool _isNegative;
    private readonly int _blanks; // places before the point that the number does not reach
    private readonly int _lastRelevant; // the last digit shown with FM; −1 where all are
    private bool _isSignWritten, _isInNumber;
    private int _place, _at;

    private NumberWriter(NumberTemplate template, string digits, bool isNegative, int before)
    {
        _template = template;
        _digits = digits;
        _isNegative = isNegative;
        int whole = digits.IndexOf('.') is >= 0 and var point ? point : digits.Length;
        _blanks = Math.Max(0, before - whole);
        _lastRelevant = template.IsFill && template.HasPoint ? LastRelevant(digits, template, _blanks) : -1;
        _isSignWritten = template.HasPlus || template.HasMinus
            ? !template.HasPlus || template.HasMinus
            : !isNegative && template.IsFill && template.Sign == SignPlace.None;
    }

    /// <param name="afterMax">Digits after the point that the value is exact to; the template's places beyond stay
    /// empty.</param>
    /// <param name="keepsSign">The value has a minus that is shown though nothing but zeros may be left of it.</param>
    public static string Write(NumberTemplate template, SqlNumeric value, int afterMax, bool keepsSign)
    {
        if (template.IsRoman)
            return WriteRoman(template, value);
        if (template.IsScientific)
            return WriteScientific(template, value, keepsSign, isExact: afterMax == int.MaxValue);
        SqlNumeric scaled = template.Shifted > 0 ? value * SqlNumeric.Power(10, template.Shifted) : value;
        int before = template.Before + template.Shifted;
        string text = (afterMax == int.MaxValue
            ? scaled.Round(template.After)
            : RoundToEven(scaled, Math.Min(template.After, afterMax))).ToString();
        bool isNegative = keepsSign || text[0] == '-';
        string digits = text.TrimStart('-');
        int whole = digits.IndexOf('.') is >= 0 and var point ? point : digits.Length;
        if (whole > before)
            digits = new string('#', before) + "." + new string('#', template.After);
        var writer = new NumberWriter(template, digits, isNegative, before);
        return writer.Run();
    }

    /// <summary>Floats round as printf does: their exact value, a tie to the even digit.</summary>
    private static SqlNumeric RoundToEven(SqlNumeric value, int digits)
    {
        SqlNumeric rounded = value.Round(digits), cut = value.Truncate(digits);
        bool isTie = rounded != cut && SqlNumeric.Abs(rounded - value) == SqlNumeric.Abs(value - cut);
        return isTie && cut.Coefficient.IsEven ? cut : rounded;
    }

    private string Run()
    {
        foreach (NumberNode node in _template.Nodes)
            WriteNode(node);
        return _result.ToString();
    }

    private void WriteNode(NumberNode node)
    {
        switch (node.Part)
        {
            case NumberPart.Nine or NumberPart.Zero or NumberPart.Point:
                WritePlace(node.Part == NumberPart.Zero);
                break;
            case NumberPart.Comma:
                if (_isInNumber)
                    _result.Append(',');
                else if (!_template.IsFill)
                    _result.Append(' ');
                break;
            case NumberPart.Currency:
                _result.Append(' '); // the C locale has no currency sign
                break;
            case NumberPart.Minus:
                WriteSignOrBlank(_isNegative, '-');
                break;
            case NumberPart.Plus:
                WriteSignOrBlank(!_isNegative, '+');
                break;
            case NumberPart.PlusMinus:
                _result.Append(_isNegative ? '-' : '+');
                break;
            case NumberPart.Ordinal:
                if (_digits[0] == '.')
                    throw NotANumber();
                if (!_isNegative && !_template.HasPoint && _digits[0] != '#')
                    _result.Append(DateWriter.OrdinalSuffix(_digits, char.IsUpper(node.Text[0])));
                break;
            case NumberPart.Text:
                _result.Append(node.Text);
                break;
        }
    }

    // The template has no digits, so nothing is left of the number that the ending could go with.
    private static SqlException NotANumber() =>
        new(SqlState.InvalidTextRepresentation, "\".\" is not a number");

    private readonly void WriteSignOrBlank(bool isShown, char sign)
    {
        if (isShown)
            _result.Append(sign);
        else if (!_template.IsFill)
            _result.Append(' ');
    }

    /// <summary>Writes what stands in one place: a blank, a leading zero, a digit or the point; and the sign where it
    /// is due.</summary>
    private void WritePlace(bool isZero)
    {
        bool hasZero = _template.ZeroStart >= 0;
        if (!_isSignWritten && (_place >= _blanks || (hasZero && _template.ZeroStart == _place))
            && (!IsBlankZero || (_lastRelevant >= 0 && _digits[_lastRelevant] == '.')))
        {
            WriteSign();
        }
        if (_place < _blanks && (!hasZero || _template.ZeroStart > _place))
        {
            if (!_template.IsFill)
                _result.Append(' ');
        }
        else if (_place < _blanks)
        {
            _result.Append('0');
            _isInNumber = true;
        }
        else
        {
            WriteDigit(isZero);
        }
        int places = _template.Before + _template.Shifted + _template.After + (_template.HasPoint ? 1 : 0);
        bool isLast = _lastRelevant >= 0 && _lastRelevant == _at ? true : _place + 1 == places;
        if (isLast)
            WriteTrailingSign();
        _place++;
    }

    /// <summary>A zero before the point that the template does not ask for is left blank: .5 rather than 0.5.</summary>
    private readonly bool IsBlankZero =>
        _template.ZeroStart < 0 && _at == 0 && _digits[0] == '0' && _template.After != 0;

    private void WriteSign()
    {
        if (_template.Sign != SignPlace.None)
        {
            if (_template.Sign != SignPlace.Before)
                return;
            _result.Append(_isNegative ? '-' : '+');
        }
        else if (_template.IsBracket)
        {
            if (_isNegative || !_template.IsFill)
                _result.Append(_isNegative ? '<' : ' ');
        }
        else if (_isNegative)
        {
            _result.Append('-');
        }
        else if (!_template.IsFill)
        {
            _result.Append(' ');
        }
        _isSignWritten = true;
    }

    private bool _isTrailingSignWritten;

    private void WriteTrailingSign()
    {
        if (_isTrailingSignWritten)
            return;
        _isTrailingSignWritten = true;
        if (_template.IsBracket && (_isNegative || !_template.IsFill))
            _result.Append(_isNegative ? '>' : ' ');
        else if (_template.Sign == SignPlace.After)
            _result.Append(_isNegative ? '-' : '+');
    }

    private void WriteDigit(bool isZero)
    {
        if (_at >= _digits.Length)
            return;
        if (_digits[_at] == '.')
        {
            if (_lastRelevant < 0 || _digits[_lastRelevant] != '.' || _template.IsFill)
                _result.Append('.');
        }
        else if (_lastRelevant >= 0 && _at > _lastRelevant && !isZero)
        {
            // FM leaves trailing zeros out.
        }
        else if (IsBlankZero)
        {
            if (!_template.IsFill)
                _result.Append(' ');
            else if (_lastRelevant >= 0 && _digits[_lastRelevant] == '.')
                _result.Append('0');
        }
        else
        {
            _result.Append(_digits[_at]);
            _isInNumber = true;
        }
        _at++;
    }

    private static int LastRelevant(string digits, NumberTemplate template, int blanks)
    {
        int point = digits.IndexOf('.');
        if (point < 0)
            return -1;
        int last = point;
        for (int i = point + 1; i < digits.Length; i++)
        {
            if (digits[i] != '0')
                last = i;
        }
        if (template.ZeroEnd > blanks)
            last = Math.Max(last, Math.Min(digits.Length - 1, template.ZeroEnd - blanks));
        return last;
    }

    /// <param name="isExact">A numeric's exponent is fixed before it is rounded: 9.99 by 9.9EEEE is 10.0e+00.</param>
    private static string WriteScientific(NumberTemplate template, SqlNumeric value, bool isNegative, bool isExact)
    {
        int digits = template.After;
        if (!value.IsFinite) // as many places as a number would take
            return $" {new string('#', template.Before)}.{new string('#', digits + 4)}";
        int exponent = 0;
        SqlNumeric magnitude = SqlNumeric.Abs(value);
        string text = magnitude.TrimScale().ToString();
        int point = text.IndexOf('.');
        if (!magnitude.IsZero)
        {
            string whole = point < 0 ? text : text[..point];
            exponent = whole != "0" ? whole.Length - 1 : -(text[(point + 1)..].TakeWhile(static c =>
                c == '0').Count() + 1);
        }
        SqlNumeric mantissa = Scaled(magnitude, -exponent).Round(digits);
        if (mantissa >= 10 && !isExact)
        {
            exponent++;
            mantissa = Scaled(magnitude, -exponent).Round(digits);
        }
        string sign = isNegative || value.Sign < 0 ? "-" : " ";
        return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static SqlNumeric Scaled(SqlNumeric value, int power) => power >= 0
        ? value * SqlNumeric.Parse(System.Text.Encoding.ASCII.GetBytes("1" + new string('0', power)))
        : value * SqlNumeric.Parse(System.Text.Encoding.ASCII.GetBytes("0." + new string('0', -power - 1) + "1"));

    private static string WriteRoman(NumberTemplate template, SqlNumeric value)
    {
        const int Width = 15;
        SqlNumeric rounded = value.Round(0);
        bool isLower = template.Nodes.Exists(static node =>
            node.Part == NumberPart.Roman && char.IsLower(node.Text[0]));
        if (!rounded.IsFinite || rounded < 1 || rounded > 3999)
            return new string('#', Width);
        int number = rounded.ToInt32();
        var roman = new StringBuilder();
        foreach ((int worth, string letters) in ((int, string)[])
            [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10,
                "X"),
             (9, "IX"), (5, "V"), (4, "IV"), (1, "I")])
        {
            for (; number >= worth; number -= worth)
                roman.Append(letters);
        }
        string text = isLower ? roman.ToString().ToLowerInvariant() : roman.ToString();
        return template.IsFill ? text : text.PadLeft(Width);
    }
}
