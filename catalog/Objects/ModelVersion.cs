namespace VecSQL.Catalog.Objects;

/// <summary>A version of a model: under one number a text gives the same vector for ever.</summary>
/// <remarks>Its files are kept under their checksums in the data directory, so that what becomes of the originals does not matter.</remarks>
public sealed record ModelVersion(int Number)
{
    /// <summary>Where the model's file was read, as the statement named it; empty for the built-in model.</summary>
    public string Source { get; init; } = "";

    public string TokenizerSource { get; init; } = "";

    /// <summary>SHA-256 in lower-case hexadecimal; empty for the built-in model.</summary>
    public string OnnxSha256 { get; init; } = "";

    public string TokenizerSha256 { get; init; } = "";

    public long OnnxBytes { get; init; }

    public long TokenizerBytes { get; init; }

    public required int Dimensions { get; init; }

    /// <summary>Tokens that a text is cut to; 0 where there is no limit.</summary>
    public int TokensMax { get; init; }

    /// <summary>mean, cls or last; empty where the model pools by itself.</summary>
    public string Pooling { get; init; } = "mean";

    public bool IsNormalized { get; init; } = true;

    public string QueryPrefix { get; init; } = "";

    public string DocumentPrefix { get; init; } = "";

    /// <summary>The output to take; empty where the model has one that is plain.</summary>
    public string OutputName { get; init; } = "";

    /// <summary>auto, cpu or cuda.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of a run; 0 for as many as the node has for models.</summary>
    public int Threads { get; init; }
}
