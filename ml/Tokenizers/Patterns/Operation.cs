namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>What a step of a compiled pattern does.</summary>
internal enum Operation
{
    /// <summary>Takes one code point of a set.</summary>
    Take,

    /// <summary>Takes as many of a set as there are, and gives back one at a time.</summary>
    Loop,

    /// <summary>The same, and gives none back.</summary>
    LoopKeeping,

    /// <summary>Goes on at the first place; if that fails, at the second.</summary>
    Fork,

    Jump,

    /// <summary>Whether what follows up to the next <see cref="Done"/> matches from here; then on at the first place.</summary>
    LookAhead,

    /// <summary>Takes what follows up to the next <see cref="Done"/> and never takes it otherwise; then the same.</summary>
    Group,

    /// <summary>Whether a code point of the set stands before.</summary>
    LookBehind,

    /// <summary>At the start of a line (0), its end (1), the text's start (2), its end (3).</summary>
    Edge,

    Done,
}
