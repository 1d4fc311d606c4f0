using System.Globalization;
using System.Text;

namespace VecSQL.Catalog.Objects;

/// <summary>How a text names a model: <c>name</c> or <c>name@version</c>.</summary>
public readonly record struct ModelName(string Name, int? Version)
{
    private const int BytesMax = 63;

    private const char VersionSign = '@';

    /// <summary>The text as a name and, where its end is one, the number of a version.</summary>
    public static ModelName Read(string text)
    {
        int at = text.LastIndexOf(VersionSign);
        return at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int version)
            ? new ModelName(text[..at], version)
            : new ModelName(text, null);
    }

    /// <summary>Whether a model may be called so: what texts need for saying more than a name is in no name.</summary>
    public static bool IsAllowed(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= BytesMax
        && !name.AsSpan().ContainsAny("@'\"\\") && !name.Any(static letter => char.IsControl(letter) || letter is >= '\uE000' and <= '\uF8FF');

    public override string ToString() => Version is { } version
        ? string.Create(CultureInfo.InvariantCulture, $"{Name}{VersionSign}{version}")
        : Name;
}
