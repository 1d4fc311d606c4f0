using System.Collections.Immutable;

namespace VecSQL.Ml.Models;

/// <summary>What a model says of itself once it has been loaded and run.</summary>
/// <param name="TokensMax">Tokens that texts are cut to, special ones included.</param>
/// <param name="IsPooled">Whether the model gives one vector a text, so that the pooling is its own.</param>
/// <param name="Device">Where it runs: never <see cref="ModelDevice.Auto"/>.</param>
/// <param name="OnnxSha256">Of the file as it was read, in lower-case hexadecimal.</param>
/// <param name="TokenizerSha256">Likewise.</param>
public sealed record ModelFacts(
    int Dimensions,
    int TokensMax,
    ImmutableArray<string> Inputs,
    string Output,
    bool IsPooled,
    ModelDevice Device,
    long OnnxBytes,
    string OnnxSha256,
    string TokenizerSha256);
