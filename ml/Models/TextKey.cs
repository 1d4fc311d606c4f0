using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VecSQL.Ml.Models;

/// <summary>A text under a model, by the first half of its SHA-256.</summary>
/// <param name="Model">The model's number in its library.</param>
internal readonly record struct TextKey(long Model, UInt128 Digest)
{
    internal static TextKey Of(long model, ReadOnlySpan<byte> text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text, digest);
        return new TextKey(model, BinaryPrimitives.ReadUInt128LittleEndian(digest));
    }
}
