namespace VecSQL.Bench.Tpch.Data;

/// <summary>The tables as files, and the statements that make them, in one folder.</summary>
internal static class BarFiles
{
    /// <summary>Writes what is not there yet.</summary>
    internal static void Write(Generator generator, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "schema.sql"), Schema.Tables.Select(table => $"CREATE TABLE {table.Name} ({table.Columns});"));
        foreach (TableDefinition table in Schema.Tables)
        {
            string path = Path.Combine(folder, table.Name + ".tbl"), unfinished = path + ".part";
            if (File.Exists(path))
                continue;
            using (BarWriter rows = new(File.Create(unfinished)))
                generator.Write(table.Name, rows);
            File.Move(unfinished, path);
        }
    }
}
