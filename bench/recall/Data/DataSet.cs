using System.Runtime.InteropServices;
using System.Security.Cryptography;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Bench.Recall.Data;

/// <summary>What is searched, and for what.</summary>
/// <param name="Name">In words, for tables and pictures.</param>
/// <param name="Queries">Of the same kind as the rows, and none of them.</param>
internal sealed record DataSet(string Name, DistanceMetric Metric, VectorSet Rows, VectorSet Queries)
{
    private string? _fingerprint;

    public int Dimensions => Rows.Dimensions;

    /// <summary>A word that differs where rows or metric do.</summary>
    public string Fingerprint => _fingerprint ??= MakeFingerprint();

    private string MakeFingerprint()
    {
        const int Piece = 1 << 24; // a span of bytes cannot hold all
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int start = 0; start < Rows.Values.Length; start += Piece)
            hash.AppendData(MemoryMarshal.AsBytes(Rows.Values.AsSpan(start, Math.Min(Piece, Rows.Values.Length - start))));
        string word = Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4));
        return $"{word}_{Rows.Count}x{Dimensions}_{Metric}".ToLowerInvariant();
    }
}
