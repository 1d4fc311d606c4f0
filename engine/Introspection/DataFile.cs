namespace VecSQL.Engine.Introspection;

/// <summary>Tables of facts that are built into the program as text: one record a line, fields apart by blanks.</summary>
internal static class DataFile
{
    internal static IEnumerable<string[]> Lines(string name)
    {
        using Stream stream = typeof(DataFile).Assembly.GetManifestResourceStream(name)
            ?? throw new Core.Errors.InvariantException($"{name} is not built in");
        using StreamReader reader = new(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
                yield return line.Split(' ');
        }
    }
}
