using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private int _orderPosition; // of the last ORDER read, for errors about it

    /// <summary>Whether a query begins here, where an expression may begin too.</summary>
    private bool IsQueryStart => IsQueryWord(_token.Keyword)
        || (Is(Keyword.Values) && Peek().Kind == TokenKind.OpenParen);

    /// <summary>Whether a query begins here, where nothing else may.</summary>
    private bool IsQueryStartOrGroup =>
        Is(TokenKind.OpenParen) || Is(Keyword.Values) || IsQueryWord(_token.Keyword);

    /// <summary>Whether the word goes on with a query that stands in parentheses before it.</summary>
    private bool IsQueryContinued => _token.Keyword is Keyword.Union or Keyword.Intersect or Keyword.Except
        or Keyword.Order or Keyword.Limit or Keyword.Offset or Keyword.Fetch or Keyword.For;

    private static bool IsQueryWord(Keyword keyword) => keyword is Keyword.Select or Keyword.With or Keyword.Table;

    /// <summary>A query with all its clauses.</summary>
    private QueryExpression ParseQuery()
    {
        Enter();
        int outer = BeginHeight();
        WithClause? with = Is(Keyword.With) ? ParseWith() : null;
        int position = _token.Position;
        bool isGroup = Is(TokenKind.OpenParen);
        QueryExpression first = isGroup
            ? ParseQueryInParentheses()
            : new QueryExpression(ParseQueryPrimary()) { Position = position };
        QueryExpression query = ParseQueryBehind(first, with);
        EndHeight(outer, isGroup ? 0 : QueryHeight);
        Leave();
        return with is null ? query : query with { Position = with.Position };
    }

    /// <summary>( … ) that can be nothing but a query.</summary>
    private QueryExpression ParseQueryInParentheses()
    {
        Enter();
        int position = _token.Position;
        Expect(TokenKind.OpenParen);
        if (!IsQueryStartOrGroup)
            throw Unexpected();
        QueryExpression query = ParseQuery();
        Expect(TokenKind.CloseParen);
        Leave();
        return query with { Position = position };
    }

    /// <summary>
    /// The rest of a query whose first operand has been read: set operations, ORDER BY, LIMIT, locks.
    /// </summary>
    private QueryExpression ParseQueryBehind(QueryExpression first, WithClause? with)
    {
        QueryExpression query = first;
        if (_token.Keyword is Keyword.Union or Keyword.Intersect or Keyword.Except)
        {
            QueryBody body = ParseSetOperations(AsOperand(first), Keyword.Union);
            query = new QueryExpression(body) { Position = first.Position };
        }
        if (with is not null && query.With is not null)
            throw Error("multiple WITH clauses not allowed", with.Position);
        if (with is not null)
            query = query with { With = with };
        return ParseQueryTail(query);
    }

    /// <summary>A query in parentheses as one side of a set operation; parentheses alone leave no trace.</summary>
    private static QueryBody AsOperand(QueryExpression query)
    {
        bool isPlain = query.With is null && query.OrderBy.IsEmpty && query.Limit is null && query.Offset is null
            && query.Locking.IsEmpty;
        return isPlain ? query.Body : new NestedBody(query) { Position = query.Position };
    }

    /// <summary>INTERSECT binds tighter than UNION and EXCEPT; all group from the left.</summary>
    private QueryBody ParseSetOperations(QueryBody left, Keyword least)
    {
        while (true)
        {
            SetOperator operation;
            if (Is(Keyword.Intersect))
                operation = SetOperator.Intersect;
            else if (least == Keyword.Union && _token.Keyword is Keyword.Union or Keyword.Except)
                operation = Is(Keyword.Union) ? SetOperator.Union : SetOperator.Except;
            else
                return left;
            Advance();
            bool isAll = Accept(Keyword.All);
            if (!isAll)
                Accept(Keyword.Distinct);
            QueryBody right = ParseSetOperand();
            if (operation != SetOperator.Intersect)
                right = ParseSetOperations(right, Keyword.Intersect);
            left = new SetOperationBody(operation, isAll, left, right) { Position = left.Position };
            RaiseHeight();
        }
    }

    private QueryBody ParseSetOperand() =>
        Is(TokenKind.OpenParen) ? AsOperand(ParseQueryInParentheses()) : ParseQueryPrimary();

    private QueryBody ParseQueryPrimary()
    {
        int position = _token.Position;
        switch (_token.Keyword)
        {
            case Keyword.Select:
                return ParseSelect();
            case Keyword.Values:
                Advance();
                return new ValuesBody(ParseList(() => ParseParenthesizedList(ParseExpression))) { Position = position };
            case Keyword.Table:
                Advance();
                return new TableBody(ParseRelation()) { Position = position };
            default:
                throw Unexpected();
        }
    }

    /// <summary>ORDER BY, then limits and locks, either of them first.</summary>
    private QueryExpression ParseQueryTail(QueryExpression query)
    {
        if (Is(Keyword.Order))
        {
            ValueList<OrderItem> order = ParseOptionalOrder();
            if (!query.OrderBy.IsEmpty)
                throw Error("multiple ORDER BY clauses not allowed", order[0].Position);
            query = query with { OrderBy = order };
        }
        bool hasLimits = ParseLimits(ref query);
        while (Is(Keyword.For))
            query = ParseLockingOrReadOnly(query);
        if (!hasLimits)
            ParseLimits(ref query);
        if (query.WithTies && query.OrderBy.IsEmpty)
            throw Error("WITH TIES cannot be specified without ORDER BY clause", position: 0);
        return query;
    }

    /// <summary>LIMIT or FETCH, and OFFSET, in any order; false where neither follows.</summary>
    private bool ParseLimits(ref QueryExpression query)
    {
        bool sawLimit = false, sawOffset = false;
        while (true)
        {
            int position = _token.Position;
            if (Is(Keyword.Offset) && !sawOffset)
            {
                sawOffset = true;
                Advance();
                RefuseRepeated(query.Offset is not null, "OFFSET", _token.Position);
                query = query with { Offset = ParseExpression() };
                if (!Accept(Keyword.Row))
                    Accept(Keyword.Rows);
            }
            else if (Is(Keyword.Limit) && !sawLimit)
            {
                sawLimit = true;
                RefuseRepeated(query.Limit is not null, "LIMIT", Peek().Position);
                query = query with { Limit = ParseLimit() };
            }
            else if (Is(Keyword.Fetch) && !sawLimit)
            {
                sawLimit = true;
                RefuseRepeated(query.Limit is not null, "LIMIT", position);
                query = ParseFetchFirst(query);
            }
            else
            {
                return sawLimit || sawOffset;
            }
        }
    }

    /// <summary>FOR READ ONLY asks for nothing.</summary>
    private QueryExpression ParseLockingOrReadOnly(QueryExpression query)
    {
        if (Peek().Keyword != Keyword.Read)
            return query with { Locking = new([.. query.Locking, ParseLocking()]) };
        Advance();
        Expect(Keyword.Read, Keyword.Only);
        return query;
    }

    private static void RefuseRepeated(bool isRepeated, string clause, int position)
    {
        if (isRepeated)
            throw Error($"multiple {clause} clauses not allowed", position);
    }

    private Expression? ParseLimit()
    {
        int position = _token.Position;
        Expect(Keyword.Limit);
        Expression? limit = Accept(Keyword.All) ? null : ParseExpression();
        if (Is(TokenKind.Comma))
            throw Error("LIMIT #,# syntax is not supported", position, "Use separate LIMIT and OFFSET clauses.");
        return limit;
    }

    /// <summary>FETCH FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES</summary>
    private QueryExpression ParseFetchFirst(QueryExpression query)
    {
        Expect(Keyword.Fetch);
        if (!Accept(Keyword.First))
            Expect(Keyword.Next);
        bool isOne = Is(Keyword.Row) || Is(Keyword.Rows);
        Expression limit = isOne ? new IntegerLiteral("1")
            : Is(TokenKind.Plus) || Is(TokenKind.Minus) ? ParseSignedNumber()
            : ParsePrimary();
        if (!Accept(Keyword.Row))
            Expect(Keyword.Rows);
        bool withTies = Accept(Keyword.With);
        if (!withTies)
            Expect(Keyword.Only);
        else
            Expect(Keyword.Ties);
        return query with { Limit = limit, WithTies = withTies };
    }

    private LockingClause ParseLocking()
    {
        int position = _token.Position;
        Expect(Keyword.For);
        LockStrength strength;
        if (Accept(Keyword.Update))
            strength = LockStrength.Update;
        else if (Accept(Keyword.Share))
            strength = LockStrength.Share;
        else if (Accept(Keyword.Key))
            strength = Expecting(LockStrength.KeyShare, Keyword.Share);
        else
            strength = Expecting(LockStrength.NoKeyUpdate, Keyword.No, Keyword.Key, Keyword.Update);
        ValueList<QualifiedName> tables = Accept(Keyword.Of) ? ParseList(ParseRelationName) : [];
        LockWait wait = LockWait.Block;
        if (Accept(Keyword.Nowait))
            wait = LockWait.NoWait;
        else if (Accept(Keyword.Skip))
            wait = Expecting(LockWait.SkipLocked, Keyword.Locked);
        return new LockingClause(strength, tables, wait) { Position = position };
    }

    private T Expecting<T>(T value, params ReadOnlySpan<Keyword> words)
    {
        foreach (Keyword word in words)
            Expect(word);
        return value;
    }

    private WithClause ParseWith()
    {
        int position = _token.Position;
        Expect(Keyword.With);
        bool isName = Peek().Keyword == Keyword.As || Peek().Kind == TokenKind.OpenParen;
        bool isRecursive = !isName && Accept(Keyword.Recursive);
        return new WithClause(isRecursive, ParseList(ParseCommonTable)) { Position = position };
    }

    private CommonTable ParseCommonTable()
    {
        int position = _token.Position;
        string name = ParseColumnName();
        ValueList<string> columns = ParseOptionalColumnNames();
        Expect(Keyword.As);
        bool? isMaterialized = Is(Keyword.Materialized) ? true : Is(Keyword.Not) ? false : null;
        if (isMaterialized == false)
            Advance();
        if (isMaterialized is not null)
            Expect(Keyword.Materialized);
        Expect(TokenKind.OpenParen);
        Statement statement = ParsePreparable();
        Expect(TokenKind.CloseParen);
        return new CommonTable(name, columns, statement, isMaterialized)
        {
            Position = position,
            Search = Is(Keyword.Search) ? ParseSearch() : null,
            Cycle = Is(Keyword.Cycle) ? ParseCycle() : null,
        };
    }

    private SearchClause ParseSearch()
    {
        int position = _token.Position;
        Expect(Keyword.Search);
        bool isBreadthFirst = Accept(Keyword.Breadth);
        if (!isBreadthFirst)
            Expect(Keyword.Depth);
        Expect(Keyword.First);
        Expect(Keyword.By);
        ValueList<string> columns = ParseList(ParseColumnName);
        Expect(Keyword.Set);
        return new SearchClause(isBreadthFirst, columns, ParseColumnName()) { Position = position };
    }

    private CycleClause ParseCycle()
    {
        int position = _token.Position;
        Expect(Keyword.Cycle);
        ValueList<string> columns = ParseList(ParseColumnName);
        Expect(Keyword.Set);
        string mark = ParseColumnName();
        Expression? value = null, otherwise = null;
        if (Accept(Keyword.To))
        {
            value = ParseExpression();
            Expect(Keyword.Default);
            otherwise = ParseExpression();
        }
        Expect(Keyword.Using);
        return new CycleClause(columns, mark, value, otherwise, ParseColumnName()) { Position = position };
    }

    /// <summary>ORDER BY …, or nothing.</summary>
    private ValueList<OrderItem> ParseOptionalOrder()
    {
        int position = _token.Position;
        if (!Accept(Keyword.Order))
            return [];
        _orderPosition = position;
        return ParseBehindBy(ParseOrderItem);
    }

    private OrderItem ParseOrderItem()
    {
        int position = _token.Position;
        Expression expression = ParseExpression();
        OperatorName? symbol = null;
        bool isDescending = false;
        if (Accept(Keyword.Using))
            symbol = ParseOperatorName();
        else
            isDescending = ParseDirection();
        return new OrderItem(expression, isDescending, ParseNullsOrder(), symbol) { Position = position };
    }

    /// <summary>[ASC|DESC]</summary>
    private bool ParseDirection()
    {
        bool isDescending = Accept(Keyword.Desc);
        if (!isDescending)
            Accept(Keyword.Asc);
        return isDescending;
    }

    /// <summary>[NULLS FIRST|LAST]</summary>
    private bool? ParseNullsOrder()
    {
        if (Accept(Keyword.Nulls, Keyword.First))
            return true;
        return Accept(Keyword.Nulls, Keyword.Last) ? false : null;
    }
}
