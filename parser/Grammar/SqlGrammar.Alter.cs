using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private Statement ParseAlter()
    {
        Expect(Keyword.Alter);
        switch (_token.Keyword)
        {
            case Keyword.Table or Keyword.View or Keyword.Index:
                return ParseAlterRelation(TakeName());
            case Keyword.Materialized:
                return ParseAlterRelation(ParseObjectKind());
            case Keyword.Sequence:
                return ParseAlterSequence();
            case Keyword.Schema:
                return ParseAlterSchema();
            case Keyword.Default:
                return ParseUnsupported("alter", "default privileges");
            case Keyword.User when Peek().Keyword == Keyword.Mapping:
                return ParseUnsupported("alter", "user mapping");
            case Keyword.Role or Keyword.User or Keyword.Group:
                return ParseAlterRole();
            case Keyword.Database:
                return ParseAlterDatabase();
            case Keyword.Type:
                return ParseAlterType();
            case Keyword.Function:
                return ParseAlterFunction();
            case Keyword.Extension:
                return ParseAlterExtension();
            case Keyword.Cluster:
                return ParseAlterCluster();
        }
        if (IsWord("shard"))
            return ParseAlterShard();
        if (IsModel)
            return ParseAlterModel();
        bool isKnown = _token.Keyword is Keyword.Procedure or Keyword.Routine or Keyword.Trigger or Keyword.Domain
            or Keyword.Policy or Keyword.Rule or Keyword.Aggregate or Keyword.Operator or Keyword.Collation
            or Keyword.Conversion or Keyword.Event or Keyword.Foreign or Keyword.Language or Keyword.Procedural
            or Keyword.Publication or Keyword.Server or Keyword.Statistics or Keyword.Subscription
            or Keyword.Tablespace or Keyword.Text or Keyword.System
            or Keyword.Large;
        return isKnown ? ParseUnsupported("alter", ParseObjectKind()) : throw Unexpected();
    }

    private AlterTableStatement ParseAlterRelation(string kind)
    {
        if (Is(Keyword.All, Keyword.In))
            throw NotSupported("TABLESPACE is", _token.Position);
        bool ifExists = AcceptIfExists();
        QualifiedName name = kind == "table" ? ParseRelation() : ParseRelationName();
        return new AlterTableStatement(name, ifExists, ParseAlterActions()) { Kind = kind };
    }

    /// <summary>Renaming and moving stand alone; everything else may come in a list.</summary>
    private ValueList<AlterAction> ParseAlterActions()
    {
        AlterAction? alone = TryParseLoneAction();
        return alone is null ? ParseList(ParseAlterAction) : [alone];
    }

    private AlterAction? TryParseLoneAction()
    {
        int position = _token.Position;
        if (Accept(Keyword.Rename))
            return ParseRename() with { Position = position };
        if (ParseShardActionOrNull() is { } shards)
            return shards with { Position = position };
        if (!Accept(Keyword.Set, Keyword.Schema))
            return null;
        return new SetSchemaAction(ParseColumnName()) { Position = position };
    }

    private AlterAction ParseRename()
    {
        if (Accept(Keyword.To))
            return new RenameAction(ParseColumnName());
        if (Accept(Keyword.Constraint))
        {
            string constraint = ParseColumnName();
            Expect(Keyword.To);
            return new RenameConstraintAction(constraint, ParseColumnName());
        }
        if (Is(Keyword.Column) || Peek().Keyword == Keyword.To)
            Accept(Keyword.Column);
        string column = ParseColumnName();
        Expect(Keyword.To);
        return new RenameColumnAction(column, ParseColumnName());
    }

    private Statement ParseAlterSequence()
    {
        Expect(Keyword.Sequence);
        bool ifExists = AcceptIfExists();
        QualifiedName name = ParseRelationName();
        if (TryParseLoneAction() is { } action)
            return new AlterTableStatement(name, ifExists, [action]) { Kind = "sequence" };
        if (Is(Keyword.Owner))
            return new AlterTableStatement(name, ifExists, [ParseAlterAction()]) { Kind = "sequence" };
        ValueList<SequenceOption> options = ParseSequenceOptions();
        return options.IsEmpty ? throw Unexpected() : new AlterSequenceStatement(name, ifExists, options);
    }

    private AlterSchemaStatement ParseAlterSchema()
    {
        Expect(Keyword.Schema);
        string name = ParseColumnName();
        int position = _token.Position;
        if (!Accept(Keyword.Rename))
            return new AlterSchemaStatement(name, ParseOwner());
        Expect(Keyword.To);
        return new AlterSchemaStatement(name, new RenameAction(ParseColumnName()) { Position = position });
    }

    private OwnerAction ParseOwner()
    {
        int position = _token.Position;
        Expect(Keyword.Owner, Keyword.To);
        return new OwnerAction(ParseRole()) { Position = position };
    }

    private AlterAction ParseAlterAction()
    {
        int position = _token.Position;
        return _token.Keyword switch
        {
            Keyword.Add => ParseAdd() with { Position = position },
            Keyword.Drop => ParseDropPart() with { Position = position },
            Keyword.Alter => ParseAlterColumn() with { Position = position },
            Keyword.Owner => ParseOwner(),
            Keyword.Set when Peek().Kind == TokenKind.OpenParen => ParseSetOptions() with { Position = position },
            Keyword.Reset => ParseSetOptions() with { Position = position },
            Keyword.Validate => ParseValidate() with { Position = position },
            Keyword.Cluster => ParseClusterOn() with { Position = position },
            Keyword.Replica => ParseReplicaIdentity() with { Position = position },
            _ => ParseStorageAction() with { Position = position },
        };
    }

    private ClusterOnAction ParseClusterOn()
    {
        Expect(Keyword.Cluster, Keyword.On);
        return new ClusterOnAction(ParseColumnName());
    }

    private ReplicaIdentityAction ParseReplicaIdentity()
    {
        Expect(Keyword.Replica, Keyword.Identity);
        if (Accept(Keyword.Using, Keyword.Index))
            return new ReplicaIdentityAction('i', ParseColumnName());
        char kind = Accept(Keyword.Default) ? 'd' : Accept(Keyword.Full) ? 'f' : Accept(Keyword.Nothing) ? 'n' : throw Unexpected();
        return new ReplicaIdentityAction(kind, null);
    }

    private AlterAction ParseStorageAction()
    {
        if (!Is(Keyword.Set, Keyword.Without))
            return ParseUnsupportedAction();
        Expect(Keyword.Set, Keyword.Without);
        if (Accept(Keyword.Cluster))
            return new ClusterOnAction(null);
        return TakeName() == "oids" ? new UnsupportedAction("set without") : throw Unexpected();
    }

    private AlterAction ParseAdd()
    {
        Expect(Keyword.Add);
        if (IsTableConstraint)
            return new AddConstraintAction(ParseTableConstraint());
        Accept(Keyword.Column);
        bool ifNotExists = AcceptIfNotExists();
        return new AddColumnAction(ParseColumnDefinition(), ifNotExists);
    }

    private AlterAction ParseDropPart()
    {
        Expect(Keyword.Drop);
        bool isConstraint = Accept(Keyword.Constraint);
        if (!isConstraint)
            Accept(Keyword.Column);
        bool ifExists = AcceptIfExists();
        string name = ParseColumnName();
        bool cascades = ParseCascade();
        return isConstraint
            ? new DropConstraintAction(name, ifExists, cascades)
            : new DropColumnAction(name, ifExists, cascades);
    }

    private SetOptionsAction ParseSetOptions()
    {
        bool isReset = Is(Keyword.Reset);
        Advance();
        return new SetOptionsAction(ParseStorageOptions(), isReset);
    }

    private AlterConstraintAction ParseAlterConstraint()
    {
        string name = ParseColumnName();
        return new AlterConstraintAction(name, ParseTiming());
    }

    private ValidateConstraintAction ParseValidate()
    {
        Expect(Keyword.Validate, Keyword.Constraint);
        return new ValidateConstraintAction(ParseColumnName());
    }

    /// <summary>
    /// An action that is known by its words alone: "enable row", "attach partition", "set tablespace" …
    /// </summary>
    private UnsupportedAction ParseUnsupportedAction()
    {
        bool isKnown = _token.Keyword is Keyword.Enable or Keyword.Disable or Keyword.Force or Keyword.No
            or Keyword.Attach or Keyword.Detach or Keyword.Inherit or Keyword.Of or Keyword.Not
            or Keyword.Set or Keyword.Depends or Keyword.Options;
        if (!isKnown)
            throw Unexpected();
        Keyword first = _token.Keyword;
        string what = TakeName();
        if (first == Keyword.Set && _token.Keyword is not (Keyword.Tablespace or Keyword.Logged or Keyword.Unlogged or Keyword.Access))
        {
            throw Unexpected();
        }
        if (IsLabel && _token.Keyword != Keyword.NoKeyword)
            what = $"{what} {TakeName()}";
        while (!(_token.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.Comma))
        {
            if (Is(TokenKind.OpenParen))
                SkipParentheses();
            else
                Advance();
        }
        return new UnsupportedAction(what);
    }

    private AlterAction ParseAlterColumn()
    {
        Expect(Keyword.Alter);
        if (Accept(Keyword.Constraint))
            return ParseAlterConstraint();
        Accept(Keyword.Column);
        if (Is(TokenKind.Integer))
            throw NotSupported("a column of an index by its number is", _token.Position);
        string column = ParseColumnName();
        switch (_token.Keyword)
        {
            case Keyword.Type:
                return ParseAlterType(column);
            case Keyword.Set when IsIdentityChange(Peek()):
            case Keyword.Restart:
                return ParseSetIdentity(column);
            case Keyword.Set:
                Advance();
                return AcceptWord("model") ? new SetModelAction(column, ExpectString()) : ParseSetColumn(column);
            case Keyword.Drop:
                Advance();
                return ParseDropFromColumn(column);
            case Keyword.Reset:
                Advance();
                return new AlterColumnOptionAction(column, "reset", ParseStorageOptions());
            case Keyword.Add:
                int position = _token.Position;
                Advance();
                return ParseGenerated() is IdentityConstraint identity
                    ? new AlterIdentityAction(column, identity, IfExists: false)
                    : throw Error("syntax error", position);
            default:
                throw Unexpected();
        }
    }

    private UnsupportedAction ParseUnsupportedBehind(string what)
    {
        while (!(_token.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.Comma))
            Advance();
        return new UnsupportedAction(what);
    }

    private AlterTypeAction ParseAlterType(string column)
    {
        Expect(Keyword.Type);
        TypeName type = ParseTypeName();
        if (Is(Keyword.Collate))
            throw NotSupported("COLLATE in ALTER COLUMN TYPE is", _token.Position);
        return new AlterTypeAction(column, type, Accept(Keyword.Using) ? ParseExpression() : null);
    }

    private AlterAction ParseSetColumn(string column)
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.Default:
                Advance();
                return new AlterDefaultAction(column, ParseExpression());
            case Keyword.Not:
                Expect(Keyword.Not, Keyword.Null);
                return new AlterNotNullAction(column, IsNotNull: true);
            case Keyword.Data:
                Advance();
                return ParseAlterType(column);
            case Keyword.Storage or Keyword.Compression:
                string what = TakeName();
                Option word = new(what, ParseStorageValue(), []) { Position = position };
                return new AlterColumnOptionAction(column, what, [word]);
            case Keyword.Statistics:
                Advance();
                Option target = new("statistics", ParseSignedNumber(), []) { Position = position };
                return new AlterColumnOptionAction(column, "statistics", [target]);
        }
        return Is(TokenKind.OpenParen)
            ? new AlterColumnOptionAction(column, "set", ParseStorageOptions())
            : throw Unexpected();
    }

    private static bool IsIdentityChange(in Token token) => token.Keyword is Keyword.Generated or Keyword.Increment
        or Keyword.Start or Keyword.Restart or Keyword.Minvalue or Keyword.Maxvalue or Keyword.Cache or Keyword.Cycle
        or Keyword.No or Keyword.Sequence or Keyword.Owned or Keyword.As;

    /// <summary>SET GENERATED …, SET option and RESTART, one behind the other.</summary>
    private SetIdentityAction ParseSetIdentity(string column)
    {
        bool? isAlways = null;
        ListBuilder<SequenceOption> options = default;
        while (Is(Keyword.Restart) || (Is(Keyword.Set) && IsIdentityChange(Peek())))
        {
            Accept(Keyword.Set);
            if (!Accept(Keyword.Generated))
            {
                options.Add(TryParseSequenceOption() ?? throw Unexpected());
                continue;
            }
            isAlways = Accept(Keyword.Always);
            if (isAlways == false)
                Expect(Keyword.By, Keyword.Default);
        }
        return new SetIdentityAction(column, isAlways, options.ToList());
    }

    private AlterAction ParseDropFromColumn(string column)
    {
        if (Accept(Keyword.Default))
            return new AlterDefaultAction(column, null);
        if (Accept(Keyword.Not))
            return Expecting(new AlterNotNullAction(column, IsNotNull: false), Keyword.Null);
        if (Accept(Keyword.Expression))
            return new DropExpressionAction(column, AcceptIfExists());
        Expect(Keyword.Identity);
        return new AlterIdentityAction(column, null, AcceptIfExists());
    }
}
