using System.Runtime.InteropServices;

namespace VecSQL.Columnar.Columns;

/// <summary>Values that repeat: a number for each row, and the value that the number stands for.</summary>
/// <remarks>What is computed of such a column can be computed of its few values. Two numbers may stand for equal values. A null row's number is any.</remarks>
public sealed class DictionaryValues : ValueForm
{
    /// <summary>How many values there may be.</summary>
    public const int ValuesMax = 1 << 16;

    private readonly ColumnBuffer _codes;

    private DictionaryValues(ColumnBuffer codes, BinaryColumn values) => (_codes, Values) = (codes, values);

    /// <summary>The number of each row's value.</summary>
    public ReadOnlySpan<ushort> Codes => _codes.As<ushort>();

    /// <summary>The values; none is null, and not all of them need occur.</summary>
    public BinaryColumn Values { get; }

    public override long SizeBytes => _codes.LengthBytes;

    /// <summary>A column of values by number. Takes the array over without copying.</summary>
    public static BinaryColumn Column(ushort[] codes, BinaryColumn values, Bitmap validity = default)
    {
        if (values.HasNulls || values.IsConstant || values.Length > ValuesMax)
            throw new ArgumentException("values of a dictionary are few, and none is null", nameof(values));
        return new BinaryColumn(new DictionaryValues(ColumnBuffer.Wrap(codes), values), codes.Length, validity);
    }

    public override ValueForm Take(ReadOnlySpan<int> rows)
    {
        ReadOnlySpan<ushort> source = Codes;
        ushort[] target = GC.AllocateUninitializedArray<ushort>(rows.Length);
        for (int i = 0; i < target.Length; i++)
            target[i] = source[rows[i]];
        return new DictionaryValues(ColumnBuffer.Wrap(target), Values);
    }

    public override ValueForm Slice(int start, int count) =>
        new DictionaryValues(_codes.Slice(start * sizeof(ushort), count * sizeof(ushort)), Values);

    public override ListView ToBytes(int length, Bitmap validity)
    {
        ReadOnlySpan<ushort> codes = Codes;
        ReadOnlySpan<int> fromStarts = Values.Starts, fromLengths = Values.Lengths;
        int[] starts = GC.AllocateUninitializedArray<int>(length), lengths = GC.AllocateUninitializedArray<int>(length);
        for (int row = 0; row < length; row++)
        {
            bool isNull = !validity.IsAbsent && !validity[row];
            starts[row] = isNull ? 0 : fromStarts[codes[row]];
            lengths[row] = isNull ? 0 : fromLengths[codes[row]];
        }
        return new ListView(Values.DataBuffer, ColumnBuffer.Wrap(starts), ColumnBuffer.Wrap(lengths));
    }

    public override ValueForm? TryJoin(IReadOnlyList<Column> columns, int length)
    {
        ushort[] target = GC.AllocateUninitializedArray<ushort>(length);
        var places = new Dictionary<BinaryColumn, int>(ReferenceEqualityComparer.Instance); // where a dictionary's values are in the joined one
        var values = new List<Column>();
        int start = 0, valueCount = 0;
        foreach (Column column in columns)
        {
            Span<ushort> rows = target.AsSpan(start, column.Length);
            start += column.Length;
            if (column.IsConstant && column.IsNull(0))
            {
                rows.Clear();
                continue;
            }
            if (((BinaryColumn)column).Form is not DictionaryValues known || column.IsConstant)
                return null;
            ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, known.Values, out bool isKnown);
            if (!isKnown)
            {
                place = valueCount;
                values.Add(known.Values);
                valueCount += known.Values.Length;
            }
            if (valueCount > ValuesMax)
                return null;
            ReadOnlySpan<ushort> codes = known.Codes;
            for (int row = 0; row < rows.Length; row++)
                rows[row] = (ushort)(codes[row] + place);
        }
        var joined = values.Count == 1 ? (BinaryColumn)values[0] : (BinaryColumn)Concatenation.Of(PhysicalType.Binary, values);
        return new DictionaryValues(ColumnBuffer.Wrap(target), joined);
    }
}
