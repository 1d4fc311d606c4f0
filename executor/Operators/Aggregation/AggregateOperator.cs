using VecSQL.Columnar.Batches;
using VecSQL.Executor.Scheduling;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Operators.Aggregation;

/// <summary>Groups rows and aggregates them, for each grouping set.</summary>
/// <remarks>
/// Memory: rows that find no room for their group are parted by the hash of their keys, spilled, and aggregated part by part.
/// Threads: over parallel inputs each worker aggregates what it reads, and the groups are merged.
/// </remarks>
internal sealed class AggregateOperator(
    AggregatePlan plan, IReadOnlyList<Operator> inputs, OperatorContext context) : Operator
{
    private const int PartCount = 16, PartBits = 4, DepthMax = 6;

    private readonly AggregateLayout _layout = new(plan, context.Evaluation);
    private readonly Stack<Part> _parts = [];
    private readonly Queue<Pass> _passes = [];
    private bool _hasRead;

    /// <summary>Rows put aside by a pass over their set.</summary>
    private sealed record Part(RowStore Rows, int Set, int Depth);

    /// <summary>An aggregation that has room for some groups, and where it puts the rows of others.</summary>
    private sealed class Pass(GroupedAggregation groups, int depth) : IDisposable
    {
        internal GroupedAggregation Groups => groups;

        internal RowStore[]? Overflow { get; private set; }

        internal void Add(ColumnBatch prepared, OperatorContext context)
        {
            if (groups.Add(prepared) is not { } rest)
                return;
            Overflow ??= NewParts(context);
            ulong[] hashes = new ulong[rest.RowCount];
            groups.Hash(rest, hashes);
            int[] rows = new int[rest.RowCount];
            int shift = 60 - (depth * PartBits);
            for (int part = 0; part < PartCount; part++)
            {
                int count = 0;
                for (int row = 0; row < hashes.Length; row++)
                {
                    rows[count] = row;
                    count += (int)((hashes[row] >> shift) & (PartCount - 1)) == part ? 1 : 0;
                }
                if (count > 0)
                    Overflow[part].Add(rest.Take(rows.AsSpan(0, count)));
            }
        }

        internal void MoveOverflow(Stack<Part> parts)
        {
            foreach (RowStore rows in Overflow ?? [])
            {
                if (rows.RowCount > 0)
                    parts.Push(new Part(rows, groups.Set, depth + 1));
                else
                    rows.Dispose();
            }
            Overflow = null;
        }

        public void Dispose()
        {
            groups.Dispose();
            foreach (RowStore rows in Overflow ?? [])
                rows.Dispose();
        }

        private static RowStore[] NewParts(OperatorContext context)
        {
            var parts = new RowStore[PartCount];
            for (int i = 0; i < parts.Length; i++)
                parts[i] = new RowStore(context.Memory, context.Spill, memoryBytesMax: 0);
            return parts;
        }
    }

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        if (!_hasRead)
        {
            _hasRead = true;
            for (int set = 0; set < plan.GroupingSets.Length; set++)
                _passes.Enqueue(new Pass(new GroupedAggregation(_layout, set, context), depth: 0));
            if (inputs.Count == 1)
                await ReadAsync(inputs[0], cancellation).ConfigureAwait(false);
            else
                await ReadParallelAsync(cancellation).ConfigureAwait(false);
        }
        while (true)
        {
            if (_passes.TryPeek(out Pass? pass))
            {
                if (pass.Groups.Next(cancellation) is { } rows)
                    return rows;
                pass.MoveOverflow(_parts);
                _passes.Dequeue().Dispose();
            }
            else if (_parts.TryPop(out Part? part))
            {
                ReadPart(part, cancellation);
            }
            else
            {
                return null;
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (Pass pass in _passes)
            pass.Dispose();
        foreach (Part part in _parts)
            part.Rows.Dispose();
        foreach (Operator input in inputs)
            await input.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(Operator input, CancellationToken cancellation)
    {
        using SlicedEvaluation preparation = _layout.Preparation(context.Evaluation);
        while (await input.NextAsync(cancellation).ConfigureAwait(false) is { } batch)
        {
            preparation.Begin(batch);
            while (preparation.Next() is { } prepared)
            {
                cancellation.ThrowIfCancellationRequested();
                foreach (Pass pass in _passes)
                    pass.Add(prepared, context);
            }
        }
    }

    private void ReadPart(Part part, CancellationToken cancellation)
    {
        var groups = new GroupedAggregation(_layout, part.Set, context) { IsUnlimited = part.Depth >= DepthMax };
        var pass = new Pass(groups, part.Depth);
        _passes.Enqueue(pass);
        using (part.Rows)
        {
            using IBatchReader reader = part.Rows.Read();
            while (reader.Next() is { } prepared)
            {
                cancellation.ThrowIfCancellationRequested();
                pass.Add(prepared, context);
            }
        }
    }

    // Each worker has groups of its own; rows it has no room for wait until all groups are merged.
    private async ValueTask ReadParallelAsync(CancellationToken cancellation)
    {
        var workers = new List<WorkerGroups>(inputs.Count);
        try
        {
            // The first worker's groups are those that the others' are merged into.
            foreach (Operator input in inputs)
                workers.Add(new WorkerGroups(_layout, input, workers.Count == 0 ? [.. _passes.Select(pass => pass.Groups)] : null, context));
            await ParallelWork.RunAsync(workers, static (worker, stop) => worker.ReadAsync(stop), cancellation)
                .ConfigureAwait(false);
            foreach (WorkerGroups worker in workers.Skip(1))
            {
                foreach (Pass pass in _passes)
                    worker.MergeInto(pass.Groups);
            }
            foreach (WorkerGroups worker in workers)
                AddLeftOver(worker, cancellation);
        }
        finally
        {
            foreach (WorkerGroups worker in workers)
                worker.Dispose();
        }
    }

    private void AddLeftOver(WorkerGroups worker, CancellationToken cancellation)
    {
        foreach (Pass pass in _passes)
        {
            using IBatchReader reader = worker.LeftOver[pass.Groups.Set].Read();
            while (reader.Next() is { } prepared)
            {
                cancellation.ThrowIfCancellationRequested();
                pass.Add(prepared, context);
            }
        }
    }
}
