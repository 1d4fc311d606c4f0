using System.Collections.Concurrent;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Memory;
using VecSQL.Executor.Operators.Scans;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>What a node has for the fragments of other nodes' statements.</summary>
/// <remarks>Threads: any.</remarks>
/// <param name="memoryBytesMax">That all of them together may use.</param>
/// <param name="spillDirectory">Where they put what does not fit.</param>
/// <param name="parallelismMax">Threads that one of them may use.</param>
public sealed class FragmentResources(long memoryBytesMax, string spillDirectory, int parallelismMax)
{
    private const int PlansMax = 1_000, PlanBytesMax = 64 << 10;

    private readonly ConcurrentDictionary<PlanKey, PhysicalPlan> _plans = [];

    /// <summary>Of all of them.</summary>
    public MemoryBudget Memory { get; } = new("memory for other nodes' statements", memoryBytesMax);

    internal ColumnKeys ColumnKeys { get; } = new(memoryBytesMax / 8);

    internal string SpillDirectory => spillDirectory;

    internal int ParallelismMax => parallelismMax;

    /// <summary>The plan that the bytes are of: the one that was read before, with its expressions compiled, where they came before.</summary>
    /// <exception cref="InvalidDataException">They are none that makes sense.</exception>
    internal PhysicalPlan Plan(ReadOnlyMemory<byte> bytes, CatalogSnapshot catalog, IReadOnlyCollection<TableId> tables, IReadOnlyList<Column> values)
    {
        PlanKey key = new(bytes, catalog.Version, [.. tables.Select(static table => table.Oid), .. values.Select(static value => (uint)value.Type)]);
        if (_plans.TryGetValue(key, out PhysicalPlan? known))
            return known;
        PlanReader reader = new(bytes);
        PhysicalPlan plan = reader.Record() as PhysicalPlan ?? throw ByteReader.Wrong("no plan");
        reader.Bytes.ExpectEnd();
        new PlanCheck(catalog, tables, [.. values.Select(static value => value.Type)]).Check(plan);
        if (bytes.Length > PlanBytesMax)
            return plan;
        if (_plans.Count >= PlansMax)
            _plans.Clear(); // what is still asked for comes again
        _plans.TryAdd(key with { Bytes = bytes.ToArray() }, plan);
        return plan;
    }

    /// <param name="Given">What the plan was checked against.</param>
    private readonly record struct PlanKey(ReadOnlyMemory<byte> Bytes, long CatalogVersion, uint[] Given)
    {
        public bool Equals(PlanKey other) => CatalogVersion == other.CatalogVersion && Given.AsSpan().SequenceEqual(other.Given)
            && Bytes.Span.SequenceEqual(other.Bytes.Span);

        public override int GetHashCode()
        {
            HashCode hash = new();
            hash.Add(CatalogVersion);
            hash.AddBytes(Bytes.Span);
            return hash.ToHashCode();
        }
    }
}
