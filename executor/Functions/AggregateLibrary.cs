using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Aggregates;
using VecSQL.Executor.Functions.Vectors;

namespace VecSQL.Executor.Functions;

/// <summary>Finds the code of aggregates.</summary>
public static class AggregateLibrary
{
    /// <summary>A new accumulator for the aggregate with that implementation name and these argument types.</summary>
    /// <param name="directArguments">Constant columns: of ordered-set aggregates.</param>
    /// <exception cref="SqlException">0A000: the aggregate has no implementation.</exception>
    public static Accumulator Create(
        string implementation, IReadOnlyList<SqlType> arguments, SqlType result, IReadOnlyList<Column> directArguments)
    {
        SqlType argument = arguments.Count > 0 ? arguments[0] : default;
        return implementation switch
        {
            "count" => new CountAccumulator(arguments.Count > 0),
            "sum" => Sum(argument),
            "avg" => Average(argument),
            "min" => MinMax(argument, isMax: false),
            "max" => MinMax(argument, isMax: true),
            _ => null,
        } ?? throw new SqlException(SqlState.FeatureNotSupported, $"aggregate {implementation} is not supported");
    }

    private static Accumulator? Sum(SqlType argument) => argument.Oid switch
    {
        TypeOid.Int2 => new SumAccumulator<short, long, long>(),
        TypeOid.Int4 => new SumAccumulator<int, long, long>(),
        TypeOid.Vector => new VectorAccumulator<FloatElements>(isAverage: false),
        TypeOid.HalfVector => new VectorAccumulator<HalfElements>(isAverage: false),
        TypeOid.Int8 => new IntegerSumAccumulator<long>(isAverage: false),
        TypeOid.Numeric => new NumericSumAccumulator(isAverage: false),
        TypeOid.Float4 => new SumAccumulator<float, float, float>(),
        TypeOid.Float8 => new SumAccumulator<double, double, double>(),
        _ => null,
    };

    private static Accumulator? Average(SqlType argument) => argument.Oid switch
    {
        TypeOid.Vector => new VectorAccumulator<FloatElements>(isAverage: true),
        TypeOid.HalfVector => new VectorAccumulator<HalfElements>(isAverage: true),
        TypeOid.Int2 => new IntegerSumAccumulator<short>(isAverage: true),
        TypeOid.Int4 => new IntegerSumAccumulator<int>(isAverage: true),
        TypeOid.Int8 => new IntegerSumAccumulator<long>(isAverage: true),
        TypeOid.Numeric => new NumericSumAccumulator(isAverage: true),
        TypeOid.Float4 => new FloatAverageAccumulator<float>(),
        TypeOid.Float8 => new FloatAverageAccumulator<double>(),
        _ => null,
    };

    private static Accumulator MinMax(SqlType argument, bool isMax) => argument.Oid switch
    {
        TypeOid.Int2 => new FixedExtremeAccumulator<short>(isMax),
        TypeOid.Int4 or TypeOid.Date => new FixedExtremeAccumulator<int>(isMax),
        TypeOid.Int8 or TypeOid.Oid or TypeOid.Time or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Tid =>
            new FixedExtremeAccumulator<long>(isMax),
        TypeOid.Float4 => new FixedExtremeAccumulator<float>(isMax),
        TypeOid.Float8 => new FixedExtremeAccumulator<double>(isMax),
        _ => new OrderedExtremeAccumulator(argument, isMax),
    };
}
