using System.Collections.Immutable;

namespace VecSQL.Ml.Tokenizers;

/// <summary>What a tokenizer sets around a text's tokens.</summary>
/// <param name="Before">Tokens, each with its type.</param>
/// <param name="TypeId">The type of the text's own tokens.</param>
internal sealed record TokenFrame(
    ImmutableArray<(int Id, int TypeId)> Before, int TypeId, ImmutableArray<(int Id, int TypeId)> After)
{
    internal static readonly TokenFrame None = new([], 0, []);

    internal int Count => Before.Length + After.Length;

    /// <summary>Whether all types are 0, as of every model that takes one text at a time.</summary>
    internal bool IsUntyped => TypeId == 0 && Before.All(token => token.TypeId == 0) && After.All(token => token.TypeId == 0);

    /// <summary>This frame within another.</summary>
    internal TokenFrame Within(TokenFrame outer) =>
        new([.. outer.Before, .. Before], outer.Count > 0 ? outer.TypeId : TypeId, [.. After, .. outer.After]);
}
