using System.Globalization;

namespace VecSQL.Differential.Tests.Generation;

/// <summary>A line of <c>Expressions.txt</c>, <c>Aggregates.txt</c> or <c>Failures.txt</c>.</summary>
/// <param name="Bound">The largest magnitude of the result; null where it is that of the operands.</param>
/// <param name="Pieces">Texts and placeholders in turn; a placeholder begins with a brace.</param>
internal sealed record Template(SqlKind Kind, double? Bound, IReadOnlyList<string> Pieces)
{
    private static readonly IReadOnlyList<SqlKind> Kinds = SqlKind.All;

    public static ILookup<SqlKind, Template> Expressions { get; } = Read("Expressions.txt");

    public static ILookup<SqlKind, Template> Aggregates { get; } = Read("Aggregates.txt");

    /// <summary>Those that fail for some values.</summary>
    public static IReadOnlyList<Template> Failures { get; } = [.. Read("Failures.txt").SelectMany(templates => templates)];

    private static ILookup<SqlKind, Template> Read(string name)
    {
        using Stream stream = typeof(Template).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not among the resources");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(Parse)
            .ToLookup(template => template.Kind);
    }

    private static Template Parse(string line)
    {
        int bar = line.IndexOf(" | ", StringComparison.Ordinal);
        string[] head = line[..bar].Split(' ');
        return new Template(SqlKind.Named(head[0]), head.Length > 1 ? double.Parse(head[1], CultureInfo.InvariantCulture) : null,
            [.. Cut(line[(bar + 3)..])]);
    }

    private static IEnumerable<string> Cut(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '{' || i + 1 == text.Length || !(char.IsAsciiLetter(text[i + 1]) || text[i + 1] is '=' or '?'))
                continue;
            if (i > start)
                yield return text[start..i];
            int depth = 1, end = i + 1;
            for (; depth > 0; end++)
                depth += text[end] == '{' ? 1 : text[end] == '}' ? -1 : 0;
            yield return text[i..end];
            start = end;
            i = end - 1;
        }
        if (start < text.Length)
            yield return text[start..];
    }
}
