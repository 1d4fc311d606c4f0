using System.Buffers;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>Keys of several columns, some of text: the texts of each column are numbered, and the numbers are packed with the other columns.</summary>
/// <remarks>Null is a value like any other.</remarks>
internal sealed class NumberedKeyTable : KeyTable
{
    private readonly BytesKeyTable?[] _texts; // of each column of text
    private readonly PackedKeyTable _keys;
    private readonly BytesKeyTable _hasher; // numbers are this table's own, hashes are not

    internal NumberedKeyTable(ReadOnlySpan<KeyKind> kinds)
    {
        _texts = new BytesKeyTable?[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
            _texts[i] = IsText(kinds[i]) ? new BytesKeyTable([kinds[i]], nullsMatch: true) : null;
        _keys = new PackedKeyTable(Numbered(kinds), nullsMatch: true);
        _hasher = new BytesKeyTable(kinds, nullsMatch: true);
    }

    internal override long SizeBytes
    {
        get
        {
            long size = _keys.SizeBytes;
            foreach (BytesKeyTable? texts in _texts)
                size += texts?.SizeBytes ?? 0;
            return size;
        }
    }

    internal static bool Fits(ReadOnlySpan<KeyKind> kinds) => kinds.Length > 1 && PackedKeyTable.Fits(Numbered(kinds));

    internal override void Add(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids, bool isFull = false)
    {
        int[] unknown = ArrayPool<int>.Shared.Rent(Math.Max(rowCount, 1));
        Span<int> isUnknown = unknown.AsSpan(0, rowCount);
        isUnknown.Clear();
        Column[] numbers = Number(keys, rowCount, isFull, isUnknown);
        _keys.Add(numbers, rowCount, ids, isFull);
        Count = _keys.Count;
        DropUnknown(isUnknown, ids);
        ArrayPool<int>.Shared.Return(unknown);
    }

    internal override void Find(ReadOnlySpan<Column> keys, int rowCount, Span<int> ids) => Add(keys, rowCount, ids, isFull: true);

    internal override void Hash(ReadOnlySpan<Column> keys, int rowCount, Span<ulong> hashes) => _hasher.Hash(keys, rowCount, hashes);

    private static bool IsText(KeyKind kind) => kind is KeyKind.Bytes or KeyKind.BlankPadded;

    private static KeyKind[] Numbered(ReadOnlySpan<KeyKind> kinds)
    {
        var numbered = new KeyKind[kinds.Length];
        for (int i = 0; i < kinds.Length; i++)
            numbered[i] = IsText(kinds[i]) ? KeyKind.Int32 : kinds[i];
        return numbered;
    }

    /// <param name="isUnknown">Is set to 1 for rows with a text that has no number.</param>
    private Column[] Number(ReadOnlySpan<Column> keys, int rowCount, bool isFull, Span<int> isUnknown)
    {
        var numbers = new Column[keys.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (_texts[i] is not { } texts)
            {
                numbers[i] = keys[i];
                continue;
            }
            int[] column = GC.AllocateUninitializedArray<int>(rowCount);
            texts.Add(keys.Slice(i, 1), rowCount, column, isFull);
            for (int row = 0; row < column.Length; row++)
                isUnknown[row] |= column[row] == Absent ? 1 : 0;
            numbers[i] = new FixedColumn<int>(column);
        }
        return numbers;
    }

    private static void DropUnknown(ReadOnlySpan<int> isUnknown, Span<int> ids)
    {
        for (int row = 0; row < isUnknown.Length; row++)
        {
            if (isUnknown[row] != 0)
                ids[row] = Absent;
        }
    }
}
