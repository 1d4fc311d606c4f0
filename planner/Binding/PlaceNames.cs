namespace VecSQL.Planner.Binding;

/// <summary>How messages call the places that expressions stand at.</summary>
internal static class PlaceNames
{
    internal static string Of(ExpressionPlace place) => place switch
    {
        ExpressionPlace.Select => "SELECT",
        ExpressionPlace.Where => "WHERE",
        ExpressionPlace.Having => "HAVING",
        ExpressionPlace.JoinOn => "JOIN conditions",
        ExpressionPlace.MergeWhen => "MERGE WHEN conditions",
        ExpressionPlace.FromFunction => "functions in FROM",
        ExpressionPlace.Filter => "FILTER",
        ExpressionPlace.GroupBy => "GROUP BY",
        ExpressionPlace.OrderBy => "ORDER BY",
        ExpressionPlace.DistinctOn => "DISTINCT ON",
        ExpressionPlace.Limit => "LIMIT",
        ExpressionPlace.Offset => "OFFSET",
        ExpressionPlace.Returning => "RETURNING",
        ExpressionPlace.Values => "VALUES",
        ExpressionPlace.Insert => "INSERT",
        ExpressionPlace.Update => "UPDATE",
        ExpressionPlace.Check => "check constraints",
        ExpressionPlace.Default => "DEFAULT expressions",
        ExpressionPlace.Generated => "column generation expressions",
        ExpressionPlace.CopyWhere => "COPY FROM WHERE conditions",
        ExpressionPlace.Execute => "EXECUTE parameters",
        ExpressionPlace.WindowPartition => "window PARTITION BY",
        ExpressionPlace.WindowOrder => "window ORDER BY",
        _ => "window frames",
    };

    internal static bool AllowsAggregates(ExpressionPlace place) =>
        place is ExpressionPlace.Select or ExpressionPlace.Having
        or ExpressionPlace.OrderBy or ExpressionPlace.DistinctOn or ExpressionPlace.WindowPartition
        or ExpressionPlace.WindowOrder;

    internal static bool AllowsWindows(ExpressionPlace place) =>
        place is ExpressionPlace.Select or ExpressionPlace.OrderBy or ExpressionPlace.DistinctOn;

    internal static bool AllowsSets(ExpressionPlace place) => place is ExpressionPlace.Select or ExpressionPlace.OrderBy
        or ExpressionPlace.GroupBy or ExpressionPlace.DistinctOn or ExpressionPlace.Insert;
}
