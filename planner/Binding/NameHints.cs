using VecSQL.Core.Errors;

namespace VecSQL.Planner.Binding;

/// <summary>
/// What to say when a name is not found: the nearest name, or why a table that exists cannot be referred to.
/// </summary>
/// <remarks>
/// The rules for what is near enough are PostgreSQL's: up to three edits, and at most half of the letters.
/// </remarks>
internal static class NameHints
{
    private const int EditsMax = 3;

    internal static SqlException ColumnNotFound(QueryScope scope, string? table, string column, int position)
    {
        string message = table is null ? $"column \"{column}\" does not exist"
            : $"column {table}.{column} does not exist";
        return new SqlException(SqlState.UndefinedColumn, message, position, ColumnHint(scope, table, column));
    }

    internal static SqlException TableNotFound(QueryScope scope, string table, int position)
    {
        for (QueryScope? level = scope; level is not null; level = level.Parent)
        {
            foreach (NamespaceItem item in level.AllItems)
            {
                if (item.Name == table)
                {
                    return new SqlException(SqlState.UndefinedTable,
                        $"invalid reference to FROM-clause entry for table \"{table}\"", position,
                        $"There is an entry for table \"{table}\", "
                        + "but it cannot be referenced from this part of the query.");
                }
                if (item.Table?.Name == table && item.Name is not null)
                {
                    return new SqlException(SqlState.UndefinedTable,
                        $"invalid reference to FROM-clause entry for table \"{table}\"", position,
                        $"Perhaps you meant to reference the table alias \"{item.Name}\".");
                }
            }
        }
        return new SqlException(SqlState.UndefinedTable, $"missing FROM-clause entry for table \"{table}\"", position);
    }

    private static string? ColumnHint(QueryScope scope, string? table, string column)
    {
        (string Table, string Column)? first = null, second = null;
        int best = EditsMax + 1;
        for (QueryScope? level = scope; level is not null; level = level.Parent)
        {
            foreach (NamespaceItem item in level.AllItems)
            {
                if (item.IsJoin || item.Name is not { } name)
                    continue;
                int penalty = table is null ? 0 : Distance(table, name, EditsMax + 1);
                foreach (NamespaceColumn candidate in item.Columns)
                {
                    if (candidate.Name == column && penalty == 0)
                    {
                        return $"There is a column named \"{column}\" in table \"{name}\", "
                            + "but it cannot be referenced from this part of the query.";
                    }
                    Consider((name, candidate.Name), column, penalty, ref best, ref first, ref second);
                }
            }
        }
        if (first is not { } nearest)
            return null;
        return second is { } other
            ? $"Perhaps you meant to reference the column \"{nearest.Table}.{nearest.Column}\" "
                + $"or the column \"{other.Table}.{other.Column}\"."
            : $"Perhaps you meant to reference the column \"{nearest.Table}.{nearest.Column}\".";
    }

    private static void Consider(
        (string Table, string Column) candidate, string wanted, int penalty, ref int best,
        ref (string Table, string Column)? first, ref (string Table, string Column)? second)
    {
        if (penalty > best)
            return;
        int distance = Distance(wanted, candidate.Column, best + 1 - penalty);
        if (distance > wanted.Length / 2)
            return;
        distance += penalty;
        if (distance < best)
        {
            (best, first, second) = (distance, candidate, null);
        }
        else if (distance == best)
        {
            if (second is not null)
                (best, first, second) = (distance - 1, null, null); // three are no help
            else if (first is not null)
                second = candidate;
            else
                first = candidate;
        }
    }

    /// <summary>Edits from one word to the other; anything above the limit where it is exceeded.</summary>
    internal static int Distance(string source, string target, int limit)
    {
        if (Math.Abs(source.Length - target.Length) > limit)
            return limit + 1;
        int[] previous = new int[target.Length + 1], current = new int[target.Length + 1];
        for (int j = 0; j <= target.Length; j++)
            previous[j] = j;
        for (int i = 1; i <= source.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= target.Length; j++)
            {
                int replaced = previous[j - 1] + (source[i - 1] == target[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }
            (previous, current) = (current, previous);
        }
        return previous[target.Length];
    }
}
