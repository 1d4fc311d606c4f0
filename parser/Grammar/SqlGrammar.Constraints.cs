using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    /// <summary>A constraint behind a column with its name; null where none follows.</summary>
    private ColumnConstraint? TryParseColumnConstraint()
    {
        int position = _token.Position;
        string? name = Accept(Keyword.Constraint) ? ParseColumnName() : null;
        ColumnConstraint? constraint = TryParseColumnConstraintBody();
        if (constraint is null && name is not null)
            throw Unexpected();
        if (constraint is null)
            return null;
        constraint = constraint with { Name = name, Position = position };
        switch (constraint)
        {
            case ColumnReferenceConstraint reference:
                return reference with { Target = reference.Target with { Timing = ParseTiming() } };
            case ColumnUniqueConstraint unique:
                return unique with { Timing = ParseTiming() };
            default:
                RefuseTiming();
                return constraint;
        }
    }

    /// <summary>DEFERRABLE and its kin have nothing before them here that could be deferred.</summary>
    private void RefuseTiming()
    {
        if (_token.Keyword is not (Keyword.Deferrable or Keyword.Initially) && !Is(Keyword.Not, Keyword.Deferrable))
            return;
        int position = _token.Position;
        string first = TakeName().ToUpperInvariant();
        string clause = first == "DEFERRABLE" ? first : $"{first} {TakeName().ToUpperInvariant()}";
        throw Error($"misplaced {clause} clause", position);
    }

    private ColumnConstraint? TryParseColumnConstraintBody()
    {
        switch (_token.Keyword)
        {
            case Keyword.Not when Peek().Keyword != Keyword.Deferrable:
                Expect(Keyword.Not, Keyword.Null);
                return new NotNullConstraint(IsNull: false);
            case Keyword.Null:
                Advance();
                return new NotNullConstraint(IsNull: true);
            case Keyword.Default:
                Advance();
                return new DefaultConstraint(ParseRestrictedExpression());
            case Keyword.Unique:
                Advance();
                return new ColumnUniqueConstraint(IsPrimaryKey: false, ParseNullsNotDistinct()) { Options = ParseKeyOptions() };
            case Keyword.Primary:
                Expect(Keyword.Primary, Keyword.Key);
                return new ColumnUniqueConstraint(IsPrimaryKey: true, NullsNotDistinct: false) { Options = ParseKeyOptions() };
            case Keyword.Check:
                return new ColumnCheckConstraint(ParseCheck());
            case Keyword.References:
                return new ColumnReferenceConstraint(ParseReferences());
            case Keyword.Generated:
                return ParseGenerated();
            default:
                return null;
        }
    }

    /// <summary>CHECK (condition) [NO INHERIT]; without inheritance the latter says nothing.</summary>
    private Expression ParseCheck()
    {
        Expect(Keyword.Check);
        Expect(TokenKind.OpenParen);
        Expression condition = ParseExpression();
        Expect(TokenKind.CloseParen);
        Accept(Keyword.No, Keyword.Inherit);
        return condition;
    }

    /// <summary>[NULLS [NOT] DISTINCT]</summary>
    private bool ParseNullsNotDistinct()
    {
        if (!Is(Keyword.Nulls))
            return false;
        Advance();
        bool isNot = Accept(Keyword.Not);
        Expect(Keyword.Distinct);
        return isNot;
    }

    private ColumnConstraint ParseGenerated()
    {
        int position = _token.Position;
        Expect(Keyword.Generated);
        int kindPosition = _token.Position;
        bool isAlways = Accept(Keyword.Always);
        if (!isAlways)
            Expect(Keyword.By, Keyword.Default);
        Expect(Keyword.As);
        if (Accept(Keyword.Identity))
            return new IdentityConstraint(isAlways, ParseOptionalSequenceOptions()) { Position = position };
        Expect(TokenKind.OpenParen);
        Expression value = ParseExpression();
        Expect(TokenKind.CloseParen);
        Expect(Keyword.Stored);
        if (!isAlways)
            throw Error("for a generated column, GENERATED ALWAYS must be specified", kindPosition);
        return new GeneratedConstraint(value) { Position = position };
    }

    private TableConstraint ParseTableConstraint()
    {
        int position = _token.Position;
        string? name = Accept(Keyword.Constraint) ? ParseColumnName() : null;
        TableConstraint constraint;
        switch (_token.Keyword)
        {
            case Keyword.Check:
                Expression condition = ParseCheck();
                constraint = new TableCheckConstraint(condition, AcceptNotValid());
                Accept(Keyword.No, Keyword.Inherit);
                break;
            case Keyword.Unique or Keyword.Primary:
                constraint = ParseTableUnique() with { Timing = ParseTiming() };
                break;
            case Keyword.Foreign:
                Expect(Keyword.Foreign, Keyword.Key);
                ValueList<string> columns = ParseColumnNames();
                ForeignKeyTarget target = ParseReferences() with { Timing = ParseTiming() };
                constraint = new ForeignKeyConstraint(columns, target) { IsNotValid = AcceptNotValid() };
                break;
            case Keyword.Exclude:
                throw NotSupported("an exclusion constraint is", _token.Position);
            default:
                throw Unexpected();
        }
        if (constraint is TableCheckConstraint && _token.Keyword is Keyword.Deferrable or Keyword.Initially)
            throw new SqlException(SqlState.FeatureNotSupported, "CHECK constraints cannot be marked DEFERRABLE");
        return constraint with { Name = name, Position = position };
    }

    private bool AcceptNotValid() => Accept(Keyword.Not, Keyword.Valid);

    private TableUniqueConstraint ParseTableUnique()
    {
        bool isPrimaryKey = Accept(Keyword.Primary);
        Expect(isPrimaryKey ? Keyword.Key : Keyword.Unique);
        if (Accept(Keyword.Using, Keyword.Index))
        {
            string index = ParseColumnName();
            return new TableUniqueConstraint(isPrimaryKey, [], NullsNotDistinct: false) { UsingIndex = index };
        }
        bool nullsNotDistinct = !isPrimaryKey && ParseNullsNotDistinct();
        ValueList<string> columns = ParseColumnNames();
        ValueList<string> include = Accept(Keyword.Include) ? ParseColumnNames() : [];
        return new TableUniqueConstraint(isPrimaryKey, columns, nullsNotDistinct) { Include = include, Options = ParseKeyOptions() };
    }

    /// <summary>[WITH (…)]: parameters of a constraint's index.</summary>
    private ValueList<Option> ParseKeyOptions()
    {
        ValueList<Option> options = Is(Keyword.With) && Peek().Kind == TokenKind.OpenParen && Accept(Keyword.With) ? ParseStorageOptions() : [];
        if (Is(Keyword.Using, Keyword.Index))
            throw NotSupported("TABLESPACE is", _token.Position);
        return options;
    }

    /// <summary>REFERENCES table [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …]</summary>
    private ForeignKeyTarget ParseReferences()
    {
        int position = _token.Position;
        Expect(Keyword.References);
        QualifiedName table = ParseRelationName();
        ValueList<string> columns = ParseOptionalColumnNames();
        bool matchesFull = Accept(Keyword.Match) && ParseMatchesFull();
        string? onDelete = null, onUpdate = null;
        ValueList<string> setColumns = [];
        while (Is(Keyword.On))
        {
            int clause = _token.Position;
            Advance();
            if (onDelete is null && Accept(Keyword.Delete))
            {
                onDelete = ParseKeyAction();
                if (onDelete is "set null" or "set default")
                    setColumns = ParseOptionalColumnNames();
            }
            else
            {
                if (onUpdate is not null)
                    throw Unexpected();
                Expect(Keyword.Update);
                onUpdate = ParseKeyAction();
                if (onUpdate is "set null" or "set default" && Is(TokenKind.OpenParen))
                {
                    throw new SqlException(SqlState.FeatureNotSupported,
                        $"a column list with {onUpdate.ToUpperInvariant()} is only supported for ON DELETE actions", clause);
                }
            }
        }
        return new ForeignKeyTarget(table, columns, onDelete, onUpdate)
        {
            MatchesFull = matchesFull, SetColumns = setColumns, Position = position,
        };
    }

    private bool ParseMatchesFull()
    {
        if (Accept(Keyword.Full))
            return true;
        if (Accept(Keyword.Partial))
            throw new SqlException(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented");
        return Accept(Keyword.Simple) ? false : throw Unexpected();
    }

    private string ParseKeyAction()
    {
        if (Accept(Keyword.Restrict))
            return "restrict";
        if (Accept(Keyword.Cascade))
            return "cascade";
        if (Accept(Keyword.No))
            return Expecting("no action", Keyword.Action);
        Expect(Keyword.Set);
        return Accept(Keyword.Null) ? "set null" : Expecting("set default", Keyword.Default);
    }

    /// <summary>[NOT] DEFERRABLE, INITIALLY DEFERRED|IMMEDIATE</summary>
    private TimingClause ParseTiming()
    {
        bool? isDeferrable = null, isDeferred = null;
        while (true)
        {
            int position = _token.Position;
            if (Is(Keyword.Deferrable) || Is(Keyword.Not, Keyword.Deferrable))
            {
                RefuseRepeated(isDeferrable is not null, "DEFERRABLE/NOT DEFERRABLE", position);
                isDeferrable = !Accept(Keyword.Not);
                Expect(Keyword.Deferrable);
            }
            else if (Accept(Keyword.Initially))
            {
                RefuseRepeated(isDeferred is not null, "INITIALLY IMMEDIATE/DEFERRED", position);
                isDeferred = Accept(Keyword.Deferred);
                if (isDeferred == false)
                    Expect(Keyword.Immediate);
            }
            else
            {
                break;
            }
            if (isDeferrable == false && isDeferred == true)
                throw Error("constraint declared INITIALLY DEFERRED must be DEFERRABLE", position);
        }
        return new TimingClause(isDeferrable == true || isDeferred == true, isDeferred == true);
    }
}
