using System.Collections.Frozen;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

/// <summary>Blocks of PL/pgSQL: statements, conditions, what is raised and handled. Variables, loops and cursors are refused by name.</summary>
internal sealed partial class SqlGrammar
{
    private static readonly FrozenSet<string> RefusedWords = FrozenSet.ToFrozenSet(
        ["declare", "loop", "for", "foreach", "while", "exit", "continue", "case", "get", "open", "fetch", "move", "close", "assert", "commit", "rollback"]);

    private static readonly FrozenSet<string> RaiseLevels = FrozenSet.ToFrozenSet(["debug", "log", "info", "notice", "warning", "exception"]);

    private static readonly FrozenSet<string> BlockVariables = FrozenSet.ToFrozenSet(["sqlerrm", "sqlstate", "found"]);

    private int _line = 1, _lineStart; // of the last statement, and how far lines have been counted

    /// <summary>The whole text of a block.</summary>
    internal ProceduralBlock ParseBlockText()
    {
        RefuseWords();
        ProceduralBlock block = ParseBlock();
        Accept(TokenKind.Semicolon);
        ExpectEnd();
        return block;
    }

    private ProceduralBlock ParseBlock()
    {
        Enter();
        ExpectWord("begin");
        ValueList<ProceduralStatement> body = ParseProcedural("exception", "end");
        List<ExceptionHandler> handlers = [];
        if (AcceptWord("exception"))
        {
            do
            {
                ExpectWord("when");
                List<string> conditions = [ParseCondition()];
                while (AcceptWord("or"))
                    conditions.Add(ParseCondition());
                ExpectWord("then");
                handlers.Add(new ExceptionHandler([.. conditions], ParseProcedural("when", "end")));
            }
            while (IsWord("when"));
        }
        ExpectWord("end");
        Leave();
        return new ProceduralBlock(body, [.. handlers]);
    }

    /// <summary>A name, or a colon and a SQLSTATE.</summary>
    private string ParseCondition()
    {
        if (!AcceptWord("sqlstate"))
            return TakeName();
        int position = _token.Position;
        string code = ExpectString();
        return code.Length == 5 && code.All(char.IsAsciiLetterOrDigit) ? ":" + code.ToUpperInvariant() : throw Error("invalid SQLSTATE code", position);
    }

    private ValueList<ProceduralStatement> ParseProcedural(params ReadOnlySpan<string> ends)
    {
        List<ProceduralStatement> statements = [];
        while (true)
        {
            foreach (string end in ends)
            {
                if (IsWord(end))
                    return [.. statements];
            }
            if (ParseProceduralStatement() is { } statement)
                statements.Add(statement);
            if (!Accept(TokenKind.Semicolon))
                throw Unexpected();
        }
    }

    /// <returns>Null for NULL, which does nothing.</returns>
    private ProceduralStatement? ParseProceduralStatement()
    {
        RefuseWords();
        int line = LineHere();
        if (IsWord("begin"))
            return new NestedBlockStatement(line, ParseBlock());
        if (AcceptWord("null"))
            return null;
        if (AcceptWord("if"))
            return ParseConditional(line);
        if (AcceptWord("raise"))
            return ParseRaise(line);
        if (AcceptWord("return"))
            return Is(TokenKind.Semicolon) ? new LeaveStatement(line) : throw Error("RETURN cannot have a parameter in function returning void", _token.Position);
        if (AcceptWord("perform"))
            return new EmbeddedStatement(line, ParsePerformed(), IsPerform: true);
        if (AcceptWord("execute"))
            return ParseDynamic(line);
        int start = _token.Start, position = _token.Position;
        Statement sql = ParseStatement();
        if (sql is TransactionStatement or CopyStatement { File: null })
            throw Refused(sql is CopyStatement ? "COPY to or from the client" : "transaction control", position);
        return new EmbeddedStatement(line, sql with { Text = TextSince(start) }, IsPerform: false);
    }

    /// <summary>The line of the token. Asked from the first statement to the last, so that no line is counted twice.</summary>
    private int LineHere()
    {
        _line += _lexer.Text.AsSpan(_lineStart, _token.Start - _lineStart).Count('\n');
        _lineStart = _token.Start;
        return _line;
    }

    private ConditionalStatement ParseConditional(int line)
    {
        Enter();
        List<ConditionalBranch> branches = [];
        do
        {
            EmbeddedExpression condition = ParseEmbedded();
            ExpectWord("then");
            branches.Add(new ConditionalBranch(condition, ParseProcedural("elsif", "elseif", "else", "end")));
        }
        while (AcceptWord("elsif") || AcceptWord("elseif"));
        if (AcceptWord("else"))
            branches.Add(new ConditionalBranch(null, ParseProcedural("end")));
        ExpectWord("end");
        ExpectWord("if");
        Leave();
        return new ConditionalStatement(line, [.. branches]);
    }

