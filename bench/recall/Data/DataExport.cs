namespace VecSQL.Bench.Recall.Data;

/// <summary>A data set as files, for programs that are not reached by SQL.</summary>
internal static class DataExport
{
    public static void Write(string directory, DataSet data, GroundTruth truth)
    {
        Directory.CreateDirectory(directory);
        foreach (string kind in new[] { "fvecs", "fbin" })
        {
            VectorFiles.Write(Path.Combine(directory, $"base.{kind}"), data.Rows);
            VectorFiles.Write(Path.Combine(directory, $"queries.{kind}"), data.Queries);
        }
        foreach (string kind in new[] { "ivecs", "ibin" })
            VectorFiles.Write(Path.Combine(directory, $"exact.{kind}"), truth.Nearest);
    }
}
