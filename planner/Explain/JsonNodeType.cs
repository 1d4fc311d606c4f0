namespace VecSQL.Planner.Explain;

/// <summary>How JSON tells what the text says in a node's type: HashAggregate is an Aggregate whose Strategy is Hashed.</summary>
/// <param name="Kinds">What follows the name.</param>
/// <param name="JoinType">Null where it is no join.</param>
internal readonly record struct JsonNodeType(string Name, (string Name, string Value)[] Kinds, string? JoinType = null)
{
    internal bool IsIndexScan => Name == "Index Scan";

    internal static JsonNodeType Of(string type)
    {
        switch (type)
        {
            case "Insert" or "Update" or "Delete" or "Merge":
                return new JsonNodeType("ModifyTable", [("Operation", type)]);
            case "Aggregate":
                return Aggregate("Plain");
            case "HashAggregate":
                return Aggregate("Hashed");
            case "MixedAggregate":
                return Aggregate("Mixed");
            case "Hash Join" or "Nested Loop":
                return new JsonNodeType(type, [], "Inner");
        }
        foreach (string join in new[] { "Hash", "Nested Loop" })
        {
            if (type.StartsWith(join, StringComparison.Ordinal) && type.EndsWith(" Join", StringComparison.Ordinal))
            {
                string kind = type[(join.Length + 1)..^" Join".Length];
                return new JsonNodeType(join == "Hash" ? "Hash Join" : join, [], kind);
            }
        }
        const string SetOperation = "HashSetOp ";
        return type.StartsWith(SetOperation, StringComparison.Ordinal)
            ? new JsonNodeType("SetOp", [("Strategy", "Hashed"), ("Command", type[SetOperation.Length..])])
            : new JsonNodeType(type, []);
    }

    private static JsonNodeType Aggregate(string strategy) =>
        new("Aggregate", [("Strategy", strategy), ("Partial Mode", "Simple")]);
}
