namespace VecSQL.Vectors.Kernels;

/// <summary>Checks once, before a scan, what its loops then trust.</summary>
internal static class ScanBounds
{
    /// <exception cref="ArgumentException">Rows, distances or live bits are fewer than the scan touches.</exception>
    internal static void Check(
        int queryLength, int rowsLength, int stride, int count, int distancesLength, int liveWords)
    {
        bool fits = count >= 0 && stride >= queryLength && distancesLength >= count
            && (count == 0 || ((count - 1L) * stride) + queryLength <= rowsLength)
            && (liveWords == 0 || liveWords >= (count + 63) >> 6);
        if (!fits)
        {
            throw new ArgumentException($"{count} rows of {queryLength} every {stride} in {rowsLength}, "
                + $"into {distancesLength} distances, with {liveWords} words of live bits");
        }
    }
}
