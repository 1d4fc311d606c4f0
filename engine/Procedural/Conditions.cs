using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;

namespace VecSQL.Engine.Procedural;

/// <summary>Names of conditions, as WHEN and RAISE have them, and the SQLSTATEs they stand for.</summary>
internal static class Conditions
{
    /// <summary>ASSERT failed.</summary>
    private const string AssertFailure = "P0004";

    private static readonly ILookup<string, string> Codes =
        DataFile.Lines("Conditions.txt").ToLookup(static line => line[1], static line => line[0]);

    /// <exception cref="SqlException">42704: there is no such condition.</exception>
    internal static void Require(string condition)
    {
        if (condition != "others")
            CodeOf(condition);
    }

    /// <summary>The SQLSTATE of a name, or of a colon and a SQLSTATE.</summary>
    /// <exception cref="SqlException">42704: there is no such condition.</exception>
    internal static string CodeOf(string condition) => condition[0] == ':' ? condition[1..] : FindCode(condition) ?? throw Unknown(condition);

    /// <summary>The SQLSTATE of a name, the first of several; null where there is no such condition.</summary>
    internal static string? FindCode(string name) => Codes[name].FirstOrDefault();

    internal static SqlException Unknown(string name) => new(SqlState.UndefinedObject, $"unrecognized exception condition \"{name}\"");

    /// <summary>Whether a condition of WHEN is met: by its own SQLSTATEs, by their class, or by anything for OTHERS, but not by a statement
    /// that was cancelled, nor by ASSERT.</summary>
    internal static bool IsMet(string condition, SqlState state)
    {
        if (condition == "others")
            return state != SqlState.QueryCanceled && state.Code != AssertFailure;
        return condition[0] == ':' ? IsOf(condition[1..], state) : Codes[condition].Any(code => IsOf(code, state));
    }

    private static bool IsOf(string code, SqlState state) => code == state.Code
        || (code.EndsWith("000", StringComparison.Ordinal) && state.Code.StartsWith(code[..2], StringComparison.Ordinal));
}
