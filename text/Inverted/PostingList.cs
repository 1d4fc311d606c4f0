namespace VecSQL.Text.Inverted;

/// <summary>The documents of one term, in ascending order, while texts are added.</summary>
/// <remarks>
/// Layout: for each document the gap to the one before, times two, plus one where the frequency is one; else the frequency follows.
/// Numbers take seven bits a byte, the lowest first, with the eighth saying that another byte follows.
/// </remarks>
internal sealed class PostingList
{
    private byte[] _bytes = new byte[4];
    private int _used, _last = -1;

    internal int Count { get; private set; }

    internal int SizeBytes => _bytes.Length;

    internal void Add(int document, int frequency)
    {
        uint gap = (uint)(document - _last);
        _last = document;
        Count++;
        if (_used + 10 > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_used + 10, _bytes.Length * 3 / 2));
        if (frequency == 1)
        {
            Write(((ulong)gap << 1) | 1);
            return;
        }
        Write((ulong)gap << 1);
        Write((uint)frequency);
    }

    /// <summary>Reads the first documents and their frequencies.</summary>
    internal void Read(Span<int> documents, Span<int> frequencies)
    {
        int at = 0;
        Varint.ReadPostings(_bytes.AsSpan(0, _used), ref at, -1, documents, frequencies);
    }

    private void Write(ulong number)
    {
        Varint.Write(number, _bytes, ref _used);
    }
}
