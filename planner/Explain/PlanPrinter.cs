using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>Lays EXPLAIN's nodes out as text, or as JSON and what is made of that, as PostgreSQL does.</summary>
internal static class PlanPrinter
{
    /// <summary>Bytes that a value of variable length is taken to have.</summary>
    private const int VariableWidth = 32;

    internal static IReadOnlyList<string> Print(PlannedStatement statement, ExplainOptions options)
    {
        int tables = 0;
        CountTables(statement.Plan, ref tables);
        var names = new ExplainNames(options.Context, usesPrefix: tables > 1 || options.Verbose,
            cutsConstants: options.Format == ExplainFormat.Text && !options.Verbose);
        ExplainNode root = new PlanDescriber(names, options.Verbose).Describe(statement.Plan);
        if (options.Format != ExplainFormat.Text)
            return Structured(Json(root, options), options.Format).Split('\n');
        List<string> lines = [];
        AddText(root, options, depth: 0, lines);
        foreach ((string name, double milliseconds) in options.Times)
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {milliseconds:0.000} ms"));
        return lines;
    }

    private static string Structured(string json, ExplainFormat format)
    {
        if (format == ExplainFormat.Json)
            return json;
        using JsonDocument plan = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
        return format == ExplainFormat.Yaml ? StructuredPlan.Yaml(plan.RootElement) : StructuredPlan.Xml(plan.RootElement);
    }

    private static void CountTables(PhysicalPlan plan, ref int count)
    {
        count += plan is TableScanPlan or KeyLookupPlan or RowLookupPlan or VectorTopKPlan or TextTopKPlan or TextMatchPlan or SystemScanPlan or FunctionScanPlan
            or CommonTableScanPlan or WorkTableScanPlan ? 1 : 0;
        foreach (PhysicalPlan input in PlanInputs.Of(plan))
            CountTables(input, ref count);
    }

    private static void AddText(ExplainNode node, ExplainOptions options, int depth, List<string> lines)
    {
        // Each level under the first is indented by six: the arrow's width, and two before it.
        string indent = depth == 0 ? "" : new string(' ', (depth * 6) - 4);
        string arrow = depth == 0 ? "" : "->  ";
        string subject = node.Subject.Length == 0 ? "" : " " + node.Subject;
        lines.Add($"{indent}{arrow}{node.Type}{subject}{Costs(node, options)}{Actuals(node, options)}");
        string inner = new(' ', (depth * 6) + 2);
        foreach (ExplainProperty property in node.Properties)
            lines.Add($"{inner}{property.Name}: {property.Value}");
        foreach (NodeFact fact in FactsOf(node, options))
            lines.Add($"{inner}{fact.Name}: {fact.Value}");
        foreach ((string? label, ExplainNode child) in ChildrenOf(node, options))
        {
            if (label is null)
            {
                AddText(child, options, depth + 1, lines);
                continue;
            }
            lines.Add(inner + label);
            int first = lines.Count;
            AddText(child, options, depth + 1, lines);
            for (int i = first; i < lines.Count; i++)
                lines[i] = "  " + lines[i];
        }
    }

    private static List<(string? Label, ExplainNode Node)> ChildrenOf(ExplainNode node, ExplainOptions options) =>
        node.Children.FindAll(child => !child.Node.IsShownOnlyIfRun || options.Verbose
            || options.Actuals?.Invoke(child.Node.Source) is not null);

    private static string Costs(ExplainNode node, ExplainOptions options) => !options.Costs
        ? ""
        : string.Create(CultureInfo.InvariantCulture,
            $"  (cost=0.00..{node.Source.EstimatedCost:F2} rows={RowsOf(node.Source)} width={Width(node.Source)})");

    private static string Actuals(ExplainNode node, ExplainOptions options)
    {
        if (options.Actuals is null || !node.HasActuals)
            return "";
        if (options.Actuals(node.Source) is not { } actuals)
            return " (never executed)";
        return options.Timing
            ? string.Create(CultureInfo.InvariantCulture,
                $" (actual time={actuals.StartupMs:F3}..{actuals.TotalMs:F3} "
                + $"rows={actuals.Rows} loops={actuals.Loops})")
            : $" (actual rows={actuals.Rows} loops={actuals.Loops})";
    }

    private static IEnumerable<NodeFact> FactsOf(ExplainNode node, ExplainOptions options) =>
        node.HasActuals ? node.Sources.SelectMany(source => options.Actuals?.Invoke(source)?.Facts ?? Expected(source, options)).Distinct() : [];

