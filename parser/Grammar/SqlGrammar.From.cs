using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private bool IsJoin => _token.Keyword is Keyword.Join or Keyword.Inner or Keyword.Left or Keyword.Right
        or Keyword.Full or Keyword.Cross or Keyword.Natural;

    /// <summary>An item of FROM with all that is joined to it.</summary>
    private TableReference ParseTableReference()
    {
        int outer = BeginHeight();
        TableReference table = ParseJoins(ParseTablePrimary());
        EndHeight(outer, levels: 0);
        return table;
    }

    private TableReference ParseJoins(TableReference left)
    {
        while (IsJoin)
            left = ParseJoin(left);
        return left;
    }

    /// <summary>One join, whose right side may hold joins that come before its own ON.</summary>
    private JoinedTable ParseJoin(TableReference left)
    {
        Enter();
        int position = left.Position;
        bool isNatural = Accept(Keyword.Natural);
        JoinKind kind = ParseJoinKind();
        Expect(Keyword.Join);
        if (isNatural && kind == JoinKind.Cross)
            throw Unexpected();
        TableReference right = ParseTablePrimary();
        JoinedTable join;
        if (isNatural || kind == JoinKind.Cross)
        {
            join = new JoinedTable(kind, left, right, null) { Position = position, IsNatural = isNatural };
        }
        else
        {
            right = ParseJoins(right);
            join = ParseJoinCondition(new JoinedTable(kind, left, right, null) { Position = position });
        }
        RaiseHeight();
        Leave();
        return join;
    }

    private JoinKind ParseJoinKind()
    {
        JoinKind kind = _token.Keyword switch
        {
            Keyword.Left => JoinKind.Left,
            Keyword.Right => JoinKind.Right,
            Keyword.Full => JoinKind.Full,
            Keyword.Cross => JoinKind.Cross,
            _ => JoinKind.Inner,
        };
        if (kind == JoinKind.Inner)
        {
            Accept(Keyword.Inner);
            return kind;
        }
        Advance();
        if (kind != JoinKind.Cross)
            Accept(Keyword.Outer);
        return kind;
    }

    private JoinedTable ParseJoinCondition(JoinedTable join)
    {
        if (Accept(Keyword.On))
            return join with { On = ParseExpression() };
        Expect(Keyword.Using);
        ValueList<string> columns = ParseColumnNames();
        string? alias = Accept(Keyword.As) ? ParseColumnName() : null;
        return join with { Using = columns, UsingAlias = alias };
    }

    private TableReference ParseTablePrimary()
    {
        int position = _token.Position;
        if (Is(TokenKind.OpenParen))
        {
            SyntaxNode group = ParseTableGroup();
            if (group is QueryExpression query)
                return AsDerivedTable(query, isLateral: false, position);
            return (JoinedTable)group with { Alias = ParseOptionalAlias() };
        }
        if (Accept(Keyword.Lateral))
        {
            return Is(TokenKind.OpenParen)
                ? AsDerivedTable(ParseQueryInParentheses(), isLateral: true, position)
                : ParseFunctionTable() with { IsLateral = true, Position = position };
        }
        if (Is(Keyword.Xmltable) && Peek().Kind == TokenKind.OpenParen)
            throw NotSupported("XML is", position);
        bool isRowsFrom = Is(Keyword.Rows, Keyword.From) && PeekSecond().Kind == TokenKind.OpenParen;
        if (isRowsFrom || !IsColumnName(_token) || IsSpecialCall)
            return Is(Keyword.Only) ? ParseNamedTable() : ParseFunctionTable();
        QualifiedName name = ParseAnyName();
        if (Is(TokenKind.OpenParen))
            return ParseFunctionTableBehind(ParseApplication(name));
        if (name.Parts.Count > 3)
            throw TooManyDots(name);
        Accept(TokenKind.Star);
        return ParseNamedTableBehind(name, isOnly: false, position);
    }

    /// <summary>
    /// A key word that is a column's name elsewhere, but in front of a parenthesis a call: COALESCE(…).
    /// </summary>
    private bool IsSpecialCall => _token.Kind == TokenKind.Keyword && !IsFunctionName(_token)
        && Peek().Kind == TokenKind.OpenParen;

    private NamedTable ParseNamedTable()
    {
        int position = _token.Position;
        QualifiedName name = ParseRelation(out bool isOnly);
        return ParseNamedTableBehind(name, isOnly, position);
    }

    private NamedTable ParseNamedTableBehind(QualifiedName name, bool isOnly, int position)
    {
        TableAlias? alias = ParseOptionalAlias();
        TableSample? sample = Is(Keyword.Tablesample) ? ParseSample() : null;
        return new NamedTable(name, alias) { Position = position, IsOnly = isOnly, Sample = sample };
    }

    private TableSample ParseSample()
    {
        int position = _token.Position;
        Expect(Keyword.Tablesample);
        string method = ParseFunctionName();
        ValueList<Expression> arguments = ParseParenthesizedList(ParseExpression);
        Expression? seed = null;
        if (Accept(Keyword.Repeatable))
        {
            Expect(TokenKind.OpenParen);
            seed = ParseExpression();
            Expect(TokenKind.CloseParen);
        }
        return new TableSample(method, arguments, seed) { Position = position };
    }

    private DerivedTable AsDerivedTable(QueryExpression query, bool isLateral, int position)
    {
        TableAlias? alias = ParseOptionalAlias();
        if (alias is null)
        {
            bool isValues = query is { Body: ValuesBody, With: null };
            throw Error(
                isValues ? "VALUES in FROM must have an alias" : "subquery in FROM must have an alias",
                query.Position,
                isValues ? "For example, FROM (VALUES ...) [AS] foo." : "For example, FROM (SELECT ...) [AS] foo.");
        }
        return new DerivedTable(query, alias, isLateral) { Position = position };
    }

    /// <summary>
    /// ( … ) in FROM: a query or a join. Further parentheses may hide which, so an inner query may yet become a join's
    /// left side.
    /// </summary>
    /// <returns>A <see cref="QueryExpression"/> or a <see cref="JoinedTable"/>.</returns>
    private SyntaxNode ParseTableGroup()
    {
        Enter();
        int position = _token.Position;
        int outer = BeginHeight();
        Expect(TokenKind.OpenParen);
        SyntaxNode content;
        if (IsQueryStart)
        {
            content = ParseQuery();
        }
        else
        {
            int innerPosition = _token.Position;
            SyntaxNode? inner = Is(TokenKind.OpenParen) ? ParseTableGroup() : null;
            content = inner switch
            {
                QueryExpression query when Is(TokenKind.CloseParen) || IsQueryContinued =>
                    ParseQueryBehind(query, with: null),
                QueryExpression query => ParseJoins(AsDerivedTable(query, isLateral: false, innerPosition)),
                JoinedTable join when Is(TokenKind.CloseParen) => join,
                JoinedTable join => ParseJoins(join with { Alias = ParseOptionalAlias() }),
                _ => ParseJoins(ParseTablePrimary()),
            };
            // A table alone in parentheses is not a join; nor is a join with a name of its own.
            if (content is not (QueryExpression or JoinedTable) || (content is JoinedTable { Alias: not null }))
                throw Unexpected();
        }
        Expect(TokenKind.CloseParen);
        EndHeight(outer, levels: 0);
        Leave();
        return content is QueryExpression whole ? whole with { Position = position } : content;
    }

    private FunctionTable ParseFunctionTable()
    {
        int position = _token.Position;
        if (!Is(Keyword.Rows, Keyword.From))
            return ParseFunctionTableBehind(ParseFunctionCall());
        Advance();
        Advance();
        ValueList<TableFunction> functions = ParseParenthesizedList(ParseRowsFromItem);
        bool withOrdinality = Accept(Keyword.With, Keyword.Ordinality);
        return new FunctionTable(functions, ParseOptionalAlias())
        {
            Position = position, IsRowsFrom = true, WithOrdinality = withOrdinality,
        };
    }

    /// <summary>A call, or another expression that is spelled like one: current_date, CAST(…), COALESCE(…).</summary>
    private Expression ParseFunctionCall()
    {
        int position = _token.Position;
        if (_token.Keyword != Keyword.NoKeyword)
        {
            if (Is(Keyword.Cast))
                return ParseCast();
            if (TryParseValueWord() is { } value)
                return value;
            if (Is(Keyword.Collation, Keyword.For))
                return ParseCollationFor();
            if (Peek().Kind == TokenKind.OpenParen && TryParseSpecialCall() is { } call)
                return call;
        }
        if (!IsFunctionName(_token) && !(IsColumnName(_token) && Peek().Kind == TokenKind.Dot))
            throw Unexpected();
        if (!IsColumnName(_token) && Peek().Kind == TokenKind.Dot)
        {
            Advance(); // such a word names a function, but not a schema
            throw Unexpected();
        }
        QualifiedName name = ParseNameBehind(TakeName(), position);
        return ParseApplication(name);
    }

    private TableFunction ParseRowsFromItem()
    {
        int position = _token.Position;
        Expression call = ParseFunctionCall();
        ValueList<FunctionColumn> columns =
            Accept(Keyword.As) ? ParseParenthesizedList(ParseFunctionColumn) : [];
        return new TableFunction(call, columns) { Position = position };
    }

    /// <summary>[WITH ORDINALITY] and an alias, which may define columns with their types.</summary>
    private FunctionTable ParseFunctionTableBehind(Expression call)
    {
        RaiseHeight();
        int position = call.Position;
        bool withOrdinality = Accept(Keyword.With, Keyword.Ordinality);
        int aliasPosition = _token.Position;
        bool hasAs = Accept(Keyword.As);
        string? name = hasAs && Is(TokenKind.OpenParen) ? null
            : hasAs || IsColumnName(_token) ? ParseColumnName() : null;
        ValueList<FunctionColumn> definitions = [];
        ValueList<string> columns = [];
        if ((name is not null || hasAs) && Is(TokenKind.OpenParen))
        {
            bool definesColumns = name is null || PeekSecond().Kind is not (TokenKind.Comma or TokenKind.CloseParen);
            if (definesColumns)
                definitions = ParseParenthesizedList(ParseFunctionColumn);
            else
                columns = ParseColumnNames();
        }
        TableAlias? alias = name is null ? null : new TableAlias(name, columns) { Position = aliasPosition };
        TableFunction function = new(call, definitions) { Position = position };
        return new FunctionTable([function], alias) { Position = position, WithOrdinality = withOrdinality };
    }

    private FunctionColumn ParseFunctionColumn()
    {
        int position = _token.Position;
        string name = ParseColumnName();
        TypeName type = ParseTypeName();
        if (Is(Keyword.Collate))
            throw NotSupported("COLLATE in a column definition list is", _token.Position);
        return new FunctionColumn(name, type) { Position = position };
    }

    /// <summary>[AS] name [(a, b, …)], or nothing.</summary>
    private TableAlias? ParseOptionalAlias()
    {
        int position = _token.Position;
        if (IsAsOf || (!Accept(Keyword.As) && !IsColumnName(_token)))
            return null;
        position = _token.Position;
        return new TableAlias(ParseColumnName(), ParseOptionalColumnNames()) { Position = position };
    }
}
