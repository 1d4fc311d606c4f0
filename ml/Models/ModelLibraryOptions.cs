namespace VecSQL.Ml.Models;

/// <summary>How models are run.</summary>
public sealed record ModelLibraryOptions
{
    /// <summary>ONNX Runtime's library; empty: the environment, beside the program, or where
    /// <c>ml/get-onnxruntime</c> puts it.</summary>
    public string RuntimePath { get; init; } = "";

    /// <summary>Texts' vectors kept for when the same text comes again; 0: none.</summary>
    public long CacheBytes { get; init; } = 64 << 20;

    /// <summary>Tokens of one run, padding included. More need more memory: some KiB a token and layer.</summary>
    public int BatchTokensMax { get; init; } = 8192;

    /// <summary>Texts of one run.</summary>
    public int BatchTextsMax { get; init; } = 64;

    /// <summary>Threads of one run; 0: as many as processors.</summary>
    public int Threads { get; init; }
}
