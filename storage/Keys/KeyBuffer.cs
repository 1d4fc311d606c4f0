namespace VecSQL.Storage.Keys;

/// <summary>Encoded keys, one after the other.</summary>
public sealed class KeyBuffer
{
    // Array.MaxLength would do, but growth doubles, and a sort run or batch never needs as much.
    public const int BytesMax = 1 << 30;

    private int[] _ends = new int[64];

    public byte[] Data { get; private set; } = new byte[1024];

    public int Count { get; private set; }

    public long SizeBytes => Data.Length + (4L * _ends.Length);

    public int UsedBytes => Count == 0 ? 0 : _ends[Count - 1];

    public ReadOnlySpan<byte> this[int key]
    {
        get
        {
            int start = StartOf(key);
            return new ReadOnlySpan<byte>(Data, start, _ends[key] - start);
        }
    }

    public int StartOf(int key) => key == 0 ? 0 : _ends[key - 1];

    public void Clear() => Count = 0;

    /// <summary>Makes room for keys of these lengths; their bytes are unspecified.</summary>
    /// <returns>The number of the first.</returns>
    public int Add(ReadOnlySpan<int> lengths)
    {
        long end = UsedBytes;
        if (Count + lengths.Length > _ends.Length)
            Array.Resize(ref _ends, Math.Max(_ends.Length * 2, Count + lengths.Length));
        for (int i = 0; i < lengths.Length; i++)
        {
            end += lengths[i];
            if (end > BytesMax)
            {
                throw new Core.Errors.SqlException(
                    Core.Errors.SqlState.ProgramLimitExceeded, "sort or hash keys exceed one gigabyte");
            }
            _ends[Count + i] = (int)end;
        }
        if (end > Data.Length)
        {
            byte[] grown = GC.AllocateUninitializedArray<byte>((int)Math.Min(Math.Max(Data.Length * 2L, end), BytesMax));
            Data.AsSpan(0, UsedBytes).CopyTo(grown);
            Data = grown;
        }
        int first = Count;
        Count += lengths.Length;
        return first;
    }
}
