using VecSQL.Core.Errors;
using VecSQL.Text.Lexemes;
using VecSQL.Text.Tokens;

namespace VecSQL.Text.Configurations;

/// <summary>Which tokens of a text count, and which dictionary makes lexemes of them: PostgreSQL's text search configurations.</summary>
public sealed class TextConfiguration
{
    /// <summary>A word of more bytes is left out.</summary>
    internal const int WordBytesMax = LexemeVector.LexemeBytesMax;

    private readonly TextDictionary _words;

    private TextConfiguration(string name, uint oid, TextDictionary words) => (Name, Oid, _words) = (name, oid, words);

    public static TextConfiguration Simple { get; } = new("simple", 3748, TextDictionary.Simple);

    public static TextConfiguration English { get; } = new("english", 13164, TextDictionary.EnglishStem);

    public static IReadOnlyList<TextConfiguration> All { get; } = [Simple, English];

    public string Name { get; }

    /// <summary>As in a new database of PostgreSQL 15.</summary>
    public uint Oid { get; }

    /// <summary>Null where there is none of that name.</summary>
    public static TextConfiguration? Find(string name)
    {
        foreach (TextConfiguration configuration in All)
        {
            if (configuration.Name == name)
                return configuration;
        }
        return null;
    }

    /// <summary>The same for a name that may say its schema; null where there is none.</summary>
    public static TextConfiguration? FindQualified(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        const string Schema = "pg_catalog.";
        return Find(name.StartsWith(Schema, StringComparison.Ordinal) ? name[Schema.Length..] : name);
    }

    /// <exception cref="SqlException">XX000: there is none, as PostgreSQL says it.</exception>
    public static TextConfiguration Find(uint oid)
    {
        foreach (TextConfiguration configuration in All)
        {
            if (configuration.Oid == oid)
                return configuration;
        }
        throw new SqlException(SqlState.InternalError, $"cache lookup failed for text search configuration {oid}");
    }

    /// <summary>Null for tokens that do not count.</summary>
    public TextDictionary? DictionaryOf(TokenKind kind) => kind switch
    {
        TokenKind.None or TokenKind.Blank or TokenKind.Tag or TokenKind.Protocol or TokenKind.Entity => null,
        TokenKind.AsciiWord or TokenKind.Word or TokenKind.Part or TokenKind.AsciiPart or TokenKind.AsciiCompound
            or TokenKind.Compound => _words,
        _ => TextDictionary.Simple,
    };
}
