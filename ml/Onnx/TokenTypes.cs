using VecSQL.Ml.Tokenizers;

namespace VecSQL.Ml.Onnx;

/// <summary>What a model is told of tokens beside their numbers.</summary>
/// <param name="PaddingId">The number of tokens that only fill up.</param>
internal sealed record TokenTypes(TokenFrame Frame, int PaddingId)
{
    private readonly bool _isUntyped = Frame.IsUntyped;

    /// <summary>The type of a token of a text with so many.</summary>
    internal int At(int index, int count) => _isUntyped ? 0
        : index < Frame.Before.Length ? Frame.Before[index].TypeId
        : index >= count - Frame.After.Length ? Frame.After[index - (count - Frame.After.Length)].TypeId
        : Frame.TypeId;
}
