using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;

namespace VecSQL.Engine.Arrow;

/// <summary>Columns of one SQL type as another's: numbers as an assignment takes them, everything else by its text.</summary>
internal static class ArrowCasts
{
    /// <exception cref="SqlException">A value is not one of the type: 22003, 22P02, 22001 and what the type's own input says.</exception>
    internal static Column Cast(Column column, SqlType from, SqlType to, FormatContext context)
    {
        if (from.Oid == to.Oid && to.Modifier == -1)
            return column;
        if (from.Oid == TypeOid.Text && to is { Oid: TypeOid.VarChar, Modifier: -1 })
            return column;
        if (IsNumber(from.Oid) && IsNumber(to.Oid))
            return Numbers(column, to.Oid);
        TypeFormat source = TypeFormats.For(from.Oid), target = TypeFormats.For(to.Oid);
        ColumnBuilder builder = ColumnBuilder.Create(BuiltinTypes.PhysicalOf(to.Oid), Math.Max(column.Length, 4));
        CopyBuffer text = new();
        column = column.Expand();
        for (int row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row))
            {
                builder.AppendNull();
                continue;
            }
            text.Truncate(0);
            source.WriteText(column, row, text, FormatContext.Default);
            target.ReadText(text.Written.Span, to.Modifier, builder, context);
        }
        return builder.Build();
    }

    private static bool IsNumber(uint oid) =>
        oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8 or TypeOid.Float4 or TypeOid.Float8;

    private static Column Numbers(Column column, uint to)
    {
        column = column.Expand();
        Bitmap validity = column.Validity;
        return to switch
        {
            TypeOid.Int2 => new FixedColumn<short>(Of(column, static value => value is >= short.MinValue and <= short.MaxValue ? (short)value
                : throw OutOfRange("smallint"), static value => (short)Integer(value, short.MinValue, short.MaxValue, "smallint")), validity),
            TypeOid.Int4 => new FixedColumn<int>(Of(column, static value => value is >= int.MinValue and <= int.MaxValue ? (int)value
                : throw OutOfRange("integer"), static value => (int)Integer(value, int.MinValue, int.MaxValue, "integer")), validity),
            TypeOid.Int8 => new FixedColumn<long>(Of(column, static value => value, static value =>
                (long)Integer(value, long.MinValue, 9223372036854774784.0, "bigint")), validity),
            TypeOid.Float4 => new FixedColumn<float>(Of(column, static value => (float)value, static value =>
                float.IsInfinity((float)value) && double.IsFinite(value) ? throw OutOfRange("real") : (float)value), validity),
            _ => new FixedColumn<double>(Of(column, static value => value, static value => value), validity),
        };
    }

    private static T[] Of<T>(Column column, Func<long, T> ofInteger, Func<double, T> ofFloat)
    {
        T[] target = new T[column.Length];
        for (int row = 0; row < target.Length; row++)
        {
            if (column.IsNull(row))
                continue;
            target[row] = column switch
            {
                FixedColumn<short> values => ofInteger(values[row]),
                FixedColumn<int> values => ofInteger(values[row]),
                FixedColumn<long> values => ofInteger(values[row]),
                FixedColumn<float> values => ofFloat(values[row]),
                FixedColumn<double> values => ofFloat(values[row]),
                _ => throw new InvariantException($"a column of {column.Type} is no number"),
            };
        }
        return target;
    }

    private static double Integer(double value, double min, double max, string type)
    {
        double whole = Math.Round(value, MidpointRounding.ToEven);
        return whole >= min && whole <= max ? whole : throw OutOfRange(type);
    }

    private static SqlException OutOfRange(string type) => new(SqlState.NumericValueOutOfRange, $"{type} out of range");
}
