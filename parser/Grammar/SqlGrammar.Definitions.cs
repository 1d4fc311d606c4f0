using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private Statement ParseDefinition()
    {
        switch (_token.Keyword)
        {
            case Keyword.Create:
                return ParseCreate();
            case Keyword.Alter:
                return ParseAlter();
            case Keyword.Drop:
                return ParseDrop();
            case Keyword.Refresh:
                return ParseRefresh();
            case Keyword.Reassign:
                return ParseUnsupported("reassign", "owned");
            case Keyword.Import:
                return ParseUnsupported("import", "foreign schema");
            case Keyword.Security:
                return ParseUnsupported("security", "label");
            case Keyword.Load:
                return ParseUnsupported("load", "library");
            default:
                throw Unexpected();
        }
    }

    /// <summary>A statement that is known but not made; its words are passed over.</summary>
    private UnsupportedDefinition ParseUnsupported(string verb, string kind)
    {
        int parentheses = 0, blocks = 0;
        while (!Is(TokenKind.End))
        {
            if (parentheses == 0 && (Is(TokenKind.CloseParen) || (Is(TokenKind.Semicolon) && blocks == 0)))
                break;
            if (Is(TokenKind.OpenParen))
                parentheses++;
            else if (Is(TokenKind.CloseParen))
                parentheses--;
            else if (Is(Keyword.Begin, Keyword.Atomic) || (blocks > 0 && Is(Keyword.Case)))
                blocks++; // the body of a function may hold statements with semicolons of their own
            else if (blocks > 0 && Is(Keyword.End))
                blocks--;
            Advance();
        }
        return new UnsupportedDefinition(verb, kind);
    }

    private Statement ParseCreate()
    {
        Expect(Keyword.Create);
        bool orReplace = Accept(Keyword.Or, Keyword.Replace);
        bool isTemporary = AcceptTemporary();
        bool isUnlogged = !isTemporary && Accept(Keyword.Unlogged);
        switch (_token.Keyword)
        {
            case Keyword.View when !isUnlogged:
            case Keyword.Recursive when !isUnlogged:
                return ParseCreateView(orReplace, isTemporary);
            case Keyword.Table when !orReplace:
                return ParseCreateTable(isTemporary, isUnlogged);
            case Keyword.Sequence when !orReplace && !isUnlogged:
                return ParseCreateSequence(isTemporary);
            case Keyword.Materialized when !orReplace && !isTemporary:
                return ParseCreateMaterializedView();
        }
        if (isTemporary || isUnlogged)
            throw Unexpected();
        if (Is(Keyword.Function))
            return ParseCreateFunction(orReplace);
        return orReplace ? ParseCreateOther() : _token.Keyword switch
        {
            Keyword.Unique or Keyword.Index => ParseCreateIndex(),
            _ when IsVectorIndex => ParseCreateIndex(),
            Keyword.Schema => ParseCreateSchema(),
            Keyword.Extension => ParseCreateExtension(),
            Keyword.Type => ParseCreateType(),
            Keyword.Role or Keyword.Group => ParseCreateRole(),
            Keyword.User when Peek().Keyword != Keyword.Mapping => ParseCreateRole(),
            Keyword.Database => ParseCreateDatabase(),
            _ when IsModel => ParseCreateModel(),
            _ => ParseCreateOther(),
        };
    }

    private bool AcceptTemporary()
    {
        if ((Is(Keyword.Local) || Is(Keyword.Global)) && Peek().Keyword is Keyword.Temp or Keyword.Temporary)
            Advance();
        return Accept(Keyword.Temp) || Accept(Keyword.Temporary);
    }

    private bool AcceptIfNotExists()
    {
        if (!Is(Keyword.If, Keyword.Not))
            return false;
        Advance();
        Expect(Keyword.Not, Keyword.Exists);
        return true;
    }

    private bool AcceptIfExists() => Is(Keyword.If, Keyword.Exists) && Expecting(true, Keyword.If, Keyword.Exists);

    private UnsupportedDefinition ParseCreateOther()
    {
        bool isKnown = _token.Keyword is Keyword.User or Keyword.Procedure or Keyword.Trigger or Keyword.Constraint or Keyword.Domain
            or Keyword.Policy or Keyword.Rule or Keyword.Aggregate or Keyword.Operator or Keyword.Cast
            or Keyword.Collation or Keyword.Conversion or Keyword.Default or Keyword.Event or Keyword.Foreign
            or Keyword.Access or Keyword.Language or Keyword.Trusted or Keyword.Procedural or Keyword.Publication
            or Keyword.Server or Keyword.Statistics or Keyword.Subscription or Keyword.Tablespace or Keyword.Text
            or Keyword.Transform;
        if (!isKnown)
            throw Unexpected();
        if (Accept(Keyword.Constraint))
            return Is(Keyword.Trigger) ? ParseUnsupported("create", "constraint trigger") : throw Unexpected();
        if (Accept(Keyword.Default))
            return Is(Keyword.Conversion) ? ParseUnsupported("create", "conversion") : throw Unexpected();
        if (Is(Keyword.Trusted))
            Advance();
        string kind = Is(Keyword.User, Keyword.Mapping) ? "user mapping" : ParseObjectKind();
        return ParseUnsupported("create", kind);
    }

    private CreateSchemaStatement ParseCreateSchema()
    {
        Expect(Keyword.Schema);
        bool ifNotExists = AcceptIfNotExists();
        string? name = Is(Keyword.Authorization) ? null : ParseColumnName();
        string? owner = Accept(Keyword.Authorization) ? ParseRole() : null;
        if (ifNotExists && _token.Keyword is Keyword.Create or Keyword.Grant)
            throw new SqlException(SqlState.FeatureNotSupported, "CREATE SCHEMA IF NOT EXISTS cannot include schema elements", _token.Position);
        ListBuilder<Statement> elements = default;
        while (_token.Keyword is Keyword.Create or Keyword.Grant)
            elements.Add(ParseSchemaElement());
        return new CreateSchemaStatement(name ?? owner ?? throw Unexpected(), ifNotExists) { Owner = owner, Elements = elements.ToList() };
    }

    private Statement ParseSchemaElement()
    {
        (int start, int end, int position) = (_token.Start, _token.End, _token.Position);
        if (Is(Keyword.Grant))
            return ParseGrantOrRevoke() with { Position = position };
        Enter();
        Statement element = ParseCreate();
        Leave();
        return element is CreateTableStatement or CreateViewStatement or CreateIndexStatement or CreateSequenceStatement
            or UnsupportedDefinition { Kind: "trigger" }
            ? element with { Position = position }
            : throw SyntaxErrors.Near(_lexer.Text, "syntax error", start, end, position);
    }

    private CreateExtensionStatement ParseCreateExtension()
    {
        Expect(Keyword.Extension);
        bool ifNotExists = AcceptIfNotExists();
        CreateExtensionStatement create = new(ParseColumnName(), ifNotExists);
        Accept(Keyword.With);
        while (true)
        {
            if (Accept(Keyword.Schema))
                create = create with { Schema = ParseColumnName() };
            else if (Accept(Keyword.Version))
                create = create with { Version = ParseNameOrString() };
            else if (Accept(Keyword.Cascade))
                create = create with { Cascade = true };
            else
                return create;
        }
    }

    private Statement ParseAlterExtension()
    {
        Expect(Keyword.Extension);
        string name = ParseColumnName();
        if (!Accept(Keyword.Update))
            return ParseUnsupported("alter", "extension");
        return new UpdateExtensionStatement(name, Accept(Keyword.To) ? ParseNameOrString() : null);
    }

    private CreateViewStatement ParseCreateView(bool orReplace, bool isTemporary)
    {
        bool isRecursive = Accept(Keyword.Recursive);
        Expect(Keyword.View);
        QualifiedName name = ParseRelationName();
        ValueList<string> columns = isRecursive ? ParseColumnNames() : ParseOptionalColumnNames();
        ListBuilder<Option> options = default;
        if (Accept(Keyword.With))
            AddAll(ref options, ParseStorageOptions());
        Expect(Keyword.As);
        if (!IsQueryStartOrGroup)
            throw Unexpected();
        QueryExpression query = ParseQuery();
        if (Is(Keyword.With))
            options.Add(ParseCheckOption());
        return new CreateViewStatement(name, columns, isRecursive ? AsRecursive(name, columns, query) : query)
        {
            OrReplace = orReplace, IsTemporary = isTemporary, Options = options.ToList(),
        };
    }

    /// <summary>WITH [CASCADED|LOCAL] CHECK OPTION, which is an option of the view by another name.</summary>
    private Option ParseCheckOption()
    {
        int position = _token.Position;
        Expect(Keyword.With);
        bool isLocal = Accept(Keyword.Local);
        if (!isLocal)
            Accept(Keyword.Cascaded);
        Expect(Keyword.Check, Keyword.Option);
        return new Option("check_option", Word(isLocal ? "local" : "cascaded", position), []) { Position = position };
    }

    /// <summary>CREATE RECURSIVE VIEW v (a) AS q is a view of: WITH RECURSIVE v (a) AS (q) SELECT a FROM v.</summary>
    private static QueryExpression AsRecursive(QualifiedName name, ValueList<string> columns, QueryExpression query)
    {
        ListBuilder<SelectItem> items = default;
        foreach (string column in columns)
            items.Add(new SelectItem(new ColumnReference(new QualifiedName([column])), null));
        SelectBody body = new()
        {
            Items = items.ToList(),
            From = [new NamedTable(new QualifiedName([name.Name]), null)],
        };
        CommonTable table = new(name.Name, columns, new QueryStatement(query), null);
        return new QueryExpression(body) { With = new WithClause(IsRecursive: true, [table]) };
    }

    private RefreshStatement ParseRefresh()
    {
        Expect(Keyword.Refresh);
        Expect(Keyword.Materialized, Keyword.View);
        bool isConcurrent = Accept(Keyword.Concurrently);
        QualifiedName name = ParseRelationName();
        return new RefreshStatement(name, isConcurrent, ParseWithoutData());
    }

    /// <summary>[WITH [NO] DATA]</summary>
    private bool ParseWithoutData()
    {
        if (!Accept(Keyword.With))
            return false;
        bool without = Accept(Keyword.No);
        Expect(Keyword.Data);
        return without;
    }
}
