using System.Globalization;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Fragments;
using VecSQL.Executor.Operators;
using VecSQL.Kit;
using VecSQL.Parser;
using VecSQL.Planner;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Fragments;

/// <summary>Plans as bytes: what is written is read, and what was not written is refused.</summary>
public sealed class PlanCodecTests
{
    private static readonly string[] Queries =
    [
        "SELECT x * 2, y || '!', x IS NULL FROM (VALUES (1, 'a'), (2, NULL), (NULL, 'c')) v (x, y) WHERE x > 0 OR y LIKE 'c%' ORDER BY y DESC NULLS LAST",
        "SELECT y, count(*), sum(x), avg(x), array_agg(x ORDER BY x), string_agg(DISTINCT y, '-') FILTER (WHERE x < 5) FROM (VALUES (1, 'a'), (2, 'a'), (7, "
            + "'b')) v (x, y) GROUP BY ROLLUP (y)",
        "SELECT a.x, b.z FROM (VALUES (1), (2), (3)) a (x) LEFT JOIN (VALUES (2, 'two'), (3, 'three')) b (y, z) ON a.x = b.y AND b.z <> 'three'",
        "SELECT * FROM generate_series(1, 5) WITH ORDINALITY g (n, o), LATERAL (SELECT n * m FROM generate_series(1, n) m) l (p) WHERE p % 2 = 0",
        "WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 20) SELECT n, sum(n) OVER (ORDER BY n ROWS BETWEEN 2 PRECEDING AND "
            + "CURRENT ROW), rank() OVER (PARTITION BY n % 3 ORDER BY n) FROM t",
        "SELECT CASE WHEN x = 1 THEN ARRAY[x, x + 1] ELSE (ARRAY[[1, 2], [3, 4]])[1:1][2:2] END, ROW (x, 'r'), coalesce(nullif(x, 2), greatest(x, 9)), "
            + "x::text::float8 FROM generate_series(1, 3) x",
        "SELECT x, (SELECT max(y) FROM generate_series(1, x) y), EXISTS (SELECT 1 FROM generate_series(3, x)), x = ANY (SELECT y * 2 FROM generate_series(1, "
            + "2) y) FROM generate_series(1, 4) x",
        "SELECT x FROM generate_series(1, 6) x EXCEPT SELECT 2 * y FROM generate_series(1, 3) y UNION ALL SELECT 9 INTERSECT SELECT 9",
        "SELECT DISTINCT ON (x % 3) x, '[1,2,3]'::vector <-> ARRAY[x, x, x]::vector, interval '1 day' * x, '7c2f8a52-0f3b-4b8e-9d0a-0a1b2c3d4e5f'::uuid FROM "
            + "generate_series(1, 9) x ORDER BY x % 3, x DESC LIMIT 2 OFFSET 1",
        "SELECT x IN (1, 2, 3, 5, 8, 13, 21, 34), (x, x + 1) < (3, 4), x BETWEEN SYMMETRIC 4 AND 2, (x > 2) IS NOT TRUE, x IS DISTINCT FROM 3, ARRAY['1', "
            + "'2']::int[] FROM generate_series(1, 4) x",
        "SELECT unnest(ARRAY[x, 10 * x]), x FROM generate_series(1, 3) x WHERE NOT x = 2 ORDER BY x FETCH FIRST 3 ROWS WITH TIES",
    ];

    public static TheoryData<string> AllQueries => [.. Queries];

    [Fact]
    public void What_a_version_writes_is_written_down()
    {
        string shapes = string.Join('\n', PlanRecords.Known.Select(static shape => shape.Describe()).Prepend($"version {FragmentOrder.Version}")) + "\n";
        Assert.Null(Golden.Difference("tests/executor/Fragments/golden/records.txt", shapes));
    }

    [Theory, MemberData(nameof(AllQueries))]
    public async Task A_plan_that_was_read_is_the_one_that_was_written(string query)
    {
        PhysicalPlan plan = Plan(query);
        ReadOnlyMemory<byte> bytes = Write(plan);
        PhysicalPlan read = Read(bytes);
        Assert.Equal(bytes.ToArray(), Write(read).ToArray());
        Assert.Equal(await RunAsync(plan), await RunAsync(read));
    }

