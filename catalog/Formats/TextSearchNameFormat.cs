using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Formats;

/// <summary>regconfig and regdictionary: object ids that read and print as names.</summary>
/// <remarks>There are none but those built in, so no session is asked, and a literal is a constant.</remarks>
internal sealed class TextSearchNameFormat(string what, IReadOnlyList<(uint Oid, string Name)> known) : NamedOidFormat
{
    private const string Schema = "pg_catalog";

    private protected override string? NameOf(uint oid, FormatContext context) => known.FirstOrDefault(entry => entry.Oid == oid).Name;

    private protected override uint Find(string text, FormatContext context)
    {
        string[] parts = [.. text.Split('.').Select(static part => Fold(part.Trim()))];
        foreach ((uint oid, string name) in known)
        {
            if (parts[^1] == name && (parts.Length == 1 || parts is [Schema, _]))
                return oid;
        }
        throw new SqlException(SqlState.UndefinedObject, $"text search {what} \"{string.Join('.', parts)}\" does not exist");
    }

    private static string Fold(string part) => part is ['"', .. var inner, '"']
        ? inner.Replace("\"\"", "\"", StringComparison.Ordinal) : part.ToLowerInvariant();
}
