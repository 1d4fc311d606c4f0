namespace VecSQL.Parser;

/// <summary>How strings in plain quotes are read where that is not the standard's way.</summary>
/// <param name="HasEscapes">Backslashes escape what is behind them, as in E'…'; strings with Unicode escapes are refused.</param>
/// <param name="AllowsEscapedQuotes">\' may stand for a quote.</param>
/// <param name="Warn">Gets the words and the hint of a warning for the first escape of a plain string.</param>
public sealed record StringRules(bool HasEscapes, bool AllowsEscapedQuotes, Action<string, string>? Warn);
