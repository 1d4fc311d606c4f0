namespace VecSQL.Ml.Models;

/// <summary>What is known of a model before it is loaded: where its files lie, and how texts go in and vectors come
/// out.</summary>
/// <remarks>Two equal specs share one loaded model.</remarks>
/// <param name="OnnxPath">The model, as <see cref="IModelFiles"/> knows it.</param>
/// <param name="TokenizerPath">Its <c>tokenizer.json</c>, likewise.</param>
public sealed record ModelSpec(string Name, int Version, string OnnxPath, string TokenizerPath)
{
    /// <summary>Bytes of a model's file: what a protobuf message can have.</summary>
    public const long OnnxBytesMax = int.MaxValue;

    /// <summary>Bytes of a tokenizer's file; the largest in use have some 35 MiB. What is made of one takes up to 40 bytes a byte.</summary>
    public const long TokenizerBytesMax = 64L << 20;

    /// <summary>Floats of a vector; 0: whatever the model gives, for <see cref="ModelLibrary.Inspect"/> only.</summary>
    public int Dimensions { get; init; }

    /// <summary>Tokens that a text is cut to, special ones included; 0: as the tokenizer's file says, or 512.</summary>
    public int TokensMax { get; init; }

    public ModelPooling Pooling { get; init; } = ModelPooling.Mean;

    /// <summary>Whether vectors are brought to length 1.</summary>
    public bool IsNormalized { get; init; } = true;

    /// <summary>Stands before each text of <see cref="TextRole.Query"/>.</summary>
    public string QueryPrefix { get; init; } = "";

    /// <summary>Stands before each text of <see cref="TextRole.Document"/>.</summary>
    public string DocumentPrefix { get; init; } = "";

    public ModelDevice Device { get; init; } = ModelDevice.Auto;

    /// <summary>Threads of one run; 0: as <see cref="ModelLibraryOptions.Threads"/> says.</summary>
    public int Threads { get; init; }

    /// <summary>The output to take; empty: see <see cref="ModelLibrary"/>.</summary>
    public string OutputName { get; init; } = "";

    /// <summary>SHA-256 of the model's file, in lower-case hexadecimal; empty: not checked.</summary>
    public string OnnxSha256 { get; init; } = "";

    /// <summary>SHA-256 of the tokenizer's file, likewise.</summary>
    public string TokenizerSha256 { get; init; } = "";
}