    /// <summary>What is known of a step that was not run.</summary>
    private static ImmutableArray<NodeFact> Expected(PhysicalPlan source, ExplainOptions options) =>
        source is FragmentPlan fragment && options.FanOut?.Invoke(fragment) is { } fanOut ? [new NodeFact("Shards", fanOut, IsNumber: false)] : [];

    private static long RowsOf(PhysicalPlan plan) => (long)Math.Max(1, Math.Round(plan.EstimatedRows));

    private static int Width(PhysicalPlan plan) => plan.Output.Sum(type =>
        BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.Length > 0 ? entry.Length : VariableWidth);

    private static string Json(ExplainNode root, ExplainOptions options)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions
        {
            Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                NewLine = "\n",
        }))
        {
            writer.WriteStartArray();
            writer.WriteStartObject();
            writer.WritePropertyName("Plan");
            WriteJson(root, null, null, options, writer);
            foreach ((string name, double milliseconds) in options.Times)
                writer.WriteNumber(name, Math.Round(milliseconds, 3));
            writer.WriteEndObject();
            writer.WriteEndArray();
        }
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WriteJson(
        ExplainNode node, string? relationship, string? label, ExplainOptions options, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        JsonNodeType type = JsonNodeType.Of(node.Type);
        writer.WriteString("Node Type", type.Name);
        foreach ((string name, string value) in type.Kinds)
            writer.WriteString(name, value);
        if (relationship is not null)
            writer.WriteString("Parent Relationship", relationship);
        if (label is not null)
            writer.WriteString("Subplan Name", label);
        writer.WriteBoolean("Parallel Aware", false);
        writer.WriteBoolean("Async Capable", false);
        if (type.JoinType is not null)
            writer.WriteString("Join Type", type.JoinType);
        if (type.IsIndexScan)
            writer.WriteString("Scan Direction", "Forward");
        foreach ((string name, string value) in node.JsonOnly)
            writer.WriteString(name, value);
        if (options.Costs)
        {
            writer.WriteNumber("Startup Cost", 0);
            writer.WriteNumber("Total Cost", Math.Round(node.Source.EstimatedCost, 2));
            writer.WriteNumber("Plan Rows", RowsOf(node.Source));
            writer.WriteNumber("Plan Width", Width(node.Source));
        }
        if (node.HasActuals && options.Actuals?.Invoke(node.Source) is { } actuals)
        {
            if (options.Timing)
            {
                writer.WriteNumber("Actual Startup Time", Math.Round(actuals.StartupMs, 3));
                writer.WriteNumber("Actual Total Time", Math.Round(actuals.TotalMs, 3));
            }
            writer.WriteNumber("Actual Rows", actuals.Rows);
            writer.WriteNumber("Actual Loops", actuals.Loops);
        }
        foreach (ExplainProperty property in node.Properties)
            WriteJson(property, writer);
        foreach (NodeFact fact in FactsOf(node, options))
        {
            if (fact.IsNumber)
                writer.WriteNumber(fact.Name, double.Parse(fact.Value, CultureInfo.InvariantCulture));
            else
                writer.WriteString(fact.Name, fact.Value);
        }
        if (ChildrenOf(node, options) is { Count: > 0 } children)
        {
            writer.WriteStartArray("Plans");
            int inputs = 0;
            foreach ((string? childLabel, ExplainNode child) in children)
                WriteJson(child, Relationship(node, childLabel, childLabel is null ? inputs++ : 0), childLabel, options, writer);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    /// <summary>What a node is to the one that stands over it.</summary>
    /// <param name="input">Its place among those without labels.</param>
    private static string Relationship(ExplainNode parent, string? label, int input) => label switch
    {
        not null => label.StartsWith("SubPlan", StringComparison.Ordinal) ? "SubPlan" : "InitPlan",
        null when parent.Type == "Append" => "Member",
        _ => input == 0 ? "Outer" : "Inner",
    };

    private static void WriteJson(ExplainProperty property, Utf8JsonWriter writer)
    {
        if (property.Items is not { } items)
        {
            writer.WriteString(property.Name, property.Value);
            return;
        }
        // As PostgreSQL does, in one line.
        IEnumerable<string> quoted = items.Select(static item => JsonEncodedText.Encode(item, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString());
        writer.WritePropertyName(property.Name);
        writer.WriteRawValue(items.Count == 0 ? "[]" : $"[\"{string.Join("\", \"", quoted)}\"]");
    }
}
