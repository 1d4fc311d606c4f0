using VecSQL.Bench.Recall.Data;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall;

/// <summary>Which data set to measure with, as the command line names it.</summary>
/// <param name="Name">100k, 1m, 768, text, ROWSxDIMENSIONS, or a file.</param>
/// <param name="Metric">Null for what fits the data.</param>
internal sealed record DataChoice(string Name, string? QueryFile, DistanceMetric? Metric, int QueryCount, ulong Seed, int ClusterCount)
{
    /// <exception cref="ArgumentException">There is no such data set.</exception>
    public DataSet Make(int threads) => Name switch
    {
        "100k" => Generate(100_000, 128, Metric ?? DistanceMetric.L2, threads),
        "1m" => Generate(1_000_000, 128, Metric ?? DistanceMetric.L2, threads),
        "768" => Generate(100_000, 768, Metric ?? DistanceMetric.Cosine, threads),
        "text" => OfTexts("API documentation", TextVectors.OfDemo()),
        _ when Name.EndsWith(".txt", StringComparison.Ordinal) => OfTexts(
            Path.GetFileNameWithoutExtension(Name), [.. File.ReadLines(Name).Where(line => line.Length > 0).Distinct()]),
        _ when VectorFiles.IsKnown(Name) => OfFile(),
        _ when Name.Split('x') is [var rows, var dimensions] && int.TryParse(rows, out int count)
            && int.TryParse(dimensions, out int width) && count > 0 && width > 0 => Generate(count, width, Metric ?? DistanceMetric.L2, threads),
        _ => throw new ArgumentException($"there is no data set \"{Name}\"; --help says which there are"),
    };

    private DataSet Generate(int rows, int dimensions, DistanceMetric metric, int threads)
    {
        ClusteredGenerator generator = new(dimensions, Seed, ClusterCount);
        return new DataSet($"{rows:N0} x {dimensions} clustered, seed {Seed}", metric,
            generator.Rows(rows, threads), generator.Queries(QueryCount, threads));
    }

    private DataSet OfTexts(string name, string[] texts)
    {
        (VectorSet rows, VectorSet queries) = TextVectors.Embed(texts, QueryCount, Seed);
        return new DataSet($"{rows.Count:N0} x {rows.Dimensions} texts: {name}", Metric ?? DistanceMetric.Cosine, rows, queries);
    }

    // Without a file of queries the last rows are held out.
    private DataSet OfFile()
    {
        VectorSet rows = VectorFiles.ReadVectors(Name);
        VectorSet queries = QueryFile is not null
            ? VectorFiles.ReadVectors(QueryFile, QueryCount)
            : rows with { Values = rows.Values[(Math.Max(rows.Count / 2, rows.Count - QueryCount) * rows.Dimensions)..] };
        if (QueryFile is null)
            rows = rows.First(rows.Count - queries.Count);
        if (queries.Dimensions != rows.Dimensions)
            throw new ArgumentException($"queries of {queries.Dimensions} dimensions for rows of {rows.Dimensions}");
        return new DataSet($"{rows.Count:N0} x {rows.Dimensions} of {Path.GetFileName(Name)}", Metric ?? DistanceMetric.L2, rows, queries);
    }
}
