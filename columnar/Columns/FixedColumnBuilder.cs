using System.Runtime.CompilerServices;

namespace VecSQL.Columnar.Columns;

/// <summary>Collects fixed-width values.</summary>
public sealed class FixedColumnBuilder<T> : ColumnBuilder where T : unmanaged
{
    private T[] _values;
    private int _rowsWanted; // of the column before: the next one is likely to be as long

    internal FixedColumnBuilder(PhysicalType type, int capacity) : base(type) =>
        _values = GC.AllocateUninitializedArray<T>(Math.Max(capacity, 4));

    public override long SizeBytes => (long)_values.Length * Unsafe.SizeOf<T>();

    public void Append(T value)
    {
        Room(1);
        _values[Length] = value;
        MarkValid();
    }

    public void Append(ReadOnlySpan<T> values)
    {
        Room(values.Length);
        values.CopyTo(_values.AsSpan(Length));
        MarkValid(values.Length);
    }

    public override void AppendNull()
    {
        Room(1);
        _values[Length] = default;
        MarkNull();
    }

    public override void AppendFrom(Column source, int row)
    {
        if (source.IsNull(row))
            AppendNull();
        else
            Append(((FixedColumn<T>)source)[row]);
    }

    public override void AppendAll(Column source)
    {
        if (source.IsConstant || source.HasNulls)
            base.AppendAll(source);
        else
            Append(((FixedColumn<T>)source).Values[..source.Length]);
    }

    private protected override Column Finish(int length, Bitmap validity)
    {
        T[] values = _values;
        (_values, _rowsWanted) = ([], Math.Max(16, length));
        return new FixedColumn<T>(values, length, validity);
    }

    private void Room(int count)
    {
        if (Length + count > _values.Length)
        {
            int size = _values.Length == 0 ? _rowsWanted : _values.Length * 2;
            Array.Resize(ref _values, Math.Max(size, Length + count));
        }
    }
}
