using System.Globalization;
using System.Reflection;

namespace VecSQL.Bench.Tpch.Queries;

/// <summary>A query by its name in the specification, q01 to q22.</summary>
internal sealed record Query(string Name, string Sql);

/// <summary>The 22 queries with the specification's parameters for validation.</summary>
internal static class QueryTexts
{
    /// <param name="scale">One query asks for a share of the whole that hangs on it.</param>
    internal static IReadOnlyList<Query> For(double scale)
    {
        Assembly assembly = typeof(QueryTexts).Assembly;
        string fraction = (0.0001m / (decimal)scale).ToString("0.##############", CultureInfo.InvariantCulture);
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith('q')).Order(StringComparer.Ordinal)
            .Select(name => new Query(name, Read(assembly, name).Replace("{fraction}", fraction, StringComparison.Ordinal)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in the assembly");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd().Trim();
    }
}
