using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Grammar;

public sealed class PositionTests
{
    [Fact]
    public void Whatever_an_error_may_be_about_knows_where_it_stands()
    {
        SortedSet<string> lost = [];
        // A recursive view is rewritten, mostly into what nobody wrote.
        foreach (string sql in StatementCorpus.Statements.Where(sql => !sql.StartsWith("CREATE RECURSIVE VIEW")))
        {
            foreach (Statement statement in SqlParser.Parse(sql))
                SyntaxWalk.Visit(statement, node =>
                {
                    if (node.Position.Value == 0 && !IsMadeUp(node))
                        lost.Add($"{node.GetType().Name}: {sql}");
                });
        }
        Assert.True(lost.Count == 0, string.Join('\n', lost));
    }

    [Fact]
    public void An_operator_and_its_expression_have_places_of_their_own()
    {
        BinaryExpression sum = Assert.IsType<BinaryExpression>(SqlParser.ParseExpression(" a + b::int"));
        Assert.Equal((2, 4, 6), (sum.Position.Value, sum.Operator.Position.Value, sum.Right.Position.Value));
        CastExpression cast = Assert.IsType<CastExpression>(sum.Right);
        Assert.Equal((6, 9), (cast.Position.Value, cast.Type.Position.Value));
    }

    /// <summary>Nodes that no text stands for: a length left out, the end of a frame, modes that were not given.</summary>
    private static bool IsMadeUp(SyntaxNode node) => node is IntegerLiteral { Text: "1" } or FrameBound or TransactionModes
        or FunctionArgument { Value: IntegerLiteral { Text: "1" } };
}
