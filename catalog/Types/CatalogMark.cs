using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;

namespace VecSQL.Catalog.Types;

/// <summary>Stands in texts for what only a catalog can name: types, functions and models that users make, and labels of enumerated types.</summary>
/// <remarks>
/// Who raises an error need not have a catalog; the session, which has, puts the names in before anybody reads the message. And SQL that
/// is kept, such as a column's default, has marks for names, so that these may change: a mark is a name of its type, and a text of its value.
/// Layout: U+E000, the type's object id in decimal, for a value of it a colon and the value, U+E001; of a function its id behind an f;
/// of a model behind an m, for a version of it an @ and the number. To SQL's lexer it is an identifier. The built-in model's name never changes, and needs no mark.
/// </remarks>
public static class CatalogMark
{
    private const char Begin = '\uE000', End = '\uE001', FunctionSign = 'f', ModelSign = 'm', VersionSign = '@';

    /// <summary>Stands for a type's name.</summary>
    public static string OfType(uint typeOid) => string.Create(CultureInfo.InvariantCulture, $"{Begin}{typeOid}{End}");

    /// <summary>Stands for a function's name.</summary>
    public static string OfFunction(uint oid) => string.Create(CultureInfo.InvariantCulture, $"{Begin}{FunctionSign}{oid}{End}");

    /// <summary>Stands for a label of an enumerated type.</summary>
    public static string OfLabel(uint typeOid, long key) =>
        string.Create(CultureInfo.InvariantCulture, $"{Begin}{typeOid}:{key}{End}");

    /// <summary>Stands for the text by which a model is named in calls of embed().</summary>
    /// <param name="version">Null where the text names none.</param>
    public static string OfModel(uint oid, int? version) => oid == ModelEntry.BuiltInOid
        ? new ModelName(ModelEntry.BuiltIn.Name, version).ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{Begin}{ModelSign}{new ModelName($"{oid}", version)}{End}");

    public static bool IsIn([NotNullWhen(true)] string? text) => text is not null && text.Contains(Begin);

    /// <summary>Whether the text has a mark of the function.</summary>
    public static bool MentionsFunction(string? text, uint oid) =>
        IsIn(text) && text.Contains(OfFunction(oid), StringComparison.Ordinal);

    /// <summary>Whether the text has a mark of the model: of the version, or where none is given, of any or none.</summary>
    public static bool MentionsModel(string? text, uint oid, int? version = null)
    {
        if (!IsIn(text))
            return false;
        if (version is not null)
            return text.Contains(OfModel(oid, version), StringComparison.Ordinal);
        string begin = OfModel(oid, null)[..^1];
        return text.Contains(begin + End, StringComparison.Ordinal) || text.Contains(begin + VersionSign, StringComparison.Ordinal);
    }

    /// <summary>Reads a whole text that is the mark of a model.</summary>
    public static bool TryReadModel(string text, out uint oid, out int? version)
    {
        (oid, version) = (0, null);
        if (text.Length <= 3 || text[0] != Begin || text[1] != ModelSign || text[^1] != End)
            return false;
        ModelName named = ModelName.Read(text[2..^1]);
        version = named.Version;
        return uint.TryParse(named.Name, NumberStyles.None, CultureInfo.InvariantCulture, out oid);
    }

    /// <summary>Reads a whole text that is the mark of a function.</summary>
    public static bool TryReadFunction(string text, out uint oid)
    {
        oid = 0;
        return text.Length > 3 && text[0] == Begin && text[1] == FunctionSign && text[^1] == End
            && uint.TryParse(text.AsSpan(2..^1), NumberStyles.None, CultureInfo.InvariantCulture, out oid);
    }

    /// <summary>Whether the text has a mark of the type or of a value of it.</summary>
    public static bool Mentions(string? text, uint typeOid)
    {
        if (!IsIn(text))
            return false;
        string begin = string.Create(CultureInfo.InvariantCulture, $"{Begin}{typeOid}");
        for (int at = text.IndexOf(begin, StringComparison.Ordinal); at >= 0; at = text.IndexOf(begin, at + 1, StringComparison.Ordinal))
        {
            if (at + begin.Length < text.Length && text[at + begin.Length] is ':' or End)
                return true;
        }
        return false;
    }

    /// <summary>Reads a whole text that is the mark of a type.</summary>
    public static bool TryReadType(string text, out uint typeOid)
    {
        typeOid = 0;
        return text.Length > 2 && text[0] == Begin && text[^1] == End
            && uint.TryParse(text.AsSpan(1..^1), NumberStyles.None, CultureInfo.InvariantCulture, out typeOid);
    }

    /// <summary>Reads a whole text that is the mark of a value of the type.</summary>
    public static bool TryReadLabel(string text, uint typeOid, out long key)
    {
        key = 0;
        string begin = string.Create(CultureInfo.InvariantCulture, $"{Begin}{typeOid}:");
        return text.StartsWith(begin, StringComparison.Ordinal) && text[^1] == End
            && long.TryParse(text.AsSpan(begin.Length..^1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out key);
    }

    /// <summary>The text with names in the marks' places.</summary>
    public static string Resolve(string text, IObjectNames names)
    {
        if (!IsIn(text))
            return text;
        StringBuilder resolved = new(text.Length);
        int at = 0;
        while (text.IndexOf(Begin, at) is >= 0 and var begin && text.IndexOf(End, begin) is >= 0 and var end)
        {
            string? name = NameOf(text.AsSpan((begin + 1)..end), names);
            // A printer of SQL may have put quotes around what it took for a name; the name comes with those that it needs.
            bool isQuoted = name is not null && begin > at && text[begin - 1] == '"' && end + 1 < text.Length && text[end + 1] == '"';
            resolved.Append(text, at, begin - at - (isQuoted ? 1 : 0)).Append(name ?? text[begin..(end + 1)]);
            at = end + (isQuoted ? 2 : 1);
        }
        return resolved.Append(text, at, text.Length - at).ToString();
    }

    private static string? NameOf(ReadOnlySpan<char> mark, IObjectNames names)
    {
        if (mark.Length > 0 && mark[0] == FunctionSign)
        {
            return uint.TryParse(mark[1..], NumberStyles.None, CultureInfo.InvariantCulture, out uint function)
                ? names.NameOf(TypeOid.RegProc, function) : null;
        }
        if (mark.Length > 0 && mark[0] == ModelSign)
        {
            ModelName named = ModelName.Read(mark[1..].ToString());
            return uint.TryParse(named.Name, NumberStyles.None, CultureInfo.InvariantCulture, out uint model)
                && names.FindModel(model) is { } found ? (named with { Name = found.Name }).ToString() : null;
        }
        int colon = mark.IndexOf(':');
        if (!uint.TryParse(colon < 0 ? mark : mark[..colon], NumberStyles.None, CultureInfo.InvariantCulture, out uint oid))
            return null;
        if (colon < 0)
            return names.NameOf(TypeOid.RegType, oid) ?? "???";
        bool isKey = long.TryParse(mark[(colon + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long key);
        return isKey && names.FindType(oid) is EnumTypeEntry type ? type.FindLabel(key)?.Name : null;
    }
}
