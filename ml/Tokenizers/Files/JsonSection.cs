using System.Text.Json;

namespace VecSQL.Ml.Tokenizers.Files;

/// <summary>An object of a JSON file, read strictly: what is there must be of the kind that is asked for.</summary>
/// <param name="Place">What it is, for messages.</param>
internal readonly record struct JsonSection(JsonElement Element, string Place)
{
    /// <summary>Names the kind of part that it is.</summary>
    internal string Type => Text("type");

    internal JsonSection Section(string name) =>
        OptionalSection(name) ?? throw new FormatException($"{Place} has no {name}");

    internal JsonSection? OptionalSection(string name) =>
        Find(name, JsonValueKind.Object) is { } found ? new JsonSection(found, name) : null;

    /// <summary>The objects of a list.</summary>
    internal IEnumerable<JsonSection> OptionalList(string name)
    {
        if (Find(name, JsonValueKind.Array) is not { } list)
            yield break;
        foreach (JsonElement item in list.EnumerateArray())
        {
            yield return item.ValueKind == JsonValueKind.Object
                ? new JsonSection(item, $"an entry of {name}")
                : throw new FormatException($"{name} has an entry that is no object");
        }
    }

    internal JsonElement Value(string name, JsonValueKind kind) =>
        Find(name, kind) ?? throw new FormatException($"{Place} has no {name}");

    internal JsonElement? Find(string name, JsonValueKind kind)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{Place} is no object");
        if (!Element.TryGetProperty(name, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
            return null;
        return found.ValueKind == kind ? found : throw new FormatException($"{name} of {Place} is no {kind}");
    }

    internal string Text(string name) => OptionalText(name) ?? throw new FormatException($"{Place} has no {name}");

    internal string? OptionalText(string name) => Find(name, JsonValueKind.String) is { } found ? TextOf(found) : null;

    internal bool Flag(string name, bool otherwise)
    {
        if (!Element.TryGetProperty(name, out JsonElement found) || found.ValueKind == JsonValueKind.Null)
            return otherwise;
        return found.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? found.GetBoolean()
            : throw new FormatException($"{name} of {Place} is neither true nor false");
    }

    internal int Int(string name, int otherwise)
    {
        if (Find(name, JsonValueKind.Number) is not { } found)
            return otherwise;
        return found.TryGetInt32(out int value) ? value : throw new FormatException($"{name} of {Place} is no whole number");
    }

    /// <summary>A token's number, or a type's.</summary>
    internal int NonNegative(string name, int otherwise) => Int(name, otherwise) is >= 0 and int value ? value
        : throw new FormatException($"{name} of {Place} is less than 0");

    /// <summary>A string's text.</summary>
    /// <exception cref="FormatException">It has half of a code point.</exception>
    internal static string TextOf(JsonElement element)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException problem)
        {
            throw new FormatException("a text with half of a code point", problem);
        }
    }
}
