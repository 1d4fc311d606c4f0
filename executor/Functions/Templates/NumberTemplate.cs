using VecSQL.Core.Errors;

namespace VecSQL.Executor.Functions.Templates;

internal enum NumberPart : byte { Text, Nine, Zero, Point, Comma, Currency, Sign, Minus, Plus, PlusMinus, Ordinal,
    Roman }

/// <param name="Text">The part as written; for text, the character.</param>
internal readonly record struct NumberNode(NumberPart Part, string Text);

internal enum SignPlace : byte { None, Before, After }

/// <summary>A template of to_char and to_number for numbers, taken apart and checked.</summary>
internal sealed class NumberTemplate
{
    private static readonly string[] Parts =
        ["EEEE", "FM", "MI", "PL", "PR", "RN", "SG", "SP", "TH", ",", ".", "0", "9", "B", "C", "D", "G", "L", "S", "V"];

    public List<NumberNode> Nodes { get; } = [];

    /// <summary>Digit places before and after the point, and after V.</summary>
    public int Before { get; private set; }

    public int After { get; private set; }

    public int Shifted { get; private set; }

    /// <summary>Place of the first 0 before the point, counted from 0, and where the last 0 stands; −1 without
    /// zeros.</summary>
    public int ZeroStart { get; private set; } = -1;

    public int ZeroEnd { get; private set; }

    public bool HasPoint { get; private set; }

    public bool HasShift { get; private set; }

    public bool IsFill { get; private set; }

    public bool IsBracket { get; private set; }

    public bool HasMinus { get; private set; }

    public bool HasPlus { get; private set; }

    public bool IsRoman { get; private set; }

    public bool IsScientific { get; private set; }

    public SignPlace Sign { get; private set; }

    private int SignAt { get; set; }

    public static NumberTemplate Parse(string template)
    {
        var result = new NumberTemplate();
        for (int at = 0; at < template.Length;)
        {
            string part = PartAt(template, at);
            if (part.Length == 0)
            {
                at = result.ReadText(template, at);
                continue;
            }
            at += part.Length;
            result.Add(part.ToUpperInvariant(), part);
        }
        // A sign before all digits of a number floats to it; one right after them comes last.
        if (result.Sign == SignPlace.Before && result.SignAt == result.Before)
            result.Sign = SignPlace.After;
        return result;
    }

    private static string PartAt(string template, int at)
    {
        foreach (string part in Parts)
        {
            ReadOnlySpan<char> rest = template.AsSpan(at);
            if (rest.StartsWith(part) || rest.StartsWith(part.ToLowerInvariant()))
                return rest[..part.Length].ToString();
        }
        return "";
    }

    private int ReadText(string template, int at)
    {
        if (template[at] != '"')
        {
            if (template[at] == '\\' && at + 1 < template.Length && template[at + 1] == '"')
                at++;
            Nodes.Add(new NumberNode(NumberPart.Text, template[at].ToString()));
            return at + 1;
        }
        for (at++; at < template.Length && template[at] != '"'; at++)
        {
            if (template[at] == '\\' && at + 1 < template.Length)
                at++;
            Nodes.Add(new NumberNode(NumberPart.Text, template[at].ToString()));
        }
        return at + 1;
    }

    private void Add(string part, string spelled)
    {
        if (IsScientific && part != "EEEE")
            throw Misused("\"EEEE\" must be the last pattern used");
        switch (part)
        {
            case "9" or "0":
                AddDigit(part == "0");
                Nodes.Add(new NumberNode(part == "0" ? NumberPart.Zero : NumberPart.Nine, spelled));
                break;
            case "." or "D":
                AddPoint();
                Nodes.Add(new NumberNode(NumberPart.Point, spelled));
                break;
            case "," or "G":
                Nodes.Add(new NumberNode(NumberPart.Comma, spelled));
                break;
            case "L":
                Nodes.Add(new NumberNode(NumberPart.Currency, spelled));
                break;
            case "FM":
                IsFill = true;
                break;
            case "V":
                if (HasPoint)
                    throw Misused("cannot use \"V\" and decimal point together");
                HasShift = true;
                break;
            case "TH":
                Nodes.Add(new NumberNode(NumberPart.Ordinal, spelled));
                break;
            case "RN":
                IsRoman = true;
                Nodes.Add(new NumberNode(NumberPart.Roman, spelled));
                break;
            case "EEEE":
                AddExponent();
                break;
            case "S" or "MI" or "PL" or "SG" or "PR":
                AddSign(part, spelled);
                break;
            case "B" or "C" or "SP":
                break; // accepted, and of no effect on what is shown here
        }
    }

    private void AddDigit(bool isZero)
    {
        if (IsBracket)
            throw Misused($"\"{(isZero ? "0" : "9")}\" must be ahead of \"PR\"");
        if (HasShift)
        {
            Shifted++;
            return;
        }
        if (isZero && !HasPoint && ZeroStart < 0)
            ZeroStart = Before;
        if (HasPoint)
            After++;
        else
            Before++;
        if (isZero)
            ZeroEnd = Before + After;
    }

    private void AddPoint()
    {
        if (HasPoint)
            throw Misused("multiple decimal points");
        if (HasShift)
            throw Misused("cannot use \"V\" and decimal point together");
        HasPoint = true;
    }

    private void AddExponent()
    {
        if (IsScientific)
            throw Misused("cannot use \"EEEE\" twice");
        if (IsFill || IsBracket || Sign != SignPlace.None || HasMinus || HasPlus || IsRoman || HasShift)
        {
            throw new SqlException(SqlState.SyntaxError, "\"EEEE\" is incompatible with other formats")
            { Detail = "\"EEEE\" may only be used together with digit and decimal point patterns." };
        }
        IsScientific = true;
    }

    private void AddSign(string part, string spelled)
    {
        switch (part)
        {
            case "S":
                if (Sign != SignPlace.None)
                    throw Misused("cannot use \"S\" twice");
                if (HasPlus || HasMinus || IsBracket)
                    throw Misused("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                Sign = HasPoint ? SignPlace.After : SignPlace.Before;
                SignAt = HasPoint ? -1 : Before;
                Nodes.Add(new NumberNode(NumberPart.Sign, spelled));
                break;
            case "PR":
                if (Sign != SignPlace.None || HasPlus || HasMinus)
                    throw Misused("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                IsBracket = true;
                break;
            default:
                if (Sign != SignPlace.None)
                    throw Misused($"cannot use \"S\" and \"{part}\" together");
                HasMinus |= part is "MI" or "SG";
                HasPlus |= part is "PL" or "SG";
                Nodes.Add(new NumberNode(
                    part == "MI" ? NumberPart.Minus : part == "PL" ? NumberPart.Plus : NumberPart.PlusMinus, spelled));
                break;
        }
    }

    private static SqlException Misused(string message) => new(SqlState.SyntaxError, message);
}
