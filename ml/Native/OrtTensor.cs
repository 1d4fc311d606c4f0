using System.Collections.Immutable;

namespace VecSQL.Ml.Native;

/// <summary>What a model put out. Ownership: disposing frees its memory.</summary>
internal sealed unsafe class OrtTensor(OrtHandle value, OrtElement element, ImmutableArray<long> lengths, nint data)
    : IDisposable
{
    internal OrtElement Element => element;

    internal ImmutableArray<long> Lengths => lengths;

    /// <summary>All elements, row by row. Valid until it is disposed.</summary>
    internal ReadOnlySpan<T> Elements<T>()
        where T : unmanaged
    {
        long count = 1;
        foreach (long length in lengths)
            count = checked(count * length);
        return new ReadOnlySpan<T>((void*)data, checked((int)count));
    }

    public void Dispose() => value.Dispose();
}
