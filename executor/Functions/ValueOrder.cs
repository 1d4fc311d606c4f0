using System.Numerics;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Families;

namespace VecSQL.Executor.Functions;

/// <summary>The default order of a type's values (its btree operator class), row against row. Null rows are the caller's.</summary>
internal abstract class ValueOrder
{
    public abstract int Compare(Column x, int rowX, Column y, int rowY);

    public static ValueOrder Of(SqlType type) => type.Oid switch
    {
        TypeOid.BpChar => PaddedOrder.Instance,
        _ => Columns.PhysicalOf(type) switch
        {
            PhysicalType.Bool => BoolOrder.Instance,
            PhysicalType.Int16 => FixedOrder<short>.Instance,
            PhysicalType.Int32 => FixedOrder<int>.Instance,
            PhysicalType.Int64 => FixedOrder<long>.Instance,
            PhysicalType.Float32 => FloatOrder<float>.Instance,
            PhysicalType.Float64 => FloatOrder<double>.Instance,
            PhysicalType.Fixed16 => UuidOrder.Instance,
            _ => ByteOrder.Instance,
        },
    };

    private sealed class BoolOrder : ValueOrder
    {
        public static readonly BoolOrder Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            ((BoolColumn)x)[rowX].CompareTo(((BoolColumn)y)[rowY]);
    }

    private sealed class FixedOrder<T> : ValueOrder where T : unmanaged, INumber<T>
    {
        public static readonly FixedOrder<T> Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            ((FixedColumn<T>)x)[rowX].CompareTo(((FixedColumn<T>)y)[rowY]);
    }

    private sealed class FloatOrder<T> : ValueOrder where T : unmanaged, INumber<T>
    {
        public static readonly FloatOrder<T> Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY) => FloatFunctions.Compare(
            double.CreateTruncating(((FixedColumn<T>)x)[rowX]), double.CreateTruncating(((FixedColumn<T>)y)[rowY]));
    }

    private sealed class ByteOrder : ValueOrder
    {
        public static readonly ByteOrder Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            ((BinaryColumn)x)[rowX].SequenceCompareTo(((BinaryColumn)y)[rowY]);
    }

    private sealed class PaddedOrder : ValueOrder
    {
        public static readonly PaddedOrder Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY) => TextComparisons.Unpadded(((BinaryColumn)x)[rowX])
            .SequenceCompareTo(TextComparisons.Unpadded(((BinaryColumn)y)[rowY]));
    }

    private sealed class UuidOrder : ValueOrder
    {
        public static readonly UuidOrder Instance = new();

        public override int Compare(Column x, int rowX, Column y, int rowY)
        {
            Fixed16 left = ((FixedColumn<Fixed16>)x)[rowX], right = ((FixedColumn<Fixed16>)y)[rowY];
            return left.AsBytes().SequenceCompareTo(right.AsBytes());
        }
    }
}
