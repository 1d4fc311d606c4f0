using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Storage.Segments;

/// <summary>Collects the hashes of one unique key while a segment is written.</summary>
internal sealed class KeyCollector
{
    private readonly SegmentKey _key;
    private readonly int[] _ordinals;
    private readonly SqlType[] _types;
    private readonly ulong[] _batchHashes = new ulong[ColumnBatch.RowsMax];
    private readonly List<ulong> _hashes = [];
    private readonly List<int> _positions = [];

    internal KeyCollector(SegmentSchema schema, SegmentKey key)
    {
        _key = key;
        _ordinals = new int[key.Columns.Length];
        _types = new SqlType[key.Columns.Length];
        for (int i = 0; i < _ordinals.Length; i++)
        {
            _ordinals[i] = schema.OrdinalOf(key.Columns[i]);
            Invariant.Holds(_ordinals[i] >= 0);
            _types[i] = schema.Columns[_ordinals[i]].Type;
        }
    }

    internal void Add(ColumnBatch rows, int firstPosition)
    {
        Column[] columns = new Column[_ordinals.Length];
        Bitmap valid = default;
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = rows.Columns[_ordinals[i]].Expand();
            if (!_key.NullsNotDistinct)
                valid = Bitmap.And(valid, columns[i].Validity); // a key with a null is equal to no other
        }
        Span<ulong> hashes = _batchHashes.AsSpan(0, rows.RowCount);
        KeyHash.Compute(_types, columns, hashes);
        for (int row = 0; row < hashes.Length; row++)
        {
            if (!valid.IsAbsent && !valid[row])
                continue;
            _hashes.Add(hashes[row]);
            _positions.Add(firstPosition + row);
        }
    }

    internal void AddTo(SidecarWriter sidecar)
    {
        ReadOnlySpan<ulong> hashes = CollectionsMarshal.AsSpan(_hashes);
        ReadOnlySpan<int> positions = CollectionsMarshal.AsSpan(_positions);
        sidecar.Add(SidecarSectionKind.KeyTable, _key.IndexOid, KeyTable.BuildTable(hashes, positions));
        sidecar.Add(SidecarSectionKind.KeyFilter, _key.IndexOid, KeyTable.BuildFilter(hashes));
    }
}
