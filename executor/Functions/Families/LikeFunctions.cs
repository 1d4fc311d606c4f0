using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Families;

/// <summary>LIKE, ILIKE and their pattern helpers.</summary>
internal static class LikeFunctions
{
    public static void Define(FunctionTable table)
    {
        foreach (string type in (string[])["text", "name"])
        {
            Like(table, type + "like", isNegated: false, ignoresCase: false);
            Like(table, type + "nlike", isNegated: true, ignoresCase: false);
            Like(table, type + "iclike", isNegated: false, ignoresCase: true);
            Like(table, type + "icnlike", isNegated: true, ignoresCase: true);
        }
        Like(table, "bytealike", isNegated: false, ignoresCase: false, isCharacters: false);
        Like(table, "byteanlike", isNegated: true, ignoresCase: false, isCharacters: false);
        table.Binary("like_escape", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(ReplaceEscape(row.Text(0), row.Text(1))));
        // As many characters as bytes: the pattern is made by the same rules.
        table.Binary("like_escape_bytea", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(Encoding.Latin1.GetBytes(ReplaceEscape(
                Encoding.Latin1.GetString(row.Bytes(0)), Encoding.Latin1.GetString(row.Bytes(1))))));
        table.Binary("similar_escape", static (in Row row, BinaryColumnBuilder target) =>
        {
            if (row.IsNull(0))
                target.AppendNull();
            else
                target.Append(SimilarPattern.ToRegex(row.Text(0), row.IsNull(1) ? "\\" : row.Text(1)));
        });
        table.Binary("similar_to_escape_2", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SimilarPattern.ToRegex(row.Text(0), row.Text(1))));
        table.Binary("similar_to_escape_1", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(SimilarPattern.ToRegex(row.Text(0), "\\")));
    }

    private static void Like(
        FunctionTable table, string name, bool isNegated, bool ignoresCase, bool isCharacters = true) =>
        table.Site(name, _ =>
        {
            var patterns = new LastUsed<LikePattern>(pattern => LikePattern.Parse(pattern, isCharacters));
            if (!ignoresCase)
                return RowFunctions.Bool((in Row row) => patterns.Get(row.Bytes(1)).Matches(row.Bytes(0)) != isNegated);
            return RowFunctions.Bool((in Row row) =>
                patterns.Get(Lower(row.Bytes(1))).Matches(Lower(row.Bytes(0))) != isNegated);
        });

    [ThreadStatic]
    private static BinaryColumnBuilder? _scratch;

    private static ReadOnlySpan<byte> Lower(ReadOnlySpan<byte> text)
    {
        BinaryColumnBuilder scratch = _scratch ??= new BinaryColumnBuilder();
        Casing.Lower(text, scratch);
        return ((BinaryColumn)scratch.Build())[0];
    }

    /// <summary>Makes a pattern with another escape character one with a backslash.</summary>
    private static string ReplaceEscape(string pattern, string escape)
    {
        if (escape.Length == 0)
            return pattern.Replace("\\", "\\\\"); // no escape character: a backslash is plain
        SimilarPattern.CheckEscape(escape);
        if (escape == "\\")
            return pattern;
        var result = new System.Text.StringBuilder(pattern.Length);
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern.AsSpan(i).StartsWith(escape))
            {
                result.Append('\\');
                i += escape.Length;
                if (i < pattern.Length)
                    result.Append(pattern[i]);
            }
            else if (pattern[i] == '\\')
            {
                result.Append("\\\\");
            }
            else
            {
                result.Append(pattern[i]);
            }
        }
        return result.ToString();
    }
}
