namespace VecSQL.Storage.Delta;

/// <summary>Where each row of a table's delta is: row id to chunk and position.</summary>
/// <remarks>
/// Memory:  8 bytes a row, in pages of consecutive ids, since ids are given out in order and a delta holds the latest.
/// Threads: under the table's lock.
/// </remarks>
internal sealed class RowLocator
{
    private const int PageBits = 8, PageRows = 1 << PageBits;

    private readonly Dictionary<long, Page> _pages = [];
    private Page? _last;
    private long _lastNumber = -1;

    public long SizeBytes => _pages.Count * ((PageRows * 8L) + 64);

    public void Add(long rowId, int chunk, int position)
    {
        Page page = Find(rowId) ?? Make(rowId >> PageBits);
        ref long entry = ref page.Entries[rowId & (PageRows - 1)];
        if (entry == 0)
            page.Used++;
        entry = ((long)chunk << 32) | (uint)(position + 1);
    }

    public bool TryFind(long rowId, out int chunk, out int position)
    {
        long entry = Find(rowId)?.Entries[rowId & (PageRows - 1)] ?? 0;
        chunk = (int)(entry >> 32);
        position = (int)(uint)entry - 1;
        return entry != 0;
    }

    public void Remove(long rowId)
    {
        if (Find(rowId) is not { } page)
            return;
        ref long entry = ref page.Entries[rowId & (PageRows - 1)];
        if (entry == 0)
            return;
        entry = 0;
        if (--page.Used == 0)
        {
            _pages.Remove(rowId >> PageBits);
            (_last, _lastNumber) = (null, -1);
        }
    }

    public void Clear()
    {
        _pages.Clear();
        (_last, _lastNumber) = (null, -1);
    }

    private Page? Find(long rowId)
    {
        long number = rowId >> PageBits;
        if (number == _lastNumber)
            return _last;
        if (!_pages.TryGetValue(number, out Page? page))
            return null;
        (_last, _lastNumber) = (page, number);
        return page;
    }

    private Page Make(long number)
    {
        Page page = new();
        _pages.Add(number, page);
        (_last, _lastNumber) = (page, number);
        return page;
    }

    private sealed class Page
    {
        internal readonly long[] Entries = new long[PageRows];
        internal int Used;
    }
}
