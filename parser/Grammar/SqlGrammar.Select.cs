using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private int _labelBrackets = -1; // how many brackets were open where the item of a select list began

    /// <summary>
    /// Whether an operator's word with nothing behind it is a column's name: SELECT a AND FROM t names it "and".
    /// </summary>
    private bool IsOperatorALabel => _brackets == _labelBrackets && KeywordTable.IsBareLabel(_token.Keyword)
        && (Peek().Kind is TokenKind.Comma or TokenKind.End or TokenKind.Semicolon or TokenKind.CloseParen
            || Peek().Keyword is Keyword.From or Keyword.Into or Keyword.Where);

    private SelectBody ParseSelect()
    {
        int position = _token.Position;
        Expect(Keyword.Select);
        bool isDistinct = Accept(Keyword.Distinct);
        ValueList<Expression> distinctOn = [];
        if (isDistinct && Accept(Keyword.On))
            distinctOn = ParseParenthesizedList(ParseExpression);
        else if (!isDistinct)
            Accept(Keyword.All);
        ValueList<SelectItem> items = isDistinct || !EndsSelectList ? ParseList(ParseSelectItem) : [];
        QualifiedName? into = Accept(Keyword.Into) ? ParseInto(out bool intoIsTemporary) : NoName(out intoIsTemporary);
        ValueList<TableReference> from = Accept(Keyword.From) ? ParseList(ParseTableReference) : [];
        Expression? asOf = IsAsOf ? ParseAsOf() : null;
        Expression? where = ParseOptionalWhere();
        bool groupByIsDistinct = false;
        ValueList<GroupingElement> groupBy = Is(Keyword.Group) ? ParseGroupBy(out groupByIsDistinct) : [];
        return new SelectBody
        {
            Position = position,
            IsDistinct = isDistinct,
            DistinctOn = distinctOn,
            Items = items,
            Into = into,
            IntoIsTemporary = intoIsTemporary,
            From = from,
            AsOf = asOf,
            Where = where,
            GroupBy = groupBy,
            GroupByIsDistinct = groupByIsDistinct,
            Having = Accept(Keyword.Having) ? ParseExpression() : null,
            Windows = Accept(Keyword.Window) ? ParseList(ParseNamedWindow) : [],
        };
    }

    private static QualifiedName? NoName(out bool isTemporary)
    {
        isTemporary = false;
        return null;
    }

    /// <summary>SELECT may have nothing in its list.</summary>
    private bool EndsSelectList => _token.Kind is TokenKind.End or TokenKind.Semicolon or TokenKind.CloseParen
        || _token.Keyword is Keyword.From or Keyword.Where or Keyword.Into or Keyword.Group or Keyword.Having
        or Keyword.Window or Keyword.Union or Keyword.Intersect or Keyword.Except or Keyword.Order or Keyword.Limit
        or Keyword.Offset or Keyword.Fetch or Keyword.For;

    private SelectItem ParseSelectItem()
    {
        int position = _token.Position;
        if (Accept(TokenKind.Star))
            return new SelectItem(new StarExpression(null) { Position = position }, null) { Position = position };
        int outer = _labelBrackets;
        _labelBrackets = _brackets;
        Expression expression = ParseExpression();
        _labelBrackets = outer;
        string? alias = Accept(Keyword.As) ? ParseLabel() : IsBareLabel ? TakeName() : null;
        return new SelectItem(expression, alias) { Position = position };
    }

    private ValueList<SelectItem> ParseReturning() =>
        Accept(Keyword.Returning) ? ParseList(ParseSelectItem) : [];

    private Expression? ParseOptionalWhere() => Accept(Keyword.Where) ? ParseExpression() : null;

    /// <summary>INTO [TEMPORARY|UNLOGGED] [TABLE] name</summary>
    private QualifiedName ParseInto(out bool isTemporary)
    {
        if (Is(Keyword.Local) || Is(Keyword.Global))
            Advance();
        isTemporary = Accept(Keyword.Temporary) || Accept(Keyword.Temp);
        if (!isTemporary)
            Accept(Keyword.Unlogged);
        Accept(Keyword.Table);
        return ParseRelationName();
    }

    private ValueList<GroupingElement> ParseGroupBy(out bool isDistinct)
    {
        Expect(Keyword.Group, Keyword.By);
        isDistinct = Accept(Keyword.Distinct);
        if (!isDistinct)
            Accept(Keyword.All);
        ListBuilder<GroupingElement> elements = default;
        do
        {
            GroupingElement element = ParseGroupingElement();
            if (element is not GroupingListElement list)
            {
                elements.Add(element);
                continue;
            }
            foreach (Expression expression in list.Expressions) // GROUP BY (a, b) is GROUP BY a, b
                elements.Add(new GroupingExpressionElement(expression) { Position = expression.Position });
        }
        while (Accept(TokenKind.Comma));
        return elements.ToList();
    }

    private GroupingElement ParseGroupingElement()
    {
        int position = _token.Position;
        if (Is(TokenKind.OpenParen) && Peek().Kind == TokenKind.CloseParen)
        {
            Advance();
            Advance();
            return new EmptyGroupingElement { Position = position };
        }
        if (Is(Keyword.Grouping, Keyword.Sets))
        {
            Advance();
            return ParseGroupingSet(GroupingSetKind.Sets, position);
        }
        if (Is(Keyword.Rollup) && Peek().Kind == TokenKind.OpenParen)
            return ParseGroupingSet(GroupingSetKind.Rollup, position);
        if (Is(Keyword.Cube) && Peek().Kind == TokenKind.OpenParen)
            return ParseGroupingSet(GroupingSetKind.Cube, position);
        Expression expression = ParseExpression();
        return expression is RowExpression { IsExplicit: false } row
            ? new GroupingListElement(row.Items) { Position = position }
            : new GroupingExpressionElement(expression) { Position = position };
    }

    private GroupingSetElement ParseGroupingSet(GroupingSetKind kind, int position)
    {
        Enter();
        Advance();
        int outer = BeginHeight();
        ValueList<GroupingElement> items = kind == GroupingSetKind.Sets
            ? ParseParenthesizedList(ParseGroupingElement)
            : ParseParenthesizedList<GroupingElement>(ParseGroupingList);
        EndHeight(outer);
        Leave();
        return new GroupingSetElement(kind, items) { Position = position };
    }

    /// <summary>An item of ROLLUP or CUBE: an expression, or several in parentheses.</summary>
    private GroupingListElement ParseGroupingList()
    {
        int position = _token.Position;
        Expression expression = ParseExpression();
        ValueList<Expression> expressions =
            expression is RowExpression { IsExplicit: false } row ? row.Items : [expression];
        return new GroupingListElement(expressions) { Position = position };
    }

    private NamedWindow ParseNamedWindow()
    {
        int position = _token.Position;
        string name = ParseColumnName();
        Expect(Keyword.As);
        return new NamedWindow(name, ParseWindow()) { Position = position };
    }
}
