using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;

namespace VecSQL.Server.Demo;

/// <summary>One entry of an API's documentation.</summary>
/// <param name="Kind">type, method, property, field, event or namespace.</param>
internal sealed record ApiDoc(string Assembly, string Kind, string Member, string Summary)
{
    /// <summary>A value in COPY's text format.</summary>
    public static string Escape(string value) =>
        value.Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r");
}

/// <summary>The real text of the demo: the summaries in the XML documentation of the SDK's reference packs.</summary>
internal static partial class ApiDocs
{
    /// <summary>The documentation files that came with the .NET SDK that runs this; empty where they are missing.</summary>
    public static IReadOnlyList<string> FindFiles()
    {
        // …/dotnet/shared/Microsoft.NETCore.App/10.0.1/ lies beside …/dotnet/packs/Microsoft.NETCore.App.Ref/10.0.1/ref/net10.0/
        string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string packs = Path.Combine(root, "packs");
        if (!Directory.Exists(packs))
            return [];
        return Directory.EnumerateDirectories(packs, "*.Ref")
            .Select(pack => Directory.EnumerateDirectories(pack).OrderBy(version => version, StringComparer.Ordinal).LastOrDefault())
            .OfType<string>()
            .SelectMany(version => Directory.EnumerateFiles(version, "*.xml", SearchOption.AllDirectories))
            .Where(file => file.Contains($"{Path.DirectorySeparatorChar}ref{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .OrderBy(file => file, StringComparer.Ordinal)
            .ToArray();
    }

    /// <summary>Reads the entries of a documentation file that have a summary.</summary>
    public static IEnumerable<ApiDoc> Read(string file)
    {
        using XmlReader reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
        string assembly = Path.GetFileNameWithoutExtension(file);
        while (reader.Read())
        {
            if (reader is not { NodeType: XmlNodeType.Element, Name: "member" } || reader.GetAttribute("name") is not { } name)
                continue;
            if (name.Length < 3 || KindOf(name[0]) is not { } kind)
                continue;
            using XmlReader member = reader.ReadSubtree();
            if (ReadSummary(member) is { Length: > 0 } summary)
                yield return new ApiDoc(assembly, kind, name[2..], summary);
        }
    }

    /// <summary>The project's own sample, for machines without the SDK's files: lines of four fields apart by tabs.</summary>
    public static IEnumerable<ApiDoc> ReadSample()
    {
        using Stream stream = typeof(ApiDocs).Assembly.GetManifestResourceStream("sample.tsv")
            ?? throw new InvalidOperationException("the sample is missing from the build");
        using StreamReader reader = new(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (line.Split('\t') is [var assembly, var kind, var member, var summary])
                yield return new ApiDoc(assembly, kind, member, summary);
        }
    }

    private static string? KindOf(char prefix) => prefix switch
    {
        'T' => "type",
        'M' => "method",
        'P' => "property",
        'F' => "field",
        'E' => "event",
        'N' => "namespace",
        _ => null,
    };

    private static string? ReadSummary(XmlReader member)
    {
        if (!member.ReadToFollowing("summary"))
            return null;
        StringBuilder text = new();
        using XmlReader summary = member.ReadSubtree();
        while (summary.Read())
        {
            switch (summary.NodeType)
            {
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    text.Append(summary.Value);
                    break;
                case XmlNodeType.Element when summary.GetAttribute("cref") is { Length: > 2 } cref:
                    text.Append(ShortName(cref[2..]));
                    break;
                case XmlNodeType.Element when (summary.GetAttribute("name") ?? summary.GetAttribute("langword")) is { } word:
                    text.Append(word);
                    break;
            }
        }
        return Blanks().Replace(text.ToString(), " ").Trim();
    }

    /// <summary>System.IO.Stream.Read(System.Byte[]) as people say it: Stream.Read.</summary>
    private static string ShortName(string cref)
    {
        int arguments = cref.IndexOf('(', StringComparison.Ordinal);
        string[] parts = (arguments < 0 ? cref : cref[..arguments]).Split('.');
        string name = parts.Length > 1 && char.IsUpper(parts[^2][0]) && arguments >= 0 ? $"{parts[^2]}.{parts[^1]}" : parts[^1];
        int arity = name.IndexOf('`', StringComparison.Ordinal);
        return arity < 0 ? name : name[..arity];
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
