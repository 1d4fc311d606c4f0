using System.Globalization;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>A set of code points, as a pattern writes one.</summary>
/// <remarks>Cost: one bit for ASCII; beyond it the set's parts are asked in turn.</remarks>
internal sealed class CodePointSet
{
    private readonly Func<int, bool> _holds;
    private readonly UInt128 _ascii;

    internal CodePointSet(Func<int, bool> holds)
    {
        _holds = holds;
        for (int point = 0; point < 128; point++)
        {
            if (holds(point))
                _ascii |= UInt128.One << point;
        }
    }

    internal bool Contains(int point) => point < 128 ? ((_ascii >> point) & 1) != 0 : _holds(point);

    internal static CodePointSet Of(int point) => new(other => other == point);

    internal static CodePointSet Range(int from, int to) => new(point => point >= from && point <= to);

    internal static CodePointSet Kinds(CodePointKinds kinds) => new(point => CodePoints.Is(point, kinds));

    internal CodePointSet Not() => new(point => !Contains(point));

    internal CodePointSet Or(CodePointSet other) => new(point => Contains(point) || other.Contains(point));

    internal static CodePointSet AnyOf(CodePointSet[] sets) =>
        sets.Length == 1 ? sets[0] : new(point => Array.Exists(sets, set => set.Contains(point)));

    internal static CodePointSet AllOf(CodePointSet[] sets) =>
        sets.Length == 1 ? sets[0] : new(point => Array.TrueForAll(sets, set => set.Contains(point)));

    /// <summary>With the other case of its letters of ASCII, and with what folds to such a letter.</summary>
    internal CodePointSet IgnoreCase() => new(point => Contains(point) || point switch
    {
        >= 'a' and <= 'z' or >= 'A' and <= 'Z' =>
            Contains(point ^ 0x20) || ((point | 0x20) == 's' && Contains(0x17F)) || ((point | 0x20) == 'k' && Contains(0x212A)),
        0x17F => Contains('s') || Contains('S'),
        0x212A => Contains('k') || Contains('K'),
        _ => false,
    });

    /// <summary>What <c>\p{name}</c> stands for; null where it is not known.</summary>
    internal static CodePointSet? Property(string name) => name switch
    {
        "L" or "Letter" => Kinds(CodePointKinds.Letter),
        "N" or "Number" => Kinds(CodePointKinds.Number),
        "M" or "Mark" => Category(
            UnicodeCategory.NonSpacingMark, UnicodeCategory.SpacingCombiningMark, UnicodeCategory.EnclosingMark),
        "P" or "Punctuation" => Between(UnicodeCategory.ConnectorPunctuation, UnicodeCategory.OtherPunctuation),
        "S" or "Symbol" => Between(UnicodeCategory.MathSymbol, UnicodeCategory.OtherSymbol),
        "Z" or "Separator" => Between(UnicodeCategory.SpaceSeparator, UnicodeCategory.ParagraphSeparator),
        "C" or "Other" => Between(UnicodeCategory.Control, UnicodeCategory.PrivateUse)
            .Or(Category(UnicodeCategory.OtherNotAssigned)),
        "Han" => Han,
        _ => CategoryOf(name) is { } category ? Category(category) : null,
    };

    // The script of that name, as far as the library knows it.
    private static CodePointSet Han => new(point => point is >= 0x2E80 and <= 0x2E99 or >= 0x2E9B and <= 0x2EF3
        or >= 0x2F00 and <= 0x2FD5 or 0x3005 or 0x3007 or >= 0x3021 and <= 0x3029 or >= 0x3038 and <= 0x303B
        or >= 0x3400 and <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFA6D or >= 0xFA70 and <= 0xFAD9
        or >= 0x16FE2 and <= 0x16FE3 or >= 0x16FF0 and <= 0x16FF1 or >= 0x20000 and <= 0x2A6DF
        or >= 0x2A700 and <= 0x2B739 or >= 0x2B740 and <= 0x2B81D or >= 0x2B820 and <= 0x2CEA1
        or >= 0x2CEB0 and <= 0x2EBE0 or >= 0x2EBF0 and <= 0x2EE5D or >= 0x2F800 and <= 0x2FA1D
        or >= 0x30000 and <= 0x3134A or >= 0x31350 and <= 0x323AF);

    private static CodePointSet Category(params UnicodeCategory[] categories) =>
        new(point => Array.IndexOf(categories, CharUnicodeInfo.GetUnicodeCategory(point)) >= 0);

    private static CodePointSet Between(UnicodeCategory from, UnicodeCategory to) =>
        new(point => CharUnicodeInfo.GetUnicodeCategory(point) is var category && category >= from && category <= to);

    private static UnicodeCategory? CategoryOf(string name) => name switch
    {
        "Lu" => UnicodeCategory.UppercaseLetter,
        "Ll" => UnicodeCategory.LowercaseLetter,
        "Lt" => UnicodeCategory.TitlecaseLetter,
        "Lm" => UnicodeCategory.ModifierLetter,
        "Lo" => UnicodeCategory.OtherLetter,
        "Mn" => UnicodeCategory.NonSpacingMark,
        "Mc" => UnicodeCategory.SpacingCombiningMark,
        "Me" => UnicodeCategory.EnclosingMark,
        "Nd" => UnicodeCategory.DecimalDigitNumber,
        "Nl" => UnicodeCategory.LetterNumber,
        "No" => UnicodeCategory.OtherNumber,
        "Pc" => UnicodeCategory.ConnectorPunctuation,
        "Pd" => UnicodeCategory.DashPunctuation,
        "Ps" => UnicodeCategory.OpenPunctuation,
        "Pe" => UnicodeCategory.ClosePunctuation,
        "Pi" => UnicodeCategory.InitialQuotePunctuation,
        "Pf" => UnicodeCategory.FinalQuotePunctuation,
        "Po" => UnicodeCategory.OtherPunctuation,
        "Sm" => UnicodeCategory.MathSymbol,
        "Sc" => UnicodeCategory.CurrencySymbol,
        "Sk" => UnicodeCategory.ModifierSymbol,
        "So" => UnicodeCategory.OtherSymbol,
        "Zs" => UnicodeCategory.SpaceSeparator,
        "Zl" => UnicodeCategory.LineSeparator,
        "Zp" => UnicodeCategory.ParagraphSeparator,
        "Cc" => UnicodeCategory.Control,
        "Cf" => UnicodeCategory.Format,
        "Cs" => UnicodeCategory.Surrogate,
        "Co" => UnicodeCategory.PrivateUse,
        "Cn" => UnicodeCategory.OtherNotAssigned,
        _ => null,
    };
}
