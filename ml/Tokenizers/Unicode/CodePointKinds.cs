namespace VecSQL.Ml.Tokenizers.Unicode;

/// <summary>What a code point is to the parts of a tokenizer.</summary>
[Flags]
internal enum CodePointKinds : ushort
{
    None = 0,

    /// <summary>Any letter (<c>\p{L}</c>).</summary>
    Letter = 1,

    /// <summary>Any number (<c>\p{N}</c>).</summary>
    Number = 2,

    /// <summary>White space, by Unicode's property (<c>\s</c>).</summary>
    Space = 4,

    /// <summary>Part of a word (<c>\w</c>), without joiners.</summary>
    Word = 8,

    /// <summary>Punctuation to BERT: also every sign of ASCII.</summary>
    Punctuation = 16,

    /// <summary>What BERT's cleaning drops.</summary>
    Removed = 32,

    /// <summary>What BERT puts blanks around.</summary>
    Chinese = 64,

    /// <summary>What the part "Digits" splits at.</summary>
    Digit = 128,

    /// <summary>What BERT takes for an accent.</summary>
    Accent = 256,

    /// <summary>What the part "StripAccents" drops.</summary>
    Mark = 512,

    /// <summary>Changes in lower case.</summary>
    HasLower = 1024,

    /// <summary>May change, or move, in one of the normal forms.</summary>
    Normal = 2048,
}