    [Fact]
    public void What_the_session_knows_goes_along_as_a_value()
    {
        ParameterExpression first = new(SqlType.Int4, 3), again = new(SqlType.Int4, 3);
        OuterExpression outer = new(SqlType.Text, 7);
        ValuesPlan plan = new([[first, again, outer]]) { Output = [SqlType.Int4, SqlType.Int4, SqlType.Text] };
        FragmentCode code = FragmentCode.Of(new FragmentPlan(plan, 0) { Output = plan.Output });
        Assert.True(code.Travels);
        Assert.Equal([first, outer], code.Values.ToArray());
        ValuesPlan read = Assert.IsType<ValuesPlan>(new PlanReader(code.Plan).Record());
        Assert.Equal([0, 0, 1], read.Rows[0].Select(static value => Assert.IsType<ParameterExpression>(value).Index));
    }

    [Fact]
    public void What_only_its_node_can_do_does_not_travel()
    {
        NextValueExpression next = new(SqlType.Int8, 99);
        ValuesPlan plan = new([[next]]) { Output = [SqlType.Int8] };
        Assert.False(FragmentCode.Of(new FragmentPlan(plan, 0) { Output = plan.Output }).Travels);
    }

    [Fact]
    public void Trees_deeper_than_may_be_stay_and_are_refused()
    {
        ScalarExpression deep = new ConstantExpression(SqlType.Bool, BoolColumn.Constant(true, 1));
        for (int i = 0; i < PlanWriter.DepthMax; i++)
            deep = new NotOperation(deep);
        ValuesPlan plan = new([[deep]]) { Output = [SqlType.Bool] };
        Assert.False(FragmentCode.Of(new FragmentPlan(plan, 0) { Output = plan.Output }).Travels);
        ByteWriter bytes = new();
        for (int i = 0; i < 100_000; i++)
            bytes.UInt(PlanRecords.Shape(typeof(NotOperation))!.Number);
        Assert.Throws<InvalidDataException>(() => new PlanReader(bytes.Written).Record());
    }

    [Fact]
    public void Plans_that_make_no_sense_are_refused()
    {
        InputExpression input = new(SqlType.Int4, 0);
        ConstantExpression one = new(SqlType.Int4, FixedColumn<int>.Constant(1, 1));
        ValuesPlan row = new([[one]]) { Output = [SqlType.Int4] };
        PhysicalPlan[] wrong =
        [
            new ProjectPlan(row, [input with { Ordinal = 1 }]) { Output = [SqlType.Int4] },
            new ProjectPlan(row, [input with { Ordinal = -1 }]) { Output = [SqlType.Int4] },
            new ProjectPlan(row, [input with { Type = SqlType.Text }]) { Output = [SqlType.Text] },
            new ProjectPlan(row, [input]) { Output = [SqlType.Int4, SqlType.Int4] },
            new ProjectPlan(row, [input]) { Output = [SqlType.Float8] },
            new ValuesPlan([[one, one]]) { Output = [SqlType.Int4] },
            new ValuesPlan([[one with { Type = SqlType.Text }]]) { Output = [SqlType.Text] },
            new ValuesPlan([[new ParameterExpression(SqlType.Int4, 0)]]) { Output = [SqlType.Int4] },
            new TableScanPlan(new TableId(77), "t", [1]) { Output = [SqlType.Int4] },
            new HashJoinPlan(PhysicalJoinKind.Inner, row, row, [input], [input], [SqlType.Int4], null, [0, 2]) { Output = [SqlType.Int4, SqlType.Int4] },
            new AppendPlan([row, new ValuesPlan([[one, one]]) { Output = [SqlType.Int4, SqlType.Int4] }]) { Output = [SqlType.Int4] },
        ];
        foreach (PhysicalPlan plan in wrong)
            Assert.Throws<InvalidDataException>(() => new PlanCheck(CatalogSnapshot.Initial, [], []).Check(plan));
        new PlanCheck(CatalogSnapshot.Initial, [], []).Check(row);
    }

    [Fact]
    public void Orders_of_another_version_are_refused()
    {
        ByteWriter bytes = new();
        bytes.UInt(FragmentOrder.Version + 1);
        SqlException refused = Assert.Throws<SqlException>(() => FragmentOrder.Read(bytes.Written));
        Assert.Equal(SqlState.FeatureNotSupported, refused.State);
        Assert.Contains($"version {FragmentOrder.Version + 1}", refused.Message);
    }

