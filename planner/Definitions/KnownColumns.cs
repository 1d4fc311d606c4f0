using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Definitions;

/// <summary>What kept queries say of a table's columns: which ones there were.</summary>
/// <remarks>
/// A column that is added later must not meet those that a join merges, nor take a place in a join's list of names.
/// Layout: the last name of the alias's list; U+E000, c, the number of the last column, U+E001.
/// </remarks>
internal static class KnownColumns
{
    private const char Begin = '\uE000', End = '\uE001', Sign = 'c';

    internal static string MarkOf(short last) => string.Create(CultureInfo.InvariantCulture, $"{Begin}{Sign}{last}{End}");

    /// <summary>The alias without a mark, and the number of the last column that the query knows.</summary>
    internal static (TableAlias? Alias, short Last) Read(TableEntry table, TableAlias? alias)
    {
        short last = (short)table.Columns.Length;
        if (alias is not { Columns: [.., { Length: > 3 } mark] names } || mark[0] != Begin || mark[1] != Sign
            || !short.TryParse(mark.AsSpan(2..^1), NumberStyles.None, CultureInfo.InvariantCulture, out short known))
            return (alias, last);
        bool isOwn = names.Count == 1 && alias.Name == table.Name;
        return (isOwn ? null : alias with { Columns = [.. names.Take(names.Count - 1)] }, known);
    }
}
