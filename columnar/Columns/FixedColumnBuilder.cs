using System.Runtime.CompilerServices;

namespace VecSQL.Columnar.Columns;

/// <summary>Collects fixed-width values.</summary>
public sealed class FixedColumnBuilder<T> : ColumnBuilder where T : unmanaged
{
    private T[] _values;

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
        _values = GC.AllocateUninitializedArray<T>(16);
        return new FixedColumn<T>(values, length, validity);
    }

    private void Room(int count)
    {
        if (Length + count > _values.Length)
            Array.Resize(ref _values, Math.Max(_values.Length * 2, Length + count));
    }
}
