namespace VecSQL.Text.Analysis;

/// <summary>How a text becomes terms: in lower case, and for English without common words and cut to their stems.</summary>
public enum Analyzer : byte { Simple, English }

/// <summary>Analyzers by name.</summary>
public static class Analyzers
{
    /// <summary>Null where there is none of that name.</summary>
    public static Analyzer? Find(string name) => name switch
    {
        "simple" => Analyzer.Simple,
        "english" => Analyzer.English,
        _ => null,
    };
}
