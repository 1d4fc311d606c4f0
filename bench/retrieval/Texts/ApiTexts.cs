using System.Runtime.InteropServices;
using System.Text;
using System.Xml;

namespace VecSQL.Bench.Retrieval.Texts;

/// <summary>The documentation of the SDK's own library: of each member its signature, what it does, and what it returns.</summary>
internal static class ApiTexts
{
    /// <summary>What a member does, and its name with those of its parameters.</summary>
    internal static IEnumerable<TextPair> Signatures() => Members().Where(static member => member.Summary.Length >= 30)
        .Select(static member => new TextPair(member.Summary, member.Signature, member.Type));

    /// <summary>What a method returns, and what it does: said by the same people in other words.</summary>
    internal static IEnumerable<TextPair> Returns() =>
        Members().Where(static member => member.Summary.Length >= 30 && member.Returns.Length >= 30)
            .Select(static member => new TextPair(member.Returns, member.Summary, member.Type));

    private static IEnumerable<Member> Members()
    {
        string packs = Path.Combine(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..")), "packs");
        if (!Directory.Exists(packs))
            yield break;
        HashSet<string> seen = [];
        foreach (string file in Directory.EnumerateFiles(packs, "*.xml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using XmlReader reader = XmlReader.Create(file, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, Name: "member" } && reader.GetAttribute("name") is { Length: > 2 } name
                    && seen.Add(name) && Read(name, reader) is { } member)
                    yield return member;
            }
        }
    }

    private static Member? Read(string name, XmlReader reader)
    {
        string summary = "", returns = "";
        List<string> parameters = [];
        using XmlReader member = reader.ReadSubtree();
        member.Read();
        while (!member.EOF)
        {
            if (member.NodeType == XmlNodeType.Element && member.Depth == 1)
            {
                switch (member.Name)
                {
                    case "summary":
                        summary = Text(member);
                        continue;
                    case "returns":
                        returns = Text(member);
                        continue;
                    case "param" when member.GetAttribute("name") is { } parameter:
                        parameters.Add(parameter);
                        break;
                }
            }
            member.Read();
        }
        string path = name[2..];
        int arguments = path.IndexOf('(', StringComparison.Ordinal);
        path = (arguments < 0 ? path : path[..arguments]).Replace("#ctor", "constructor", StringComparison.Ordinal);
        int last = path.LastIndexOf('.');
        string type = name[0] == 'T' || last < 0 ? path : path[..last];
        return summary.Length == 0 ? null : new Member(type, $"{path} {string.Join(' ', parameters)}", summary, returns);
    }

    /// <summary>The element's words, with names for references; the reader stands behind it.</summary>
    private static string Text(XmlReader reader)
    {
        StringBuilder text = new();
        using (XmlReader element = reader.ReadSubtree())
        {
            while (element.Read())
            {
                if (element.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace)
                    text.Append(element.Value);
                else if (element.NodeType == XmlNodeType.Element && element.Depth > 0)
                    text.Append(' ').Append(Name(element.GetAttribute("cref") ?? element.GetAttribute("name") ?? element.GetAttribute("langword")));
            }
        }
        reader.Skip();
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Name(string? reference)
    {
        if (reference is null)
            return "";
        int arguments = reference.IndexOf('(', StringComparison.Ordinal);
        string path = arguments < 0 ? reference : reference[..arguments];
        return path[(path.LastIndexOf('.') + 1)..];
    }

    private sealed record Member(string Type, string Signature, string Summary, string Returns);
}
