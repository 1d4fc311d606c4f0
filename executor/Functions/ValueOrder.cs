using System.Numerics;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Families;
using VecSQL.Executor.Functions.Vectors;

namespace VecSQL.Executor.Functions;

/// <summary>The default order of a type's values (its btree operator class), row against row. Null rows are the
/// caller's.</summary>
internal abstract class ValueOrder
{
    private delegate int BytesComparison(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y);

    public abstract int Compare(Column x, int rowX, Column y, int rowY);

    public static ValueOrder Of(SqlType type) => type.Oid switch
    {
        TypeOid.BpChar => new BytesOrder(static (x, y) =>
            CharacterLengths.TrimBpChar(x).SequenceCompareTo(CharacterLengths.TrimBpChar(y))),
        TypeOid.Numeric => new BytesOrder(static (x, y) => SqlNumeric.Read(x).CompareTo(SqlNumeric.Read(y))),
        TypeOid.Jsonb => new BytesOrder(JsonValue.Compare),
        TypeOid.Bit or TypeOid.VarBit => new BytesOrder(static (x, y) =>
            BitString.Compare(new BitString(x), new BitString(y))),
        TypeOid.Vector => new BytesOrder(VectorFunctions.Compare<FloatElements>),
        TypeOid.HalfVector => new BytesOrder(VectorFunctions.Compare<HalfElements>),
        TypeOid.SparseVector => new BytesOrder(SparseVectorFunctions.Compare),
        TypeOid.TsVector => new BytesOrder(LexemeFunctions.Compare),
        TypeOid.TsQuery => new BytesOrder(LexemeFunctions.CompareQueries),
        TypeOid.Record => new BytesOrder(CompareRecords),
        TypeOid.Interval => new WideOrder(static (x, y) => Interval.From(x).CompareTo(Interval.From(y))),
        TypeOid.TimeTz => new WideOrder(CompareTimeTz),
        TypeOid.Json or TypeOid.Xid or TypeOid.Cid or TypeOid.AclItem =>
            throw new SqlException(SqlState.UndefinedFunction,
            $"could not identify a comparison function for type {BuiltinTypes.FormatType(type)}"),
        _ => BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.Category == 'A'
            ? new BytesOrder(CompareArrays) : OfPhysical(type),
    };

    /// <summary>The order that equality tests: nulls of elements are equal to each other, and after all
    /// values.</summary>
    public static int CompareNullable(ValueOrder order, Column x, int rowX, Column y, int rowY)
    {
        bool isNullX = x.IsNull(rowX), isNullY = y.IsNull(rowY);
        return isNullX || isNullY ? isNullX.CompareTo(isNullY) : order.Compare(x, rowX, y, rowY);
    }

    private static ValueOrder OfPhysical(SqlType type) => Columns.PhysicalOf(type) switch
    {
        PhysicalType.Bool => new BoolOrder(),
        PhysicalType.Int16 => new FixedOrder<short>(),
        PhysicalType.Int32 => new FixedOrder<int>(),
        PhysicalType.Int64 => new FixedOrder<long>(),
        PhysicalType.Float32 => new FloatOrder<float>(),
        PhysicalType.Float64 => new FloatOrder<double>(),
        PhysicalType.Fixed16 => new WideOrder(static (x, y) => x.AsBytes().SequenceCompareTo(y.AsBytes())),
        _ => new BytesOrder(static (x, y) => x.SequenceCompareTo(y)),
    };

    /// <summary>Elements in storage order, then their number, then the shape.</summary>
    public static int CompareArrays(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        ArrayValue x = new(left), y = new(right);
        if (x.ElementOid != y.ElementOid)
            throw new SqlException(SqlState.DatatypeMismatch, "cannot compare arrays of different element types");
        Column elementsX = x.ToColumn(), elementsY = y.ToColumn();
        ValueOrder order = Of(new SqlType(x.ElementOid));
        for (int i = 0; i < x.Count && i < y.Count; i++)
        {
            int result = CompareNullable(order, elementsX, i, elementsY, i);
            if (result != 0)
                return result;
        }
        if (x.Count != y.Count)
            return x.Count.CompareTo(y.Count);
        if (x.Dimensions != y.Dimensions)
            return x.Dimensions.CompareTo(y.Dimensions);
        int lengths = ArrayShape.LengthsOf(x).AsSpan().SequenceCompareTo(ArrayShape.LengthsOf(y));
        return lengths != 0 ? lengths : ArrayShape.LowerBoundsOf(
            x).AsSpan().SequenceCompareTo(ArrayShape.LowerBoundsOf(y));
    }

    /// <summary>Field by field.</summary>
    public static int CompareRecords(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        RecordValue x = new(left), y = new(right);
        for (int i = 0; i < x.Count && i < y.Count; i++)
        {
            if (x.TypeOf(i).Oid != y.TypeOf(i).Oid)
            {
                throw new SqlException(SqlState.DatatypeMismatch, $"cannot compare dissimilar column types "
                    + $"{BuiltinTypes.FormatType(x.TypeOf(i))} and {BuiltinTypes.FormatType(y.TypeOf(i))} at record column {i + 1}");
            }
            int result = CompareNullable(Of(x.TypeOf(i)), FieldOf(x, i), 0, FieldOf(y, i), 0);
            if (result != 0)
                return result;
        }
        return x.Count == y.Count
            ? 0
            : throw new SqlException(SqlState.DatatypeMismatch,
                "cannot compare record types with different numbers of columns");
    }

    private static Column FieldOf(RecordValue record, int field)
    {
        ColumnBuilder builder = ColumnBuilder.Create(Columns.PhysicalOf(record.TypeOf(field)), 1);
        record.AppendField(field, builder);
        return builder.Build();
    }

    // By the moment in UTC, then by zone.
    private static int CompareTimeTz(Fixed16 x, Fixed16 y)
    {
        long momentX = (long)x.Low + ((int)x.High * Calendar.MicrosecondsPerSecond);
        long momentY = (long)y.Low + ((int)y.High * Calendar.MicrosecondsPerSecond);
        return momentX != momentY ? momentX.CompareTo(momentY) : ((int)x.High).CompareTo((int)y.High);
    }

    private sealed class BoolOrder : ValueOrder
    {
        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            ((BoolColumn)x)[rowX].CompareTo(((BoolColumn)y)[rowY]);
    }

    private sealed class FixedOrder<T> : ValueOrder where T : unmanaged, INumber<T>
    {
        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            ((FixedColumn<T>)x)[rowX].CompareTo(((FixedColumn<T>)y)[rowY]);
    }

    private sealed class FloatOrder<T> : ValueOrder where T : unmanaged, INumber<T>
    {
        public override int Compare(Column x, int rowX, Column y, int rowY) => FloatFunctions.Compare(
            double.CreateTruncating(((FixedColumn<T>)x)[rowX]), double.CreateTruncating(((FixedColumn<T>)y)[rowY]));
    }

    private sealed class BytesOrder(BytesComparison comparison) : ValueOrder
    {
        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            comparison(((BinaryColumn)x)[rowX], ((BinaryColumn)y)[rowY]);
    }

    private sealed class WideOrder(Comparison<Fixed16> comparison) : ValueOrder
    {
        public override int Compare(Column x, int rowX, Column y, int rowY) =>
            comparison(((FixedColumn<Fixed16>)x)[rowX], ((FixedColumn<Fixed16>)y)[rowY]);
    }
}
