using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Tests.Printing;

/// <summary>
/// Trees that no text made: every expression inside every other must print with the parentheses that it needs.
/// </summary>
public sealed class RandomTreeTests
{
    private static readonly string[] Names =
        ["a", "b", "Upper", "two words", "select", "value", "left", "int", "größe", "quo\"te", "operator", "unbounded"];

    private static readonly string[] Operators =
    [
        "+", "-", "*", "/", "%", "^", "=", "<>", "<", ">", "<=", ">=", "||", "<->", "<=>", "->", "@>", "&&", "~",
        "!~*", "?",
    ];

    private static readonly string[] Types =
        ["int", "text", "vector(3)", "numeric(5, 2)[]", "timestamp with time zone", "\"My T\""];

    private readonly Random _random = new(20260201);

    [Fact]
    public void Every_random_expression_prints_as_text_that_parses_to_an_equal_tree()
    {
        for (int round = 0; round < 30_000; round++)
        {
            Expression tree = Make(depth: 1 + (round % 6));
            string printed = SqlPrinter.Print(tree);
            Expression again = SqlParser.ParseExpression(printed);
            Assert.True(tree.Equals(again), $"{printed}\n{SqlPrinter.Print(again)}\n{tree}");
        }
    }

    [Fact]
    public void Every_random_expression_survives_as_a_default_where_the_grammar_is_narrower()
    {
        for (int round = 0; round < 10_000; round++)
        {
            ColumnDefinition column = new("c", SqlParser.ParseTypeName("int"))
            {
                Constraints = [new DefaultConstraint(Make(1 + (round % 5))), new NotNullConstraint(IsNull: false)],
            };
            CreateTableStatement create = new(new QualifiedName(["t"])) { Elements = [column] };
            RoundTrip.Check(create, "a made-up tree");
        }
    }

    [Fact]
    public void Every_random_set_operation_keeps_its_grouping()
    {
        for (int round = 0; round < 5_000; round++)
        {
            SetOperationBody top = new(SetOperator.Union, Flip(), MakeBody(round % 5), MakeBody(round % 4));
            RoundTrip.Check(new QueryStatement(new QueryExpression(top)), "a made-up tree");
        }
    }

    private QueryBody MakeBody(int depth)
    {
        if (depth == 0)
            return new SelectBody { Items = [new SelectItem(Make(1), null)] };
        return _random.Next(6) == 0
            ? new NestedBody(new QueryExpression(MakeBody(0)) { Limit = new IntegerLiteral("1") })
            : new SetOperationBody(
                (SetOperator)_random.Next(3), Flip(), MakeBody(_random.Next(depth)), MakeBody(_random.Next(depth)));
    }

    private bool Flip() => _random.Next(2) == 0;

    private T Pick<T>(T[] items) => items[_random.Next(items.Length)];

    private Expression Make(int depth)
    {
        if (depth == 0)
            return MakeLeaf();
        Expression Inner() => Make(_random.Next(depth));
        OperatorName symbol = new(Pick(Operators), _random.Next(8) == 0 ? "pg_catalog" : null);
        return _random.Next(20) switch
        {
            0 or 1 or 2 => new BinaryExpression(symbol, Inner(), Inner()),
            3 => MakeUnary(Inner()),
            4 => new LogicalExpression(Flip(), Flip() ? [Inner(), Inner()] : [Inner(), Inner(), Inner()]),
            5 => new NotExpression(Inner()),
            6 => new IsNullExpression(Inner(), Flip()),
            7 => new BooleanTestExpression(Inner(), Pick<bool?>([true, false, null]), Flip()),
            8 => new DistinctFromExpression(Inner(), Inner(), Flip()),
            9 => new BetweenExpression(Inner(), Inner(), Inner(), Flip(), Flip()),
            10 => new InListExpression(Inner(), [Inner(), Inner()], Flip()),
            11 => new LikeExpression(Inner(), Inner(), (LikeKind)_random.Next(3), Flip() ? Inner() : null, Flip()),
            12 => new QuantifiedArrayExpression(Inner(), symbol, Flip(), new CastExpression(Inner(), MakeType())),
            13 => new CastExpression(Inner(), MakeType()),
            14 => new CollateExpression(Inner(), new QualifiedName(["C"])),
            15 => new SubscriptExpression(Inner(), Inner(), Flip() ? Inner() : null, IsSlice: true),
            16 => new FieldExpression(Inner(), Pick(Names)),
            17 => new CaseExpression(
                Flip() ? Inner() : null, [new WhenClause(Inner(), Inner())], Flip() ? Inner() : null),
            18 => new FunctionCall(
                new QualifiedName([Pick(Names)]), [new FunctionArgument(Inner()), new FunctionArgument(Inner(), "x")]),
            _ => new RowExpression([Inner(), Inner()], Flip()),
        };
    }

    /// <summary>A sign in front of a number would become part of it.</summary>
    private Expression MakeUnary(Expression operand)
    {
        string symbol = operand is IntegerLiteral or NumericLiteral ? "~" : Pick(["-", "+", "~", "@", "!!"]);
        return new UnaryExpression(new OperatorName(symbol), operand);
    }

    private TypeName MakeType() => SqlParser.ParseTypeName(Pick(Types));

    private Expression MakeLeaf() => _random.Next(9) switch
    {
        0 => new IntegerLiteral(_random.Next(-5, 5).ToString()),
        1 => new NumericLiteral(Pick(["1.5", "-0.25", "1e10"])),
        2 => new StringLiteral(Pick(["", "it's", "back\\slash", "größe", "a\nb"])),
        3 => new NullLiteral(),
        4 => new BooleanLiteral(Flip()),
        5 => new ParameterReference(_random.Next(1, 9)),
        6 => new BitStringLiteral("0101"),
        7 => new KeywordValueExpression("current_timestamp", Flip() ? 3 : null),
        _ => new ColumnReference(new QualifiedName(Flip() ? [Pick(Names)] : [Pick(Names), Pick(Names)])),
    };
}
