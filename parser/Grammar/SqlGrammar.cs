using System.Runtime.CompilerServices;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

/// <summary>PostgreSQL 15's grammar by recursive descent, with operator precedence for expressions.</summary>
/// <remarks>
/// Order:  one token is looked at, two more may be peeked; nothing is read twice, so the cost is linear.
/// Depth:  recursion is counted and the stack is watched; chains of operators loop. The height of what has been built
///         is tracked beside, since a chain makes a high tree without recursion.
/// </remarks>
internal sealed partial class SqlGrammar
{
    // Parentheses do not stay in the tree, so they may nest somewhat deeper than the tree may be high.
    private const int RecursionMax = 3 * SqlParser.TreeHeightMax;

    // A query inside a query costs those who plan it far more stack than an operator does.
    private const int QueryHeight = 8;

    private int _recursion;

    // The height of the highest tree built since the innermost unfinished expression or query began.
    private int _height;

    private readonly SyntaxMemory? _memory;

    internal SqlGrammar(string sql, SyntaxMemory? memory = null)
    {
        _memory = memory;
        _lexer = new Lexer(sql);
        _token = _lexer.Read();
    }

    internal List<Statement> ParseScript()
    {
        List<Statement> statements = [];
        while (true)
        {
            while (Accept(TokenKind.Semicolon))
            {
                // Empty statements are nothing.
            }
            if (Is(TokenKind.End))
                return statements;
            int start = _token.Start;
            Statement statement = ParseStatement();
            statements.Add(statement with { Text = TextSince(start) });
            if (!Is(TokenKind.Semicolon))
                ExpectEnd();
        }
    }

    internal void ExpectEnd()
    {
        if (!Is(TokenKind.End))
            throw Unexpected();
    }

    private SourceText TextSince(int start)
    {
        string sql = _lexer.Text;
        int end = _previousEnd;
        return new SourceText(start == 0 && end == sql.Length ? sql : sql[start..end]);
    }

    private void Enter()
    {
        if (++_recursion > RecursionMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw SyntaxErrors.TooDeep();
    }

    private void Leave() => _recursion--;

    /// <summary>Another node has been put on top of all that was built since <see cref="BeginHeight"/>.</summary>
    private void RaiseHeight(int levels = 1)
    {
        if ((_height += levels) > SqlParser.TreeHeightMax)
            throw SyntaxErrors.TooDeep();
    }

    /// <summary>Begins to measure a new subtree; give the result to <see cref="EndHeight"/>.</summary>
    private int BeginHeight()
    {
        int outer = _height;
        _height = 0;
        return outer;
    }

    private void EndHeight(int outer, int levels = 1)
    {
        RaiseHeight(levels);
        _height = Math.Max(outer, _height);
    }
}
