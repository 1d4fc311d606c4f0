using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private InsertStatement ParseInsert(WithClause? with)
    {
        Expect(Keyword.Insert, Keyword.Into);
        QualifiedName table = ParseRelationName();
        string? alias = Accept(Keyword.As) ? ParseColumnName() : null;
        InsertStatement insert = new(table) { With = with, Alias = alias };
        if (Accept(Keyword.Default))
        {
            Expect(Keyword.Values);
        }
        else
        {
            if (Is(TokenKind.OpenParen) && !IsQueryBehindParenthesis)
                insert = insert with { Columns = ParseParenthesizedList(() => ParseTargetColumn(table)) };
            insert = insert with { OverridingSystem = ParseOverriding() };
            if (!IsQueryStartOrGroup)
                throw Unexpected();
            insert = insert with { Source = ParseQuery() };
        }
        return insert with
        {
            OnConflict = Is(Keyword.On) ? ParseOnConflict(table) : null,
            Returning = ParseReturning(),
        };
    }

    /// <summary>[OVERRIDING {SYSTEM | USER} VALUE]</summary>
    private bool? ParseOverriding()
    {
        if (!Accept(Keyword.Overriding))
            return null;
        bool isSystem = Accept(Keyword.System);
        if (!isSystem)
            Expect(Keyword.User);
        Expect(Keyword.Value);
        return isSystem;
    }

    /// <summary>Whether the parenthesis here opens a query and not a list of names.</summary>
    private bool IsQueryBehindParenthesis => IsQueryWord(Peek().Keyword) || Peek().Kind == TokenKind.OpenParen
        || (Peek().Keyword == Keyword.Values && PeekSecond().Kind == TokenKind.OpenParen);

    private OnConflictClause ParseOnConflict(QualifiedName table)
    {
        int position = _token.Position;
        Expect(Keyword.On, Keyword.Conflict);
        OnConflictClause clause = new() { Position = position };
        if (Is(TokenKind.OpenParen))
        {
            int targetPosition = _token.Position;
            ValueList<Expression> columns = ParseParenthesizedList(() => ParseConflictTarget(targetPosition));
            clause = clause with { TargetColumns = columns, TargetWhere = ParseOptionalWhere() };
        }
        else if (Accept(Keyword.On))
        {
            Expect(Keyword.Constraint);
            clause = clause with { ConstraintName = ParseColumnName() };
        }
        Expect(Keyword.Do);
        if (Accept(Keyword.Nothing))
            return clause;
        Expect(Keyword.Update, Keyword.Set);
        ValueList<Assignment> assignments = ParseList(() => ParseAssignment(table));
        return clause with { Assignments = assignments, Where = ParseOptionalWhere() };
    }

    private Expression ParseConflictTarget(int targetPosition)
    {
        IndexElement element = ParseIndexElement();
        if (element.IsDescending)
            throw new SqlException(
                SqlState.InvalidColumnReference, "ASC/DESC is not allowed in ON CONFLICT clause", targetPosition);
        if (element.NullsFirst is not null)
            throw new SqlException(
                SqlState.InvalidColumnReference,
                "NULLS FIRST/LAST is not allowed in ON CONFLICT clause",
                targetPosition);
        if (element.OperatorClass is not null)
            throw NotSupported("an operator class in ON CONFLICT is", element.Position);
        return element.Collation is null
            ? element.Expression
            : new CollateExpression(element.Expression, element.Collation) { Position = element.Position };
    }

    private UpdateStatement ParseUpdate(WithClause? with)
    {
        Expect(Keyword.Update);
        QualifiedName table = ParseRelation();
        string? alias = ParseTargetAlias();
        Expect(Keyword.Set);
        return new UpdateStatement(table)
        {
            With = with,
            Alias = alias,
            Assignments = ParseList(() => ParseAssignment(table)),
            From = Accept(Keyword.From) ? ParseList(ParseTableReference) : [],
            Where = ParseWhereOrCurrent(),
            Returning = ParseReturning(),
        };
    }

    private DeleteStatement ParseDelete(WithClause? with)
    {
        Expect(Keyword.Delete, Keyword.From);
        return new DeleteStatement(ParseRelation())
        {
            With = with,
            Alias = ParseTargetAlias(),
            Using = Accept(Keyword.Using) ? ParseList(ParseTableReference) : [],
            Where = ParseWhereOrCurrent(),
            Returning = ParseReturning(),
        };
    }

    private string? ParseTargetAlias() =>
        Accept(Keyword.As) || (IsColumnName(_token) && !Is(Keyword.Set)) ? ParseColumnName() : null;

    private Expression? ParseWhereOrCurrent()
    {
        if (Is(Keyword.Where) && Peek().Keyword == Keyword.Current && PeekSecond().Keyword == Keyword.Of)
            throw NotSupported("WHERE CURRENT OF is", _token.Position);
        return ParseOptionalWhere();
    }

    /// <summary>a = x, a[i] = x, (a, b) = (x, y), (a, b) = (query)</summary>
    private Assignment ParseAssignment(QualifiedName table)
    {
        int position = _token.Position;
        if (Accept(TokenKind.OpenParen))
        {
            ValueList<TargetColumn> columns = ParseList(() => ParseTargetColumn(table));
            Expect(TokenKind.CloseParen);
            Expect(TokenKind.Equal);
            return new Assignment(columns, ParseExpression()) { Position = position, IsRow = true };
        }
        TargetColumn column = ParseTargetColumn(table);
        Expect(TokenKind.Equal);
        return new Assignment([column], ParseExpression()) { Position = position };
    }

    /// <summary>
    /// A column to assign to, or a part of it. There are no composite columns, so a dot can only be a table's name put
    /// before it.
    /// </summary>
    private TargetColumn ParseTargetColumn(QualifiedName table)
    {
        int position = _token.Position;
        string column = ParseColumnName();
        ListBuilder<SubscriptTarget> subscripts = default;
        while (Is(TokenKind.OpenBracket))
        {
            int subscriptPosition = _token.Position;
            (Expression? lower, Expression? upper, bool isSlice) = ParseSubscript();
            subscripts.Add(new SubscriptTarget(lower, upper, isSlice) { Position = subscriptPosition });
        }
        if (Is(TokenKind.Dot))
        {
            throw new SqlException(SqlState.UndefinedColumn,
                $"column \"{column}\" of relation \"{table.Name}\" does not exist", position);
        }
        return new TargetColumn(column) { Position = position, Subscripts = subscripts.ToList() };
    }

    private TruncateStatement ParseTruncate()
    {
        Expect(Keyword.Truncate);
        Accept(Keyword.Table);
        ValueList<QualifiedName> tables = ParseList(ParseRelation);
        bool restarts = Accept(Keyword.Restart);
        if (restarts || Accept(Keyword.Continue))
            Expect(Keyword.Identity);
        return new TruncateStatement(tables, restarts, ParseCascade());
    }

    /// <summary>[CASCADE|RESTRICT]</summary>
    private bool ParseCascade()
    {
        bool cascades = Accept(Keyword.Cascade);
        if (!cascades)
            Accept(Keyword.Restrict);
        return cascades;
    }
}
