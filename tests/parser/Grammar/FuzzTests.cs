using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Grammar;

/// <summary>
/// Whatever comes in, only a statement or an SqlException comes out; and what parses also prints and parses again.
/// </summary>
public sealed class FuzzTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Random_characters_give_a_tree_or_an_SqlException()
    {
        const string Alphabet = "aeExXuUbB01.9'\"\\$()[]{},;:=<>+-*/%^~!@#&|?` \n\t\0_é😀\uD800\uDC00";
        Random random = new(20260101);
        for (int round = 0; round < Rounds; round++)
        {
            StringBuilder sql = new(round % 2 == 0 ? "SELECT " : "");
            for (int length = random.Next(40); length > 0; length--)
                sql.Append(Alphabet[random.Next(Alphabet.Length)]);
            ParseAnything(sql.ToString());
        }
    }

    [Fact]
    public void Random_words_give_a_tree_or_an_SqlException()
    {
        string[] words = [.. Words()];
        Random random = new(20260102);
        for (int round = 0; round < Rounds; round++)
        {
            StringBuilder sql = new();
            for (int length = random.Next(1, 25); length > 0; length--)
                sql.Append(words[random.Next(words.Length)]).Append(' ');
            ParseAnything(sql.ToString());
        }
    }

    [Fact]
    public void Mutated_statements_give_a_tree_that_prints_or_an_SqlException()
    {
        Random random = new(20260103);
        IReadOnlyList<string> corpus = StatementCorpus.Statements;
        string[] words = [.. Words()];
        for (int round = 0; round < Rounds; round++)
        {
            List<string> tokens = [.. Cut(corpus[random.Next(corpus.Count)])];
            for (int change = random.Next(1, 4); change > 0 && tokens.Count > 0; change--)
                Mutate(tokens, words, random);
            ParseAnything(string.Join(' ', tokens));
        }
    }

    [Fact]
    public void Every_beginning_of_a_statement_gives_a_tree_or_an_SqlException()
    {
        foreach (string sql in StatementCorpus.Statements)
        {
            for (int length = 0; length < sql.Length; length += 3)
                ParseAnything(sql[..length]);
        }
    }

    private static void Mutate(List<string> tokens, string[] words, Random random)
    {
        int at = random.Next(tokens.Count);
        switch (random.Next(5))
        {
            case 0:
                tokens.RemoveAt(at);
                break;
            case 1:
                tokens.Insert(at, tokens[at]);
                break;
            case 2:
                int other = random.Next(tokens.Count);
                (tokens[at], tokens[other]) = (tokens[other], tokens[at]);
                break;
            case 3:
                tokens[at] = words[random.Next(words.Length)];
                break;
            default:
                tokens.Insert(at, words[random.Next(words.Length)]);
                break;
        }
    }

    private static void ParseAnything(string sql)
    {
        IReadOnlyList<Statement> statements;
        try
        {
            statements = SqlParser.Parse(sql);
        }
        catch (SqlException error)
        {
            Assert.InRange(error.Position, 0, sql.Length + 1);
            return;
        }
        foreach (Statement statement in statements)
            RoundTrip.Check(statement, sql);
    }

    private static HashSet<string> Words() => [.. StatementCorpus.Statements.SelectMany(Cut)];

    /// <summary>Words, numbers, strings and marks, roughly; the parser's own lexer is not asked.</summary>
    private static IEnumerable<string> Cut(string sql) =>
        System.Text.RegularExpressions.Regex
            .Matches(sql, """\w+(\.\d+)?|'(?:[^']|'')*'|"[^"]*"|[-+*/<>=~!@#%^&|`?]+|::|\S""")
            .Select(match => match.Value);
}
