namespace VecSQL.Executor.Operators.Scans;

/// <summary>When a search by an index asks which rows pass its filter.</summary>
internal enum FilterStrategy
{
    /// <summary>Whenever costs least.</summary>
    Auto,

    /// <summary>In the cells that are probed, of the rows that codes do not rule out.</summary>
    InWalk,

    /// <summary>Before: of all rows.</summary>
    Prefilter,

    /// <summary>Afterwards, of the rows that were found.</summary>
    Postfilter,
}

/// <summary>The strategies' names, as the setting and EXPLAIN have them.</summary>
internal static class FilterStrategies
{
    internal const string Setting = "vecsql.filter_strategy";

    internal static string NameOf(FilterStrategy strategy) => strategy switch
    {
        FilterStrategy.InWalk => "in_walk",
        FilterStrategy.Prefilter => "prefilter",
        FilterStrategy.Postfilter => "postfilter",
        _ => "auto",
    };

    internal static FilterStrategy Parse(string? name) => name switch
    {
        "in_walk" => FilterStrategy.InWalk,
        "prefilter" => FilterStrategy.Prefilter,
        "postfilter" => FilterStrategy.Postfilter,
        _ => FilterStrategy.Auto,
    };
}
