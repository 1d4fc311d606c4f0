using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>A fragment's plan as bytes, and what is to be computed beside it each time. Made once for a plan, however often it runs.</summary>
internal sealed class FragmentCode
{
    /// <summary>Larger plans stay where they are.</summary>
    internal const int BytesMax = 4 << 20;

    private static readonly ConditionalWeakTable<FragmentPlan, FragmentCode> Known = [];

    private FragmentCode(PhysicalPlan plan)
    {
        HashSet<int> inner = [];
        PlanRecords.Walk(plan, part =>
        {
            if (part is OuterValue outer)
                inner.Add(outer.Slot);
            else if (part is DeepeningPlan deepening)
                inner.Add(deepening.DepthSlot);
            Searches |= part is VectorTopKPlan;
        });
        PlanWriter writer = new(inner);
        writer.Record(plan);
        Travels = writer.IsWhole && writer.Bytes.Length <= BytesMax;
        Plan = Travels ? writer.Bytes.Written : default;
        Values = [.. writer.Holes];
    }

    /// <summary>Whether the plan can be run elsewhere.</summary>
    internal bool Travels { get; }

    internal ReadOnlyMemory<byte> Plan { get; }

    /// <summary>The values that the plan's parameters stand for.</summary>
    internal ImmutableArray<ScalarExpression> Values { get; }

    /// <summary>Whether how hard to search is of interest.</summary>
    internal bool Searches { get; private set; }

    internal static FragmentCode Of(FragmentPlan fragment) => Known.GetValue(fragment, static made => new FragmentCode(made.Plan));
}
