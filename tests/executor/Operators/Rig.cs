using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Operators;
using VecSQL.Executor.Operators.Subqueries;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Tables;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>Runs plans over rows made by hand: sources are work tables, cut into batches at odd places.</summary>
internal sealed class Rig
{
    private readonly RowSourceScope _scope = new(null);
    private readonly Random _random;
    private int _lastSource;

    public Rig(int seed = 1) => _random = new Random(seed);

    public long WorkMemoryBytes { get; init; } = 64L << 20;

    public MemoryBudget Memory { get; init; } = new("test", 1L << 30);

    public Transaction? Transaction { get; init; }

    public int ParallelismMax { get; init; } = 1;

    public Column[] Parameters { get; init; } = [];

    /// <summary>Files spilled to in the last run.</summary>
    public long SpillCount { get; private set; }

    /// <param name="ended">Called when whoever reads the rows is done with them.</param>
    public PhysicalPlan Source(SqlType[] types, IReadOnlyList<object?[]> rows, Action? ended = null)
    {
        int id = ++_lastSource;
        List<ColumnBatch> batches = Cut(types, rows);
        _scope.AddWorkTable(id, () => new ListReader(batches, ended));
        return new WorkTableScanPlan(id) { Output = [.. types] };
    }

    public List<object?[]> Run(PhysicalPlan plan) => RunAsync(plan).GetAwaiter().GetResult();

    public async Task<List<object?[]>> RunAsync(PhysicalPlan plan, CancellationToken cancellation = default)
    {
        var rows = new List<object?[]>();
        string directory = Path.Combine(Path.GetTempPath(), $"vecsql-rig-{Guid.NewGuid():N}");
        var spill = new CountingStore(new FileSpillStore(Storage.Files.RealFileSystem.Instance, directory));
        using (var run = new StatementRun(Execution(directory)) { Spill = spill })
        {
            var context = new OperatorContext(run, run.NewEvaluation(run.Execution.Evaluation, _scope, 1,
                false)) { Scope = _scope };
            Operator root = OperatorBuilder.Build(plan, context);
            await using (root)
            {
                while (await root.NextAsync(cancellation) is { } batch)
                {
                    Assert.InRange(batch.RowCount, 1, ColumnBatch.RowsMax);
                    Assert.Equal(plan.Output.Length, batch.Columns.Length);
                    for (int row = 0; row < batch.RowCount; row++)
                        rows.Add([.. batch.Columns.Select(column => Value(column, row))]);
                }
            }
            Changed = run.RowsChanged;
        }
        SpillCount = spill.Count;
        Assert.Equal(0, Memory.UsedBytes);
        if (Directory.Exists(directory))
        {
            Assert.Empty(Directory.GetFiles(directory));
            Directory.Delete(directory);
        }
        return rows;
    }

    public long Changed { get; private set; }

    private ExecutionContext Execution(string directory) => new()
    {
        Transaction = Transaction!, // plans without tables do not ask for it
        Evaluation = new EvaluationContext
        {
            Format = FormatContext.Default,
            Session = NoSession.Instance,
            Parameters = Parameters,
        },
        Memory = Memory,
        WorkMemoryBytes = WorkMemoryBytes,
        ParallelismMax = ParallelismMax,
        SystemViews = NoViews.Instance,
        SpillDirectory = directory,
    };

