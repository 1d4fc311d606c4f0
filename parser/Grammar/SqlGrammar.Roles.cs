using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>CREATE ROLE|USER|GROUP name [WITH] options</summary>
    private CreateRoleStatement ParseCreateRole()
    {
        string kind = TakeName();
        string name = ParseRole();
        Accept(Keyword.With);
        return new CreateRoleStatement(kind, name, ParseRoleOptions(isNew: true));
    }

    /// <summary>ALTER ROLE|USER|GROUP: options, RENAME TO, SET, RESET</summary>
    private Statement ParseAlterRole()
    {
        bool isGroup = Is(Keyword.Group);
        Advance();
        if (Is(Keyword.All))
            throw NotSupported("ALTER ROLE ALL is", _token.Position);
        string name = ParseRole();
        if (Accept(Keyword.Rename))
        {
            Expect(Keyword.To);
            return new RenameRoleStatement(name, ParseRole());
        }
        if (isGroup)
            throw _token.Keyword is Keyword.Add or Keyword.Drop ? NotSupported("role membership is", _token.Position) : Unexpected();
        if (Is(Keyword.In, Keyword.Database))
            throw NotSupported("IN DATABASE is", _token.Position);
        int position = _token.Position;
        if (Accept(Keyword.Set))
            return new AlterRoleSettingStatement(name, ParseSetting(isLocal: false) with { Position = position });
        if (Accept(Keyword.Reset))
        {
            ResetStatement reset = new(Accept(Keyword.All) ? null : ParseSettingName());
            return new AlterRoleSettingStatement(name, reset with { Position = position });
        }
        Accept(Keyword.With);
        return new AlterRoleStatement(name, ParseRoleOptions(isNew: false));
    }

    private ValueList<RoleOption> ParseRoleOptions(bool isNew)
    {
        ListBuilder<RoleOption> options = default;
        while (!Is(TokenKind.End) && !Is(TokenKind.Semicolon))
        {
            int position = _token.Position;
            options.Add(ParseRoleOption(isNew) with { Position = position });
        }
        return options.ToList();
    }

    private RoleOption ParseRoleOption(bool isNew)
    {
        switch (_token.Keyword)
        {
            case Keyword.Encrypted:
                Advance();
                Expect(Keyword.Password);
                return new RoleOption("password") { Text = ExpectString() };
            case Keyword.Password:
                Advance();
                return new RoleOption("password") { Text = Accept(Keyword.Null) ? null : ExpectString() };
            case Keyword.Inherit:
                Advance();
                return new RoleOption("inherit");
            case Keyword.Connection:
                Advance();
                Expect(Keyword.Limit);
                return new RoleOption("connection limit") { Number = ParseLong() };
            case Keyword.Valid:
                Advance();
                Expect(Keyword.Until);
                return new RoleOption("valid until") { Text = ExpectString() };
            case Keyword.Sysid when isNew:
                Advance();
                return new RoleOption("sysid") { Number = ParseLong() };
            case Keyword.Role or Keyword.User or Keyword.Admin when isNew:
                return new RoleOption(TakeName()) { Roles = ParseList(ParseRole) };
            case Keyword.In when isNew:
                Advance();
                if (!Accept(Keyword.Group))
                    Expect(Keyword.Role);
                return new RoleOption("in role") { Roles = ParseList(ParseRole) };
            default:
                return ParseRoleAttribute();
        }
    }

    /// <summary>SUPERUSER, NOLOGIN …: words that are no keywords.</summary>
    private RoleOption ParseRoleAttribute()
    {
        int position = _token.Position;
        if (!Is(TokenKind.Identifier))
            throw Unexpected();
        string word = TakeName();
        bool isOn = !word.StartsWith("no", StringComparison.Ordinal);
        string name = isOn ? word : word[2..];
        bool isKnown = name is "superuser" or "createdb" or "createrole" or "login" or "replication" or "bypassrls"
            || (name == "inherit" && !isOn);
        return isKnown
            ? new RoleOption(name) { IsOn = isOn }
            : throw Error($"unrecognized role option \"{word}\"", position);
    }
}
