using System.Globalization;
using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>CREATE DATABASE name [WITH] options</summary>
    private CreateDatabaseStatement ParseCreateDatabase()
    {
        Expect(Keyword.Database);
        string name = ParseColumnName();
        Accept(Keyword.With);
        return new CreateDatabaseStatement(name, ParseDatabaseOptions());
    }

    /// <summary>ALTER DATABASE name: options, RENAME TO, OWNER TO, SET, RESET</summary>
    private Statement ParseAlterDatabase()
    {
        Expect(Keyword.Database);
        string name = ParseColumnName();
        int position = _token.Position;
        if (Accept(Keyword.Rename))
        {
            Expect(Keyword.To);
            return new AlterDatabaseStatement(name, new RenameAction(ParseColumnName()) { Position = position });
        }
        if (Is(Keyword.Owner, Keyword.To))
            return new AlterDatabaseStatement(name, ParseOwner());
        if (Is(Keyword.Refresh) || Is(Keyword.Set, Keyword.Tablespace))
            throw NotSupported($"ALTER DATABASE {(Is(Keyword.Refresh) ? "REFRESH COLLATION VERSION" : "SET TABLESPACE")} is", position);
        if (Accept(Keyword.Set))
            return new AlterDatabaseSettingStatement(name, ParseSetting(isLocal: false) with { Position = position });
        if (Accept(Keyword.Reset))
        {
            ResetStatement reset = new(Accept(Keyword.All) ? null : ParseSettingName());
            return new AlterDatabaseSettingStatement(name, reset with { Position = position });
        }
        Accept(Keyword.With);
        return new AlterDatabaseOptionsStatement(name, ParseDatabaseOptions());
    }

    private ValueList<DatabaseOption> ParseDatabaseOptions()
    {
        ListBuilder<DatabaseOption> options = default;
        while (!Is(TokenKind.End) && !Is(TokenKind.Semicolon))
        {
            int position = _token.Position;
            options.Add(ParseDatabaseOption() with { Position = position });
        }
        return options.ToList();
    }

    private DatabaseOption ParseDatabaseOption()
    {
        string name;
        if (Accept(Keyword.Connection))
        {
            Expect(Keyword.Limit);
            name = "connection limit";
        }
        else
        {
            bool isName = Is(TokenKind.Identifier)
                || _token.Keyword is Keyword.Encoding or Keyword.Location or Keyword.Owner or Keyword.Tablespace or Keyword.Template;
            name = isName ? TakeName() : throw Unexpected();
        }
        Accept(TokenKind.Equal);
        return new DatabaseOption(name, ParseDatabaseOptionValue());
    }

    private string? ParseDatabaseOptionValue()
    {
        if (Accept(Keyword.Default))
            return null;
        if (Is(TokenKind.String))
            return ExpectString();
        if (_token.Kind is TokenKind.Integer or TokenKind.LargeInteger or TokenKind.Numeric or TokenKind.Minus or TokenKind.Plus)
            return ParseLong().ToString(CultureInfo.InvariantCulture);
        return Is(Keyword.True) || Is(Keyword.False) || Is(Keyword.On) ? TakeName() : ParseNonReservedWord();
    }

    /// <summary>DROP DATABASE [IF EXISTS] name [[WITH] (FORCE)]</summary>
    private DropStatement ParseDropDatabase()
    {
        Expect(Keyword.Database);
        bool ifExists = AcceptIfExists();
        int position = _token.Position;
        QualifiedName name = new([ParseColumnName()]) { Position = position };
        bool hasOptions = Accept(Keyword.With) || Is(TokenKind.OpenParen);
        bool isForced = hasOptions && !ParseParenthesizedList(() => Expecting("force", Keyword.Force)).IsEmpty;
        return new DropStatement("database", [name], ifExists, Cascade: false) { IsForced = isForced };
    }
}
