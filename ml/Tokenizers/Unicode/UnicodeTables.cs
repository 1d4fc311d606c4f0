using System.Globalization;
using VecSQL.Core.Errors;

namespace VecSQL.Ml.Tokenizers.Unicode;

/// <summary>The tables of <c>tables.txt</c>, read once.</summary>
/// <remarks>
/// Layout: lines of a word and code points in hexadecimal. <c>removed chinese punctuation digit accent mark</c>: a range
/// of a set. <c>lower</c>: a code point and its lower case. <c>class</c>: a mark and its combining class, in decimal.
/// <c>compose</c> and <c>decompose</c>: a code point and its full canonical decomposition, which composes back to it, or
/// does not. <c>compatible</c>: its full compatible one, where that differs.
/// </remarks>
internal sealed class UnicodeTables
{
    internal static readonly UnicodeTables Instance = new();

    private UnicodeTables()
    {
        using Stream stream = typeof(UnicodeTables).Assembly.GetManifestResourceStream("VecSQL.Ml.Unicode")
            ?? throw new InvalidOperationException("the program is built without its tables of Unicode");
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
            Add(line.Split(' '));
        foreach (int[] decomposition in Canonical.Values.Concat(Compatible.Values))
            Normal.UnionWith(decomposition.Where(Classes.ContainsKey));
        Normal.UnionWith(Canonical.Keys.Concat(Compatible.Keys).Concat(Classes.Keys));
        AddCompositions();
    }

    internal List<(CodePointKinds Kind, int From, int To)> Sets { get; } = [];

    internal Dictionary<int, string> Lower { get; } = [];

    internal Dictionary<int, byte> Classes { get; } = [];

    internal Dictionary<int, int[]> Canonical { get; } = [];

    internal Dictionary<int, int[]> Compatible { get; } = [];

    /// <summary>Two code points that compose, and what they compose to.</summary>
    internal Dictionary<(int First, int Second), int> Compositions { get; } = [];

    /// <summary>Code points that may change in a normal form; Hangul not among them.</summary>
    internal HashSet<int> Normal { get; } = [];

    private HashSet<int> Composing { get; } = [];

    private void Add(string[] words)
    {
        int first = Hex(words[1]);
        switch (words[0])
        {
            case "lower":
                Lower[first] = string.Concat(words.Skip(2).Select(word => char.ConvertFromUtf32(Hex(word))));
                break;
            case "class":
                Classes[first] = byte.Parse(words[2], CultureInfo.InvariantCulture);
                break;
            case "compose":
                Composing.Add(first);
                goto case "decompose";
            case "decompose":
                Canonical[first] = [.. words.Skip(2).Select(Hex)];
                break;
            case "compatible":
                Compatible[first] = [.. words.Skip(2).Select(Hex)];
                break;
            default:
                Sets.Add((KindOf(words[0]), first, Hex(words[2])));
                break;
        }
    }

    /// <summary>A code point composes of what all but the last of its decomposition compose to, and the last.</summary>
    private void AddCompositions()
    {
        foreach (int composed in Composing.OrderBy(point => Canonical[point].Length))
        {
            int[] parts = Canonical[composed];
            int first = parts[0];
            foreach (int part in parts.AsSpan(1, parts.Length - 2))
                first = Compositions.GetValueOrDefault((first, part), -1);
            Invariant.Holds(first >= 0, "compositions build on one another");
            Compositions[(first, parts[^1])] = composed;
            Normal.Add(first);
            Normal.Add(parts[^1]);
        }
    }

    private static CodePointKinds KindOf(string word) => word switch
    {
        "removed" => CodePointKinds.Removed,
        "chinese" => CodePointKinds.Chinese,
        "punctuation" => CodePointKinds.Punctuation,
        "digit" => CodePointKinds.Digit,
        "accent" => CodePointKinds.Accent,
        "mark" => CodePointKinds.Mark,
        _ => throw new InvalidOperationException($"tables of Unicode have no \"{word}\""),
    };

    private static int Hex(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
