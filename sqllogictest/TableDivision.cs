using System.Globalization;

namespace VecSQL.SqlLogicTest;

/// <summary>How the tables of a run are divided.</summary>
/// <param name="Shards">Of tables that do not say how many they have.</param>
/// <param name="IsDistributed">Plans are cut as for shards of other nodes.</param>
public sealed record TableDivision(int Shards, bool IsDistributed)
{
    /// <summary>As the server has it by itself.</summary>
    public static TableDivision None { get; } = new(1, false);

    /// <summary>What records may ask for by skipif and onlyif.</summary>
    internal IEnumerable<string> Names => [.. Shards > 1 ? new[] { "shards" } : [], .. IsDistributed ? new[] { "distributed" } : []];

    /// <summary>Settings that bring it about.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Settings =>
    [
        .. Shards > 1 ? new[] { KeyValuePair.Create("vecsql.default_shards", Shards.ToString(CultureInfo.InvariantCulture)) } : [],
        .. IsDistributed ? new[] { KeyValuePair.Create("vecsql.distribution", "always") } : [],
    ];
}
