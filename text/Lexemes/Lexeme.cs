namespace VecSQL.Text.Lexemes;

/// <summary>A lexeme of a tsvector, and where it stands.</summary>
/// <param name="Text">UTF-8.</param>
/// <param name="Positions">Ascending; none where they are not kept.</param>
public sealed record Lexeme(byte[] Text, LexemePosition[] Positions);

/// <summary>Where a lexeme stands, and how much it counts there.</summary>
/// <param name="Place">1 for the first word, at most <see cref="PlaceMax"/>.</param>
/// <param name="Weight">3 for A, 2 for B, 1 for C, 0 for D.</param>
public readonly record struct LexemePosition(int Place, int Weight)
{
    public const int PlaceMax = (1 << 14) - 1;

    /// <summary>A lexeme has no more positions than this.</summary>
    public const int CountMax = 256;
}