    [Fact]
    public async Task Damaged_plans_end_in_errors_and_nothing_else()
    {
        int mutations = int.TryParse(Environment.GetEnvironmentVariable("VECSQL_FUZZ_MUTATIONS"), CultureInfo.InvariantCulture, out int given) ? given : 3_000;
        Random random = new(11);
        byte[][] samples = [.. Queries.Select(static query => Write(Plan(query)).ToArray())];
        int sound = 0;
        for (int i = 0; i < mutations; i++)
        {
            byte[] damaged = Damage(samples[random.Next(samples.Length)], random);
            try
            {
                PhysicalPlan plan = Read(damaged);
                sound++;
                using CancellationTokenSource late = new(TimeSpan.FromSeconds(2));
                await RunAsync(plan, late.Token);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Whatever a plan that makes little sense comes to, it is told of.
            }
        }
        Assert.InRange(sound, 1, mutations);
    }

    private static byte[] Damage(byte[] sample, Random random)
    {
        byte[] damaged = [.. sample];
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            int place = random.Next(damaged.Length);
            switch (random.Next(4))
            {
                case 0:
                    damaged[place] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    damaged = [.. damaged[..place], .. damaged[Math.Min(damaged.Length, place + random.Next(4))..]];
                    break;
                default:
                    damaged = [.. damaged[..place], (byte)random.Next(256), .. damaged[place..]];
                    break;
            }
            if (damaged.Length == 0)
                return [0];
        }
        return damaged;
    }

    private static ReadOnlyMemory<byte> Write(PhysicalPlan plan)
    {
        FragmentCode code = FragmentCode.Of(new FragmentPlan(plan, 0) { Output = plan.Output });
        Assert.True(code.Travels);
        Assert.Empty(code.Values);
        return code.Plan;
    }

    private static PhysicalPlan Read(ReadOnlyMemory<byte> bytes)
    {
        PlanReader reader = new(bytes);
        PhysicalPlan plan = reader.Record() as PhysicalPlan ?? throw new InvalidDataException("no plan");
        reader.Bytes.ExpectEnd();
        new PlanCheck(CatalogSnapshot.Initial, [], []).Check(plan);
        return plan;
    }

    private static PhysicalPlan Plan(string query) => QueryPlanner.Plan(SqlParser.Parse(query)[0], new PlannerContext
    {
        Catalog = CatalogSnapshot.Initial.InDatabase(DatabaseEntry.FirstOid), Evaluator = new ConstantEvaluator(), SystemViews = NoSystemViews.Instance,
    }).Plan;

    private static async Task<List<string>> RunAsync(PhysicalPlan plan, CancellationToken cancellation = default)
    {
        List<string> rows = [];
        MemoryBudget memory = new("test", 64 << 20);
        using StatementRun run = new(new ExecutionContext
        {
            Transaction = null!, // plans without tables do not ask for it
            Evaluation = new EvaluationContext { Format = FormatContext.Default, Session = NoSession.Instance, Cancellation = cancellation, Memory = memory },
            Memory = memory, ParallelismMax = 1, SystemViews = NoSystemViews.Instance,
        });
        Operator root = OperatorBuilder.Build(plan, new OperatorContext(run, run.NewEvaluation(run.Execution.Evaluation, null, 1, isInCommonTable: false)));
        await using (root)
        {
            while (await root.NextAsync(cancellation) is { } batch && rows.Count < 10_000)
            {
                cancellation.ThrowIfCancellationRequested();
                for (int row = 0; row < batch.RowCount; row++)
                    rows.Add(string.Join('|', batch.Columns.Select(column => Text(column, row))));
            }
        }
        return rows;
    }

    private static string Text(Column column, int row)
    {
        ByteWriter bytes = new();
        bytes.Value(column.Broadcast(row, 1));
        return Convert.ToHexString(bytes.Written.Span);
    }

    private sealed class NoSystemViews : ISystemViews, ISystemViewSource
    {
        internal static readonly NoSystemViews Instance = new();

        public TableEntry? Find(string schema, string name) => null;

        public TableEntry? Find(uint oid) => null;

        public bool HasRowVersions(uint oid) => false;

        public IEnumerable<Columnar.Batches.ColumnBatch> Rows(uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds) => [];
    }
}
