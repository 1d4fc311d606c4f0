using System.Diagnostics.CodeAnalysis;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;

namespace VecSQL.Storage.Segments;

/// <summary>The values of a segment's column that repeat, gathered as its batches are read; batches with the same values share one dictionary.</summary>
/// <remarks>Where values turn out to be many, there is no dictionary from then on. Threads: any.</remarks>
internal sealed class ColumnDictionary
{
    private const int ValuesMax = 1024, FirstRows = 512, FirstValuesMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], ushort> _codes = new(BytesComparer.Instance);
    private readonly BinaryColumnBuilder _builder = new();
    private BinaryColumn? _values; // of all codes so far; a later one begins with the same
    private volatile bool _isGivenUp;

    /// <summary>The column with its values by number; itself where they are too many.</summary>
    internal Column Encode(BinaryColumn column)
    {
        if (_isGivenUp || column.IsConstant || column.Form is not null || column.Length == 0)
            return column;
        ushort[] codes = GC.AllocateUninitializedArray<ushort>(column.Length);
        lock (_gate)
        {
            Dictionary<byte[], ushort>.AlternateLookup<ReadOnlySpan<byte>> lookup = _codes.GetAlternateLookup<ReadOnlySpan<byte>>();
            int known = _codes.Count;
            for (int row = 0; row < codes.Length; row++)
            {
                if (column.IsNull(row))
                {
                    codes[row] = 0;
                    continue;
                }
                ReadOnlySpan<byte> value = column[row];
                if (!lookup.TryGetValue(value, out ushort code))
                {
                    if (_codes.Count >= ValuesMax || (row < FirstRows && _codes.Count - known >= FirstValuesMax))
                    {
                        _isGivenUp = true;
                        return column;
                    }
                    code = (ushort)_codes.Count;
                    lookup[value] = code;
                }
                codes[row] = code;
            }
            if (_codes.Count == 0)
                return column; // nulls only
            if (_values is null || _values.Length < _codes.Count)
                _values = Values();
            return DictionaryValues.Column(codes, _values, column.Validity);
        }
    }

    private BinaryColumn Values()
    {
        byte[][] values = new byte[_codes.Count][];
        foreach ((byte[] value, ushort code) in _codes)
            values[code] = value;
        foreach (byte[] value in values)
            _builder.Append(value);
        return (BinaryColumn)_builder.Build();
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly BytesComparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals([AllowNull] byte[] x, [AllowNull] byte[] y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] value) => GetHashCode(value.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)ColumnHash.OfBytes(alternate);
    }
}
