using System.Globalization;
using VecSQL.Text.Analysis;
using VecSQL.Text.Search;

namespace VecSQL.Catalog.Objects;

/// <summary>How a full-text index, made by <c>USING bm25</c>, reads texts and scores them.</summary>
public sealed record TextIndexOptions(Analyzer Analyzer, Bm25Parameters Parameters)
{
    /// <summary>The access method of full-text indexes, and its only operator class.</summary>
    public const string Method = "bm25", OperatorClass = "bm25_ops";

    /// <summary>What counts where no index says otherwise.</summary>
    public static TextIndexOptions Default { get; } = new(Analyzer.English, Bm25Parameters.Default);

    /// <summary>Null for an index of another method.</summary>
    public static TextIndexOptions? Of(IndexEntry index)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (index.Method != Method)
            return null;
        TextIndexOptions options = Default;
        foreach ((string name, string value) in index.Options)
        {
            options = name switch
            {
                "tokenizer" => options with { Analyzer = Analyzers.Find(value) ?? Default.Analyzer },
                "k1" => options with { Parameters = options.Parameters with { K1 = Number(value) } },
                "b" => options with { Parameters = options.Parameters with { B = Number(value) } },
                _ => options,
            };
        }
        return options;
    }

    /// <summary>The full-text index of a column, the oldest where there are several; null where there is none.</summary>
    public static IndexEntry? FindIndex(TableEntry table, short column)
    {
        ArgumentNullException.ThrowIfNull(table);
        IndexEntry? found = null;
        foreach (IndexEntry index in table.Indexes)
        {
            if (index.Method == Method && index.Columns.Contains(column) && (found is null || index.Oid < found.Oid))
                found = index;
        }
        return found;
    }

    /// <summary>What counts for searches in a column.</summary>
    public static TextIndexOptions For(TableEntry table, short column) =>
        FindIndex(table, column) is { } index ? Of(index) ?? Default : Default;

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
