using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Storage.Indexes;

/// <summary>
/// Whether two values are the same key, as SQL's = for the type sees it; nulls are equal to each other.
/// </summary>
internal static class KeyEquality
{
    public static bool Equal(SqlType type, Column left, int leftRow, Column right, int rightRow)
    {
        bool isLeftNull = left.IsNull(leftRow), isRightNull = right.IsNull(rightRow);
        if (isLeftNull || isRightNull)
            return isLeftNull && isRightNull;
        return left.Type switch
        {
            PhysicalType.Bool => ((BoolColumn)left)[leftRow] == ((BoolColumn)right)[rightRow],
            PhysicalType.Int16 => Same<short>(left, leftRow, right, rightRow),
            PhysicalType.Int32 => Same<int>(left, leftRow, right, rightRow),
            PhysicalType.Int64 => Same<long>(left, leftRow, right, rightRow),
            PhysicalType.Float32 => SameNumber(Value<float>(left, leftRow), Value<float>(right, rightRow)),
            PhysicalType.Float64 => SameNumber(Value<double>(left, leftRow), Value<double>(right, rightRow)),
            PhysicalType.Fixed16 => type.Oid == TypeOid.Interval
                ? IntervalSpan(Value<Fixed16>(left, leftRow)) == IntervalSpan(Value<Fixed16>(right, rightRow))
                : Value<Fixed16>(left, leftRow) == Value<Fixed16>(right, rightRow),
            _ => SameBytes(type, ((BinaryColumn)left)[leftRow], ((BinaryColumn)right)[rightRow]),
        };
    }

    /// <summary>
    /// An interval's length in microseconds, a month having 30 days and a day 24 hours, as PostgreSQL compares them.
    /// </summary>
    internal static Int128 IntervalSpan(Fixed16 value)
    {
        long days = (int)(uint)value.High + ((long)(int)(value.High >> 32) * 30);
        return (long)value.Low + ((Int128)days * 86_400_000_000);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Value<T>(Column column, int row) where T : unmanaged => ((FixedColumn<T>)column)[row];

    private static bool Same<T>(Column left, int leftRow, Column right, int rightRow) where T : unmanaged,
        IEquatable<T> =>
        Value<T>(left, leftRow).Equals(Value<T>(right, rightRow));

    private static bool SameNumber(double left, double right) =>
        left == right || (double.IsNaN(left) && double.IsNaN(right)); // PostgreSQL's NaN equals itself

    private static bool SameBytes(SqlType type, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right))
            return true;
        switch (type.Oid)
        {
            case TypeOid.BpChar:
                return left.TrimEnd((byte)' ').SequenceEqual(right.TrimEnd((byte)' '));
            case TypeOid.Numeric:
                return SqlNumeric.Read(left).CompareTo(SqlNumeric.Read(right)) == 0;
            case TypeOid.Vector:
                return SameElements(MemoryMarshal.Cast<byte, float>(left), MemoryMarshal.Cast<byte, float>(right));
            case TypeOid.HalfVector:
                return SameElements(MemoryMarshal.Cast<byte, Half>(left), MemoryMarshal.Cast<byte, Half>(right));
            default:
                return false;
        }
    }

    private static bool SameElements<T>(ReadOnlySpan<T> left, ReadOnlySpan<T> right) where T : INumber<T>
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (left[i] != right[i]) // zeros of both signs are equal
                return false;
        }
        return true;
    }
}