    private List<ColumnBatch> Cut(SqlType[] types, IReadOnlyList<object?[]> rows)
    {
        var batches = new List<ColumnBatch>();
        var builder = new BatchBuilder([.. types.Select(BatchShapes.PhysicalOf)]);
        int left = NextSize();
        foreach (object?[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                Append(builder.Columns[i], row[i]);
            builder.EndRow();
            if (--left > 0)
                continue;
            batches.Add(builder.Build());
            left = NextSize();
        }
        if (builder.RowCount > 0)
            batches.Add(builder.Build());
        return batches;
    }

    private int NextSize() => _random.Next(4) == 0 ? 1 : _random.Next(1, 700);

    public static ColumnBatch Batch(SqlType[] types, params object?[][] rows)
    {
        var builder = new BatchBuilder([.. types.Select(BatchShapes.PhysicalOf)]);
        foreach (object?[] row in rows)
        {
            for (int i = 0; i < row.Length; i++)
                Append(builder.Columns[i], row[i]);
            builder.EndRow();
        }
        return builder.Build();
    }

    public static Column One(SqlType type, object? value) => Batch([type], [value])[0].Broadcast(0, 1);

    public static ConstantExpression Constant(SqlType type, object? value) => new(type, One(type, value));

    public static ConstantExpression Long(long? value) => Constant(SqlType.Int8, value);

    public static InputExpression Input(SqlType type, int ordinal) => new(type, ordinal);

    /// <summary>A call of a built-in function by name and argument types.</summary>
    public static CallExpression Call(string name, params ScalarExpression[] arguments)
    {
        FunctionEntry function = Function(name, [.. arguments.Select(argument => argument.Type.Oid)]);
        return new CallExpression(new SqlType(function.Result), function, [.. arguments]);
    }

    public static CallExpression Operator(string name, ScalarExpression left, ScalarExpression right)
    {
        OperatorEntry entry = FunctionRegistry.FindOperator(name, left.Type.Oid, right.Type.Oid)
            ?? throw new InvalidOperationException($"no operator {name}");
        FunctionEntry function = FunctionRegistry.FindFunction(entry.Function)
            ?? throw new InvalidOperationException($"no function of {name}");
        return new CallExpression(new SqlType(function.Result), function, [left, right]);
    }

    public static FunctionEntry Function(string name, params uint[] arguments) =>
        FunctionRegistry.FindFunctions(name).First(entry => entry.Arguments.Length == arguments.Length
            && entry.Arguments.Zip(arguments).All(static pair => pair.First == pair.Second || IsAny(pair.First)));

    private static bool IsAny(uint oid) => oid is TypeOid.Any or TypeOid.AnyElement or TypeOid.AnyCompatible;

    private static void Append(ColumnBuilder target, object? value)
    {
        switch (target, value)
        {
            case (_, null): target.AppendNull(); break;
            case (BoolColumnBuilder builder, bool item): builder.Append(item); break;
            case (FixedColumnBuilder<short> builder, short item): builder.Append(item); break;
            case (FixedColumnBuilder<int> builder, int item): builder.Append(item); break;
            case (FixedColumnBuilder<long> builder, long item): builder.Append(item); break;
            case (FixedColumnBuilder<float> builder, float item): builder.Append(item); break;
            case (FixedColumnBuilder<double> builder, double item): builder.Append(item); break;
            case (FixedColumnBuilder<Fixed16> builder, Fixed16 item): builder.Append(item); break;
            case (BinaryColumnBuilder builder, string item): builder.Append(Encoding.UTF8.GetBytes(item)); break;
            case (BinaryColumnBuilder builder, byte[] item): builder.Append(item); break;
            default: throw new InvalidOperationException($"{value.GetType().Name} into {target.Type}");
        }
    }

    public static object? Value(Column column, int row) => column.IsNull(row) ? null : column switch
    {
        BoolColumn values => values[row],
        FixedColumn<short> values => values[row],
        FixedColumn<int> values => values[row],
        FixedColumn<long> values => values[row],
        FixedColumn<float> values => values[row],
        FixedColumn<double> values => values[row],
        FixedColumn<Fixed16> values => values[row],
        BinaryColumn values => Encoding.UTF8.GetString(values[row]),
        _ => throw new InvalidOperationException(),
    };

    /// <summary>Rows as lines, so that sets of rows can be compared and shown.</summary>
    public static string[] Lines(IEnumerable<object?[]> rows) => [.. rows.Select(Line)];

    public static string[] Sorted(IEnumerable<object?[]> rows) => [.. rows.Select(Line).Order(StringComparer.Ordinal)];

    public static string Line(object?[] row) => string.Join('|', row.Select(
        static value => value is null ? "~" : Convert.ToString(value, CultureInfo.InvariantCulture)));

    private sealed class ListReader(List<ColumnBatch> batches, Action? ended) : IBatchReader
    {
        private int _next;

        public ColumnBatch? Next() => _next < batches.Count ? batches[_next++] : null;

        public void Dispose() => ended?.Invoke();
    }

    private sealed class CountingStore(ISpillStore inner) : ISpillStore
    {
        public long Count { get; private set; }

        public ISpillFile Create()
        {
            Count++;
            return inner.Create();
        }

        public void Dispose() => inner.Dispose();
    }

    private sealed class NoViews : ISystemViewSource
    {
        public static readonly NoViews Instance = new();

        public IEnumerable<ColumnBatch> Rows(
            uint viewOid, ReadOnlyMemory<short> columns, IReadOnlyList<ZoneBound> bounds) => [];
    }
}

/// <summary>Random rows of (int4, text, float8), with nulls and repeats.</summary>
internal static class RandomRows
{
    public static readonly SqlType[] Types = [SqlType.Int4, SqlType.Text, SqlType.Float8];

    public static List<object?[]> Make(int seed, int count, int spread = 20)
    {
        var random = new Random(seed);
        var rows = new List<object?[]>(count);
        for (int i = 0; i < count; i++)
        {
            rows.Add([
                random.Next(8) == 0 ? null : random.Next(-spread / 2, spread),
                random.Next(8) == 0 ? null : new string((char)('a' + random.Next(3)), random.Next(12)),
                random.Next(8) == 0 ? null : random.Next(6) switch
                {
                    0 => double.NaN,
                    1 => -0.0,
                    2 => double.NegativeInfinity,
                    _ => random.Next(-5, 5) / 2.0,
                },
            ]);
        }
        return rows;
    }
}
