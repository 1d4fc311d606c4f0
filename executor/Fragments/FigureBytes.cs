using VecSQL.Executor.Operators;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>What the nodes of a fragment's plan did, as bytes, for EXPLAIN ANALYZE where its session is.</summary>
/// <remarks>Layout: count · for each node, in the order of a walk: whether it ran, and then its figures as <see cref="NodeMeter"/> writes them.</remarks>
internal static class FigureBytes
{
    internal static byte[] Write(PhysicalPlan plan, StatementRun run)
    {
        ByteWriter target = new();
        List<PhysicalPlan> nodes = NodesOf(plan);
        target.UInt((ulong)nodes.Count);
        foreach (PhysicalPlan node in nodes)
        {
            bool hasRun = run.Actuals(node) is not null;
            target.Flag(hasRun);
            if (hasRun)
                run.Meter(node)!.Write(target);
        }
        return target.Written.ToArray();
    }

    /// <summary>Adds them to those of the same plan here.</summary>
    /// <exception cref="InvalidDataException">They are none of this plan.</exception>
    internal static void Add(ReadOnlyMemory<byte> bytes, PhysicalPlan plan, StatementRun run)
    {
        ByteReader source = new(bytes);
        List<PhysicalPlan> nodes = NodesOf(plan);
        if (source.Count() != nodes.Count)
            throw ByteReader.Wrong("figures of another plan");
        foreach (PhysicalPlan node in nodes)
        {
            if (source.Flag())
                run.Meter(node)?.Add(source);
        }
        source.ExpectEnd();
    }

    private static List<PhysicalPlan> NodesOf(PhysicalPlan plan)
    {
        var nodes = new List<PhysicalPlan>();
        PlanRecords.Walk(plan, part =>
        {
            if (part is PhysicalPlan node)
                nodes.Add(node);
        });
        return nodes;
    }
}
