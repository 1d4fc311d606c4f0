namespace VecSQL.Parser.Grammar;

/// <summary>The digits of small numbers, which are most numbers, so that they need no new string each time.</summary>
internal static class SmallNumbers
{
    private static readonly string[] Texts = [.. Enumerable.Range(0, 100).Select(number => number.ToString())];

    internal static string TextOf(ReadOnlySpan<char> digits)
    {
        int value = digits.Length switch
        {
            1 when char.IsAsciiDigit(digits[0]) => digits[0] - '0',
            2 when digits[0] is >= '1' and <= '9' && char.IsAsciiDigit(digits[1]) =>
                ((digits[0] - '0') * 10) + digits[1] - '0',
            _ => -1,
        };
        return value < 0 ? new string(digits) : Texts[value];
    }
}
