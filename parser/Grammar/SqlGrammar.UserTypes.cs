using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>CREATE TYPE name AS ENUM (labels); other kinds of type are passed over.</summary>
    private Statement ParseCreateType()
    {
        Expect(Keyword.Type);
        QualifiedName name = ParseAnyName();
        bool isOther = Is(TokenKind.End) || Is(TokenKind.Semicolon) || Is(TokenKind.OpenParen)
            || Is(Keyword.As, Keyword.Range)
            || (Is(Keyword.As) && Peek().Kind == TokenKind.OpenParen);
        if (isOther)
            return ParseUnsupported("create", "type");
        Expect(Keyword.As, Keyword.Enum);
        Expect(TokenKind.OpenParen);
        ValueList<string> labels = Is(TokenKind.CloseParen) ? [] : ParseList(ExpectString);
        Expect(TokenKind.CloseParen);
        return new CreateEnumStatement(name, labels);
    }

    /// <summary>ALTER TYPE name: ADD VALUE, RENAME VALUE, RENAME TO, SET SCHEMA, OWNER TO; what composite types allow is passed over.</summary>
    private Statement ParseAlterType()
    {
        Expect(Keyword.Type);
        QualifiedName name = ParseAnyName();
        int position = _token.Position;
        AlterAction? action = null;
        if (Is(Keyword.Owner, Keyword.To))
            action = ParseOwner();
        else if (Accept(Keyword.Add, Keyword.Value))
            action = ParseAddEnumValue();
        else if (Accept(Keyword.Rename, Keyword.Value))
            action = ParseRenameEnumValue();
        else if (Accept(Keyword.Rename, Keyword.To))
            action = new RenameAction(ParseColumnName());
        else if (Accept(Keyword.Set, Keyword.Schema))
            action = new SetSchemaAction(ParseColumnName());
        return action is not null
            ? new AlterUserTypeStatement(name, action with { Position = position })
            : ParseUnsupported("alter", "type");
    }

    private AddEnumValueAction ParseAddEnumValue()
    {
        bool ifNotExists = AcceptIfNotExists();
        string label = ExpectString();
        bool isBefore = Is(Keyword.Before);
        bool isPlaced = Accept(Keyword.Before) || Accept(Keyword.After);
        return new AddEnumValueAction(label, ifNotExists) { Neighbor = isPlaced ? ExpectString() : null, IsBefore = isBefore };
    }

    private RenameEnumValueAction ParseRenameEnumValue()
    {
        string label = ExpectString();
        Expect(Keyword.To);
        return new RenameEnumValueAction(label, ExpectString());
    }
}
