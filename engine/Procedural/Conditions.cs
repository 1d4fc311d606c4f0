using System.Collections.Frozen;
using System.Reflection;
using System.Text;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Procedural;

/// <summary>Names of conditions, as WHEN and RAISE have them, and the SQLSTATEs they stand for.</summary>
internal static class Conditions
{
    private static readonly FrozenDictionary<string, string> ByName = typeof(SqlState)
        .GetFields(BindingFlags.Public | BindingFlags.Static).Where(static field => field.FieldType == typeof(SqlState))
        .ToFrozenDictionary(static field => NameOf(field.Name), static field => ((SqlState?)field.GetValue(null))?.Code ?? "");

    /// <summary>The SQLSTATE of a name, or of a colon and a SQLSTATE.</summary>
    /// <exception cref="SqlException">42704: there is no such condition.</exception>
    internal static string CodeOf(string condition) => condition[0] == ':' ? condition[1..]
        : ByName.TryGetValue(condition, out string? code) ? code
        : throw new SqlException(SqlState.UndefinedObject, $"unrecognized exception condition \"{condition}\"");

    /// <summary>Whether a condition of WHEN is met: by its own SQLSTATE, by its class, or by anything for OTHERS, but not by a statement that
    /// was cancelled.</summary>
    internal static bool IsMet(string condition, SqlState state)
    {
        if (condition == "others")
            return state != SqlState.QueryCanceled;
        string code = CodeOf(condition);
        return code == state.Code || (code.EndsWith("000", StringComparison.Ordinal) && state.Code.StartsWith(code[..2], StringComparison.Ordinal));
    }

    /// <summary>UniqueViolation as unique_violation.</summary>
    private static string NameOf(string field)
    {
        StringBuilder name = new();
        foreach (char c in field)
        {
            if (char.IsAsciiLetterUpper(c) && name.Length > 0)
                name.Append('_');
            name.Append(char.ToLowerInvariant(c));
        }
        return name.ToString();
    }
}
