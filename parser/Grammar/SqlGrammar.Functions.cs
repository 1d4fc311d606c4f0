using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>CREATE [OR REPLACE] FUNCTION name (parameters) [RETURNS type] options [body]</summary>
    private CreateFunctionStatement ParseCreateFunction(bool orReplace)
    {
        Expect(Keyword.Function);
        int position = _token.Position;
        QualifiedName name = ParseNameBehind(IsColumnName(_token) ? TakeName() : ParseFunctionName(), position);
        ValueList<FunctionParameter> parameters = ParseFunctionParameters();
        TypeName? returns = null;
        if (Accept(Keyword.Returns))
        {
            if (Accept(Keyword.Table))
                parameters = [.. parameters, .. ParseParenthesizedList(ParseTableColumn)];
            else
                returns = ParseTypeName();
        }
        var create = new CreateFunctionStatement(name, parameters) { OrReplace = orReplace, Returns = returns };
        ListBuilder<FunctionOption> options = default;
        while (!Is(TokenKind.End) && !Is(TokenKind.Semicolon) && !Is(Keyword.Return) && !Is(Keyword.Begin))
        {
            position = _token.Position;
            if (Accept(Keyword.As))
                create = create with { Body = ParseFunctionBody(create.Body) };
            else
                options.Add(ParseFunctionOption() with { Position = position });
        }
        create = create with { Options = options.ToList() };
        if (Accept(Keyword.Return))
            return create with { Return = ParseExpression() };
        return Accept(Keyword.Begin) ? create with { IsAtomic = true, Atomic = ParseAtomicBody() } : create;
    }

    private StringLiteral ParseFunctionBody(StringLiteral? before)
    {
        int position = _token.Position;
        if (before is not null)
            throw Error("conflicting or redundant options", position);
        StringLiteral body = new(ExpectString()) { Position = position };
        return Is(TokenKind.Comma) ? throw NotSupported("AS with an object file is", _token.Position) : body;
    }

    private ValueList<Statement> ParseAtomicBody()
    {
        Expect(Keyword.Atomic);
        Enter();
        ListBuilder<Statement> statements = default;
        while (!Accept(Keyword.End))
        {
            statements.Add(ParseStatement());
            Expect(TokenKind.Semicolon);
        }
        Leave();
        return statements.ToList();
    }

    private FunctionParameter ParseTableColumn()
    {
        int position = _token.Position;
        return new FunctionParameter(ParseFunctionName(), ParseTypeName()) { Mode = "table", Position = position };
    }

    private ValueList<FunctionParameter> ParseFunctionParameters()
    {
        if (Is(TokenKind.OpenParen) && Peek().Kind == TokenKind.CloseParen)
        {
            Advance();
            Advance();
            return [];
        }
        return ParseParenthesizedList(ParseFunctionParameter);
    }

    private FunctionParameter ParseFunctionParameter()
    {
        int position = _token.Position;
        string? mode = ParseParameterMode();
        string? name = IsParameterName() ? ParseFunctionName() : null;
        mode ??= name is null ? null : ParseParameterMode();
        TypeName type = ParseTypeName();
        Expression? value = Accept(Keyword.Default) || Accept(TokenKind.Equal) ? ParseExpression() : null;
        return new FunctionParameter(name, type) { Mode = mode ?? "in", Default = value, Position = position };
    }

    private string? ParseParameterMode()
    {
        if (Accept(Keyword.In))
            return Accept(Keyword.Out) ? "inout" : "in";
        return Accept(Keyword.Out) ? "out" : Accept(Keyword.Inout) ? "inout" : Accept(Keyword.Variadic) ? "variadic" : null;
    }

    /// <summary>A name is followed by a type, a type by what ends the parameter.</summary>
    private bool IsParameterName() => IsFunctionName(_token) && !Is(Keyword.Double, Keyword.Precision) && !Is(Keyword.Setof)
        && Peek() is { Kind: TokenKind.Identifier or TokenKind.Keyword, Keyword: not Keyword.Default and not Keyword.Array };

    private FunctionOption ParseFunctionOption()
    {
        switch (_token.Keyword)
        {
            case Keyword.Language:
                Advance();
                return new FunctionOption("language", ParseWordOrString().Value);
            case Keyword.Immutable or Keyword.Stable or Keyword.Volatile:
                return new FunctionOption("volatility", TakeName());
            case Keyword.Strict:
                Advance();
                return new FunctionOption("strict", "true");
            case Keyword.Called:
                Expect(Keyword.Called, Keyword.On);
                return Expecting(new FunctionOption("strict", "false"), Keyword.Null, Keyword.Input);
            case Keyword.Returns:
                Expect(Keyword.Returns, Keyword.Null);
                Expect(Keyword.On, Keyword.Null);
                Expect(Keyword.Input);
                return new FunctionOption("strict", "true");
            case Keyword.Not or Keyword.Leakproof:
                bool isNot = Accept(Keyword.Not);
                Expect(Keyword.Leakproof);
                return new FunctionOption("leakproof", isNot ? "false" : "true");
            case Keyword.Parallel:
                Advance();
                return new FunctionOption("parallel", ParseColumnName());
            case Keyword.Cost or Keyword.Rows:
                return new FunctionOption(TakeName(), ParseFigure());
            case Keyword.External or Keyword.Security:
                Accept(Keyword.External);
                Expect(Keyword.Security);
                return new FunctionOption("security", Accept(Keyword.Definer) ? "definer" : Expecting("invoker", Keyword.Invoker));
            case Keyword.Window or Keyword.Transform or Keyword.Support or Keyword.Set or Keyword.Reset:
                throw NotSupported($"{TakeName().ToUpperInvariant()} of a function is", _token.Position);
            default:
                throw Unexpected();
        }
    }

    private string ParseFigure()
    {
        string sign = Accept(TokenKind.Minus) ? "-" : "";
        if (_token.Kind is not (TokenKind.Integer or TokenKind.LargeInteger or TokenKind.Numeric))
            throw Unexpected();
        string figure = sign + TokenText.ToString();
        Advance();
        return figure;
    }

    private FunctionSignature ParseFunctionSignature()
    {
        int position = _token.Position;
        QualifiedName name = ParseNameBehind(IsColumnName(_token) ? TakeName() : ParseFunctionName(), position);
        return Is(TokenKind.OpenParen)
            ? new FunctionSignature(name, ParseFunctionParameters()) { Position = position }
            : new FunctionSignature(name, []) { IsBare = true, Position = position };
    }

    /// <summary>DROP FUNCTION [IF EXISTS] signatures [CASCADE|RESTRICT]</summary>
    private DropFunctionStatement ParseDropFunction()
    {
        Expect(Keyword.Function);
        bool ifExists = AcceptIfExists();
        return new DropFunctionStatement(ParseList(ParseFunctionSignature), ifExists, ParseCascade());
    }

    /// <summary>ALTER FUNCTION signature: RENAME TO, SET SCHEMA, OWNER TO, options</summary>
    private Statement ParseAlterFunction()
    {
        Expect(Keyword.Function);
        FunctionSignature function = ParseFunctionSignature();
        int position = _token.Position;
        if (Is(Keyword.Owner))
            return new AlterFunctionStatement(function, ParseOwner());
        if (Accept(Keyword.Rename, Keyword.To))
            return new AlterFunctionStatement(function, new RenameAction(ParseColumnName()) { Position = position });
        if (Accept(Keyword.Set, Keyword.Schema))
            return new AlterFunctionStatement(function, new SetSchemaAction(ParseColumnName()) { Position = position });
        ListBuilder<FunctionOption> options = default;
        do
        {
            if (Is(Keyword.Language))
                throw Unexpected(); // only CREATE has it
            position = _token.Position;
            options.Add(ParseFunctionOption() with { Position = position });
        }
        while (!Is(TokenKind.End) && !Is(TokenKind.Semicolon) && !Is(Keyword.Restrict));
        Accept(Keyword.Restrict);
        return new AlterFunctionOptionsStatement(function, options.ToList());
    }
}