    private RaiseStatement ParseRaise(int line)
    {
        string level = "EXCEPTION";
        if (RaiseLevels.FirstOrDefault(IsWord) is { } named)
        {
            level = named.ToUpperInvariant();
            Advance();
        }
        string? format = null, condition = null;
        List<EmbeddedExpression> arguments = [];
        if (Is(TokenKind.String))
        {
            format = ExpectString();
            while (Accept(TokenKind.Comma))
                arguments.Add(ParseEmbedded());
        }
        else if (!Is(TokenKind.Semicolon) && !IsWord("using"))
        {
            condition = ParseCondition();
        }
        List<RaiseOption> options = [];
        if (AcceptWord("using"))
        {
            do
                options.Add(ParseRaiseOption());
            while (Accept(TokenKind.Comma));
        }
        int places = format?.Replace("%%", "", StringComparison.Ordinal).Count(static c => c == '%') ?? 0;
        if (places != arguments.Count)
        {
            throw new SqlException(SqlState.SyntaxError, $"too {(places > arguments.Count ? "few" : "many")} parameters specified for RAISE")
            {
                Where = $"compilation of PL/pgSQL function \"inline_code_block\" near line {line}",
            };
        }
        return new RaiseStatement(line, level, condition, format, [.. arguments], [.. options]);
    }

    private RaiseOption ParseRaiseOption()
    {
        int position = _token.Position;
        string name = TakeName().ToUpperInvariant();
        bool isKnown = name is "MESSAGE" or "DETAIL" or "HINT" or "ERRCODE" or "COLUMN" or "CONSTRAINT" or "DATATYPE" or "TABLE" or "SCHEMA";
        if (!isKnown)
            throw Error("unrecognized RAISE statement option", position);
        if (!Accept(TokenKind.Equal) && !Accept(TokenKind.ColonEqual))
            throw Unexpected();
        return new RaiseOption(name, ParseEmbedded());
    }

    private DynamicStatement ParseDynamic(int line)
    {
        EmbeddedExpression sql = ParseEmbedded();
        return Is(TokenKind.Semicolon) ? new DynamicStatement(line, sql) : throw Refused("EXECUTE with INTO or USING", _token.Position);
    }

    /// <summary>For what is read once more.</summary>
    private StringRules? SilentStrings => _strings is null ? null : _strings with { Warn = null };

    /// <summary>What stands behind PERFORM is what stands behind SELECT.</summary>
    private Statement ParsePerformed()
    {
        const string Verb = "SELECT ";
        int start = _token.Start, position = _token.Position;
        for (int depth = 0; depth > 0 || !Is(TokenKind.Semicolon); Advance())
        {
            if (Is(TokenKind.End))
                throw Unexpected();
            depth += Is(TokenKind.OpenParen) ? 1 : Is(TokenKind.CloseParen) ? -1 : 0;
        }
        string sql = Verb + _lexer.Text[start.._previousEnd];
        try
        {
            return SqlParser.Parse(sql, _memory, strings: SilentStrings) is [var single] ? single : throw Unexpected();
        }
        catch (SqlException error) when (error.Position > Verb.Length)
        {
            throw error.Placed(error.Position - Verb.Length + position - 1);
        }
    }

    private EmbeddedExpression ParseEmbedded()
    {
        int start = _token.Start, position = _token.Position;
        ParseExpression();
        string sql = _lexer.Text[start.._previousEnd];
        Lexer words = new(sql, SilentStrings);
        for (Token word = words.Read(); word.Kind != TokenKind.End; word = words.Read())
        {
            if (word.Kind == TokenKind.Identifier && BlockVariables.Contains(words.NameOf(word)))
                throw Refused(words.NameOf(word).ToUpperInvariant(), position + word.Position - 1);
        }
        return new EmbeddedExpression(sql);
    }

    private void RefuseWords()
    {
        if (RefusedWords.FirstOrDefault(IsWord) is { } word)
            throw Refused(word.ToUpperInvariant(), _token.Position);
        if (_token.Kind is TokenKind.Operator && _lexer.Text.AsSpan(_token.Start).StartsWith("<<"))
            throw Refused("a label", _token.Position);
    }

    private static SqlException Refused(string what, int position) =>
        new(SqlState.FeatureNotSupported, $"{what} in PL/pgSQL is not supported", position);

    private bool IsWord(string word) => _token.Kind is TokenKind.Identifier or TokenKind.Keyword && _token.Value is null
        && _lexer.Text.AsSpan(_token.Start, _token.End - _token.Start).Equals(word, StringComparison.OrdinalIgnoreCase);

    private bool AcceptWord(string word)
    {
        bool isHere = IsWord(word);
        if (isHere)
            Advance();
        return isHere;
    }

    private void ExpectWord(string word)
    {
        if (!AcceptWord(word))
            throw Unexpected();
    }
}
