using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>DROP kind [CONCURRENTLY] [IF EXISTS] name, … [CASCADE|RESTRICT]</summary>
    private Statement ParseDrop()
    {
        Expect(Keyword.Drop);
        if (Is(Keyword.Database))
            return ParseDropDatabase();
        if (Is(Keyword.Function))
            return ParseDropFunction();
        if (IsModel)
            return ParseDropModel();
        if (_token.Keyword is not (Keyword.Table or Keyword.View or Keyword.Sequence or Keyword.Index
            or Keyword.Schema or Keyword.Extension or Keyword.Materialized or Keyword.Type or Keyword.Domain
            or Keyword.Role or Keyword.User or Keyword.Group or Keyword.Collation
            or Keyword.Conversion or Keyword.Statistics or Keyword.Tablespace or Keyword.Foreign or Keyword.Access
            or Keyword.Event or Keyword.Publication or Keyword.Subscription or Keyword.Server or Keyword.Language
            or Keyword.Procedural))
        {
            return ParseDropOther();
        }
        if (Is(Keyword.User, Keyword.Mapping))
            return ParseUnsupported("drop", "user mapping");
        string kind = ParseObjectKind();
        bool isConcurrent = kind == "index" && Accept(Keyword.Concurrently);
        bool ifExists = AcceptIfExists();
        ValueList<QualifiedName> names = kind switch
        {
            "type" or "domain" => ParseList(ParseDroppedType),
            "role" or "user" or "group" => ParseList(ParseDroppedRole),
            _ => ParseList(ParseAnyName),
        };
        return new DropStatement(kind is "user" or "group" ? "role" : kind, names, ifExists, ParseCascade())
        {
            IsConcurrent = isConcurrent,
        };
    }

    private UnsupportedDefinition ParseDropOther()
    {
        bool isKnown = _token.Keyword is Keyword.Procedure or Keyword.Routine or Keyword.Aggregate
            or Keyword.Operator or Keyword.Cast or Keyword.Policy or Keyword.Rule or Keyword.Trigger
            or Keyword.Transform or Keyword.Owned or Keyword.Text;
        return isKnown ? ParseUnsupported("drop", ParseObjectKind()) : throw Unexpected();
    }

    private QualifiedName ParseDroppedType() => ParseTypeName().Name;

    private QualifiedName ParseDroppedRole()
    {
        int position = _token.Position;
        return new QualifiedName([ParseRole()]) { Position = position };
    }
}
