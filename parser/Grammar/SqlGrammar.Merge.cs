using VecSQL.Core.Collections;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Grammar;

internal sealed partial class SqlGrammar
{
    private MergeStatement ParseMerge(WithClause? with)
    {
        Expect(Keyword.Merge, Keyword.Into);
        QualifiedName table = ParseRelation();
        string? alias = ParseTargetAlias();
        Expect(Keyword.Using);
        TableReference source = ParseTableReference();
        Expect(Keyword.On);
        Expression condition = ParseExpression();
        ListBuilder<MergeWhen> whens = default;
        do
            whens.Add(ParseMergeWhen(table));
        while (Is(Keyword.When));
        return new MergeStatement(table, source, condition) { With = with, Alias = alias, Whens = whens.ToList() };
    }

    private MergeWhen ParseMergeWhen(QualifiedName table)
    {
        int position = _token.Position;
        Expect(Keyword.When);
        bool isMatched = !Accept(Keyword.Not);
        Expect(Keyword.Matched);
        Expression? condition = Accept(Keyword.And) ? ParseExpression() : null;
        Expect(Keyword.Then);
        int at = _token.Position;
        if (Accept(Keyword.Do))
        {
            Expect(Keyword.Nothing);
            return new MergeWhen(isMatched, condition, Action: null) { Position = position };
        }
        Statement action = isMatched ? ParseMergeChange(table) : ParseMergeInsert(table);
        return new MergeWhen(isMatched, condition, action with { Position = at }) { Position = position };
    }

    private Statement ParseMergeChange(QualifiedName table)
    {
        if (Accept(Keyword.Delete))
            return new DeleteStatement(table);
        Expect(Keyword.Update, Keyword.Set);
        return new UpdateStatement(table) { Assignments = ParseList(() => ParseAssignment(table)) };
    }

    private InsertStatement ParseMergeInsert(QualifiedName table)
    {
        Expect(Keyword.Insert);
        InsertStatement insert = new(table);
        if (Accept(Keyword.Default))
        {
            Expect(Keyword.Values);
            return insert;
        }
        if (Is(TokenKind.OpenParen))
            insert = insert with { Columns = ParseParenthesizedList(() => ParseTargetColumn(table)) };
        insert = insert with { OverridingSystem = ParseOverriding() };
        int position = _token.Position;
        Expect(Keyword.Values);
        ValueList<ValueList<Expression>> rows = [ParseParenthesizedList(ParseExpression)];
        return insert with { Source = new QueryExpression(new ValuesBody(rows) { Position = position }) { Position = position } };
    }
}
