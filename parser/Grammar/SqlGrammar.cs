using System.Buffers;
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

    // As pg_hint_plan has it, so that a comment inside an expression is no hint for the whole.
    private static readonly SearchValues<char> BeforeHints = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_,() \t\r\n\f");

    private int _hintsRead;

    private Expression? _asOf; // of the statement that is being read

    private int _recursion;

    // The height of the highest tree built since the innermost unfinished expression or query began.
    private int _height;

    private readonly SyntaxMemory? _memory;

    private readonly bool _numbersLiterals;

    private readonly StringRules? _strings;

    internal SqlGrammar(string sql, SyntaxMemory? memory = null, bool numbersLiterals = false, StringRules? strings = null)
    {
        (_memory, _numbersLiterals, _strings) = (memory, numbersLiterals, strings);
        _lexer = new Lexer(sql, strings);
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
            statements.Add(WithHints(statement with { Text = TextSince(start) }, HintsOf(start)));
            if (!Is(TokenKind.Semicolon))
                ExpectEnd();
        }
    }

    internal void ExpectEnd()
    {
        if (!Is(TokenKind.End))
            throw Unexpected();
    }

    /// <summary>What the first hint comment of the statement says; it stands before it, or behind words, blanks, commas and parentheses.</summary>
    private SourceText HintsOf(int start)
    {
        SourceText found = default;
        for (bool isFirst = true; _hintsRead < _lexer.Hints.Count && _lexer.Hints[_hintsRead] is var hint && hint.Start < _token.Start;
            _hintsRead++, isFirst = false)
        {
            if (isFirst && (hint.Start <= start || !_lexer.Text.AsSpan(start, hint.Start - 3 - start).ContainsAnyExcept(BeforeHints)))
                found = new SourceText(_lexer.Text[hint.Start..hint.End]);
        }
        return found;
    }

    /// <summary>Hints are for what is planned: a statement inside another has those of the whole.</summary>
    private static Statement WithHints(Statement statement, SourceText hints) => hints.Value.Length == 0 ? statement : statement switch
    {
        ExplainStatement explain => explain with { Hints = hints, Statement = WithHints(explain.Statement, hints) },
        PrepareStatement prepare => prepare with { Hints = hints, Statement = WithHints(prepare.Statement, hints) },
        CopyStatement { Query: { } query } copy => copy with { Hints = hints, Query = WithHints(query, hints) },
        _ => statement with { Hints = hints },
    };

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
