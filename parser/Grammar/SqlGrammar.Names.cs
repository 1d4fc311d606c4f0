using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private static bool IsColumnName(in Token token) => token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword
            && KeywordTable.Class(token.Keyword) is KeywordClass.Unreserved or KeywordClass.ColumnName);

    private static bool IsFunctionName(in Token token) => token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword
            && KeywordTable.Class(token.Keyword) is KeywordClass.Unreserved or KeywordClass.TypeOrFunctionName);

    private bool IsNonReservedWord => _token.Kind == TokenKind.Identifier
        || (_token.Kind == TokenKind.Keyword && KeywordTable.Class(_token.Keyword) != KeywordClass.Reserved);

    private bool IsLabel => _token.Kind is TokenKind.Identifier or TokenKind.Keyword;

    private bool IsBareLabel => _token.Kind == TokenKind.Identifier
        || (_token.Kind == TokenKind.Keyword && KeywordTable.IsBareLabel(_token.Keyword));

    /// <summary>Takes the current token as a name, whatever its class.</summary>
    private string TakeName()
    {
        string name = _token.Kind == TokenKind.Keyword ? KeywordTable.Word(_token.Keyword) : _lexer.NameOf(_token);
        Advance();
        return name;
    }

    /// <summary>The name of a column, table or alias.</summary>
    private string ParseColumnName() => IsColumnName(_token) ? TakeName() : throw Unexpected();

    /// <summary>The name of a type or function.</summary>
    private string ParseFunctionName() => IsFunctionName(_token) ? TakeName() : throw Unexpected();

    /// <summary>Any name, also a reserved word: behind AS or a dot.</summary>
    private string ParseLabel() => IsLabel ? TakeName() : throw Unexpected();

    private string ParseNonReservedWord() => IsNonReservedWord ? TakeName() : throw Unexpected();

    /// <summary>A role: a name, or current_user and the like.</summary>
    private string ParseRole() =>
        IsNonReservedWord || _token.Keyword is Keyword.CurrentUser or Keyword.CurrentRole or Keyword.SessionUser
            ? TakeName()
            : throw Unexpected();

    /// <summary>a.b.c for something that is not a relation: an operator class, a collation, a type to drop.</summary>
    private QualifiedName ParseAnyName()
    {
        int position = _token.Position;
        return ParseNameBehind(ParseColumnName(), position);
    }

    /// <summary>The name of a relation: up to catalog.schema.table.</summary>
    private QualifiedName ParseRelationName()
    {
        QualifiedName name = ParseAnyName();
        return name.Parts.Count <= 3 ? name : throw TooManyDots(name);
    }

    /// <summary>The rest of a name, behind its first part.</summary>
    private QualifiedName ParseNameBehind(string first, int position)
    {
        if (!Is(TokenKind.Dot))
            return new QualifiedName([first]) { Position = position };
        ListBuilder<string> parts = default;
        parts.Add(first);
        while (Accept(TokenKind.Dot))
            parts.Add(ParseLabel());
        return new QualifiedName(parts.ToList()) { Position = position };
    }

    private static SqlException TooManyDots(QualifiedName name) =>
        Error($"improper qualified name (too many dotted names): {name}", name.Position);

    /// <summary>[ONLY] name [*]: a table, with or without those that inherit from it.</summary>
    private QualifiedName ParseRelation() => ParseRelation(out bool _);

    private QualifiedName ParseRelation(out bool isOnly)
    {
        isOnly = Accept(Keyword.Only);
        if (isOnly && Accept(TokenKind.OpenParen))
        {
            QualifiedName inner = ParseRelationName();
            Expect(TokenKind.CloseParen);
            return inner;
        }
        QualifiedName name = ParseRelationName();
        if (!isOnly)
            Accept(TokenKind.Star);
        return name;
    }

    /// <summary>(a, b, …), or nothing.</summary>
    private ValueList<string> ParseOptionalColumnNames() => Is(TokenKind.OpenParen) ? ParseColumnNames() : [];

    private ValueList<string> ParseColumnNames() => ParseParenthesizedList(ParseColumnName);
}
