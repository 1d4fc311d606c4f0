using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private GrantStatement ParseGrantOrRevoke()
    {
        bool isRevoke = Is(Keyword.Revoke);
        Advance();
        bool optionOnly = false;
        if (isRevoke && (Is(Keyword.Grant, Keyword.Option) || Is(Keyword.Admin, Keyword.Option)))
        {
            Advance();
            Advance();
            Expect(Keyword.For);
            optionOnly = true;
        }
        ValueList<string> privileges = ParsePrivileges();
        GrantStatement grant = new() { IsRevoke = isRevoke, Privileges = privileges, ObjectKind = "role" };
        if (Accept(Keyword.On))
            grant = ParseGrantedObjects(grant);
        else if (privileges.IsEmpty)
            throw Unexpected();
        Expect(isRevoke ? Keyword.From : Keyword.To);
        grant = grant with { Grantees = ParseList(ParseGrantee), WithGrantOption = optionOnly };
        if (!isRevoke && Accept(Keyword.With))
        {
            if (!Accept(Keyword.Grant))
                Expect(Keyword.Admin);
            Expect(Keyword.Option);
            grant = grant with { WithGrantOption = true };
        }
        if (Accept(Keyword.Granted))
        {
            Expect(Keyword.By);
            grant = grant with { GrantedBy = ParseRole() };
        }
        return isRevoke ? grant with { Cascade = ParseCascade() } : grant;
    }

    /// <summary>ALL [PRIVILEGES], or a list of words; for role membership the words are roles.</summary>
    private ValueList<string> ParsePrivileges()
    {
        if (Accept(Keyword.All))
        {
            Accept(Keyword.Privileges);
            RefuseColumns();
            return [];
        }
        return ParseList(ParsePrivilege);
    }

    private string ParsePrivilege()
    {
        string privilege = _token.Keyword is Keyword.Select or Keyword.References or Keyword.Create
            ? TakeName()
            : ParseColumnName();
        RefuseColumns();
        return privilege;
    }

    private void RefuseColumns()
    {
        if (Is(TokenKind.OpenParen))
            throw NotSupported("a privilege on single columns is", _token.Position);
    }

    private string ParseGrantee()
    {
        Accept(Keyword.Group);
        return ParseRole();
    }

    private GrantStatement ParseGrantedObjects(GrantStatement grant)
    {
        if (Is(Keyword.All))
        {
            Advance();
            string kind = _token.Keyword is Keyword.Tables or Keyword.Sequences or Keyword.Functions
                or Keyword.Procedures or Keyword.Routines ? TakeName() : throw Unexpected();
            Expect(Keyword.In, Keyword.Schema);
            return grant with { ObjectKind = $"all {kind} in schema", Objects = ParseList(ParseAnyName) };
        }
        bool hasKind = _token.Keyword is Keyword.Table or Keyword.Sequence or Keyword.Foreign or Keyword.Function
            or Keyword.Procedure or Keyword.Routine or Keyword.Database or Keyword.Domain or Keyword.Language
            or Keyword.Schema or Keyword.Tablespace or Keyword.Type or Keyword.Large or Keyword.Parameter;
        // A table may have the name of a kind; then no other name follows.
        bool isTable = !hasKind || Peek().Kind is TokenKind.Comma or TokenKind.Dot || Peek().Keyword == Keyword.To;
        string objectKind = isTable ? "table" : ParseGrantedKind();
        ValueList<QualifiedName> objects = ParseList(ParseGrantedObject);
        return grant with { ObjectKind = objectKind, Objects = objects };
    }

    private string ParseGrantedKind()
    {
        string kind = TakeName();
        if (kind == "foreign")
            kind = Accept(Keyword.Server)
                ? "foreign server"
                : Expecting("foreign data wrapper", Keyword.Data, Keyword.Wrapper);
        else if (kind == "large")
            kind = Expecting("large object", Keyword.Object);
        return kind;
    }

    private QualifiedName ParseGrantedObject()
    {
        int position = _token.Position;
        if (!IsColumnName(_token) && !IsFunctionName(_token))
            throw Unexpected();
        QualifiedName name = ParseNameBehind(TakeName(), position);
        if (Is(TokenKind.OpenParen))
            SkipParentheses(); // the types of a function's arguments
        return name;
    }
}
