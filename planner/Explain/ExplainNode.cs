using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>A node as EXPLAIN shows it: several plan steps may share one, and one step may be shown as two.</summary>
internal sealed class ExplainNode(string type, PhysicalPlan source)
{
    /// <summary>PostgreSQL's node type: Seq Scan, Hash Join …</summary>
    internal string Type { get; set; } = type;

    /// <summary>What follows the type on the text's first line: <c>on a</c>, <c>using a_pkey on a</c>.</summary>
    internal string Subject { get; init; } = "";

    /// <summary>The step whose costs and actuals are shown: the uppermost.</summary>
    internal PhysicalPlan Source { get; private set; } = source;

    /// <summary>All steps shown as this node, whose notes it has.</summary>
    internal List<PhysicalPlan> Sources { get; } = [source];

    /// <summary>Shows a further step, above the others, as part of this node.</summary>
    internal void Cover(PhysicalPlan step)
    {
        Source = step;
        Sources.Add(step);
    }

    /// <summary>False for a node that only completes the picture, such as Hash: it has no actuals of its own.</summary>
    internal bool HasActuals { get; init; } = true;

    /// <summary>Lines such as Filter, in order; JSON has them as members.</summary>
    internal List<ExplainProperty> Properties { get; } = [];

    /// <summary>Facts that JSON gives apart and the text in its first line.</summary>
    internal List<(string Name, string Value)> JsonOnly { get; } = [];

    /// <summary>For a part of the plan that is there in case another fails: shown where that was so, and by VERBOSE.</summary>
    internal bool IsShownOnlyIfRun { get; set; }

    internal List<(string? Label, ExplainNode Node)> Children { get; } = [];

    /// <summary>What the node's output columns are called.</summary>
    internal IReadOnlyList<string> Outputs { get; set; } = [];

    internal ExplainNode With(string name, string? value)
    {
        if (value is not null)
            Properties.Add(new ExplainProperty(name, value));
        return this;
    }

    /// <summary>A list: JSON has it as one, in the text its items stand in a line.</summary>
    internal ExplainNode With(string name, IReadOnlyList<string> items)
    {
        Properties.Add(new ExplainProperty(name, string.Join(", ", items), items));
        return this;
    }
}

/// <summary>A line such as Filter.</summary>
/// <param name="Items">What it is a list of; null where it is none.</param>
internal readonly record struct ExplainProperty(string Name, string Value, IReadOnlyList<string>? Items = null);
