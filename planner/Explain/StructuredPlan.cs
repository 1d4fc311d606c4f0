using System.Security;
using System.Text;
using System.Text.Json;

namespace VecSQL.Planner.Explain;

/// <summary>Lays a plan that is JSON out as XML or YAML, as PostgreSQL does.</summary>
internal static class StructuredPlan
{
    internal static string Xml(JsonElement root)
    {
        var text = new StringBuilder("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n");
        foreach (JsonElement query in root.EnumerateArray())
            AddXml("Query", query, 1, text);
        return text.Append("</explain>").ToString();
    }

    internal static string Yaml(JsonElement root)
    {
        var text = new StringBuilder();
        foreach (JsonElement query in root.EnumerateArray())
            AddItem(query, 0, text);
        return text.ToString(0, text.Length - 1);
    }

    private static void AddXml(string name, JsonElement value, int depth, StringBuilder text)
    {
        string tag = name.Replace(' ', '-').Replace('/', '-');
        text.Append(' ', 2 * depth).Append('<').Append(tag).Append('>');
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('\n');
                foreach (JsonProperty member in value.EnumerateObject())
                    AddXml(member.Name, member.Value, depth + 1, text);
                text.Append(' ', 2 * depth);
                break;
            case JsonValueKind.Array:
                text.Append('\n');
                foreach (JsonElement item in value.EnumerateArray())
                    AddXml(item.ValueKind == JsonValueKind.Object ? "Plan" : "Item", item, depth + 1, text);
                text.Append(' ', 2 * depth);
                break;
            default:
                text.Append(SecurityElement.Escape(TextOf(value)));
                break;
        }
        text.Append("</").Append(tag).Append(">\n");
    }

    private static void AddItem(JsonElement item, int indent, StringBuilder text)
    {
        bool isFirst = true;
        foreach (JsonProperty member in item.EnumerateObject())
        {
            text.Append(' ', indent).Append(isFirst ? "- " : "  ");
            AddMember(member, indent + 2, text);
            isFirst = false;
        }
    }

    private static void AddMember(JsonProperty member, int indent, StringBuilder text)
    {
        text.Append(member.Name).Append(": ");
        switch (member.Value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('\n');
                foreach (JsonProperty inner in member.Value.EnumerateObject())
                {
                    text.Append(' ', indent + 2);
                    AddMember(inner, indent + 2, text);
                }
                break;
            case JsonValueKind.Array:
                text.Append('\n');
                foreach (JsonElement item in member.Value.EnumerateArray())
                {
                    if (item.ValueKind == JsonValueKind.Object)
                        AddItem(item, indent + 2, text);
                    else
                        text.Append(' ', indent + 2).Append("- ").Append(item.GetRawText()).Append('\n');
                }
                break;
            case JsonValueKind.String:
                text.Append(member.Value.GetRawText()).Append('\n'); // JSON's quotes are YAML's
                break;
            default:
                text.Append(TextOf(member.Value)).Append('\n');
                break;
        }
    }

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : value.GetRawText();
}
