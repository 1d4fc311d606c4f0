using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Executor.Functions.Aggregates;
using VecSQL.Executor.Functions.Vectors;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Functions;

/// <summary>Finds the code of aggregates.</summary>
public static class AggregateLibrary
{
    /// <summary>A new accumulator for the aggregate with that implementation name and these argument types.</summary>
    /// <param name="directArguments">Constant columns: of ordered-set aggregates.</param>
    /// <param name="order">The keys of WITHIN GROUP; default where all ascend with nulls last.</param>
    /// <exception cref="SqlException">0A000: the aggregate has no implementation.</exception>
    public static Accumulator Create(
        string implementation, IReadOnlyList<SqlType> arguments, SqlType result, IReadOnlyList<Column> directArguments,
        ImmutableArray<SortKey> order = default)
    {
        SqlType argument = arguments.Count > 0 ? arguments[0] : default;
        return implementation switch
        {
            "count" => new CountAccumulator(arguments.Count > 0),
            "sum" => Sum(argument),
            "avg" => Average(argument),
            "min" => MinMax(argument, isMax: false),
            "max" => MinMax(argument, isMax: true),
            "bool_and" or "every" => new BooleanAccumulator(isAnd: true),
            "bool_or" => new BooleanAccumulator(isAnd: false),
            "bit_and" => Bits(argument, BitOperation.And),
            "bit_or" => Bits(argument, BitOperation.Or),
            "bit_xor" => Bits(argument, BitOperation.Xor),
            "string_agg" => new StringAccumulator(),
            "array_agg" when BuiltinTypes.ElementOf(argument.Oid) != 0 => new ArrayOfArraysAccumulator(argument),
            "array_agg" => new ArrayAccumulator(argument),
            "any_value" => new AnyValueAccumulator(Columns.PhysicalOf(argument)),
            "json_agg" => new JsonAccumulator(arguments, isObject: false, isJsonb: false),
            "jsonb_agg" => new JsonAccumulator(arguments, isObject: false, isJsonb: true),
            "json_object_agg" => new JsonAccumulator(arguments, isObject: true, isJsonb: false),
            "jsonb_object_agg" => new JsonAccumulator(arguments, isObject: true, isJsonb: true),
            "stddev" or "stddev_samp" => Variance(argument, new VarianceKind(IsSample: true, IsRoot: true)),
            "stddev_pop" => Variance(argument, new VarianceKind(IsSample: false, IsRoot: true)),
            "variance" or "var_samp" => Variance(argument, new VarianceKind(IsSample: true, IsRoot: false)),
            "var_pop" => Variance(argument, new VarianceKind(IsSample: false, IsRoot: false)),
            "mode" => new ModeAccumulator(argument),
            "percentile_cont" => new PercentileAccumulator(argument, result, directArguments[0], isContinuous: true),
            "percentile_disc" => new PercentileAccumulator(argument, result, directArguments[0], isContinuous: false),
            "rank" or "dense_rank" or "percent_rank" or "cume_dist" =>
                new HypotheticalRankAccumulator(implementation, arguments, directArguments, order),
            "rrf_score" => new RankFusionAccumulator(),
            "corr" or "covar_pop" or "covar_samp" => new RegressionAccumulator(implementation),
            _ when implementation.StartsWith("regr_", StringComparison.Ordinal) =>
                new RegressionAccumulator(implementation),
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
        TypeOid.Interval => new IntervalSumAccumulator(isAverage: false),
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
        TypeOid.Interval => new IntervalSumAccumulator(isAverage: true),
        TypeOid.Float4 => new FloatAverageAccumulator<float>(),
        TypeOid.Float8 => new FloatAverageAccumulator<double>(),
        _ => null,
    };

    private static Accumulator? Bits(SqlType argument, BitOperation operation) => argument.Oid switch
    {
        TypeOid.Int2 => new IntegerBitsAccumulator<short>(operation),
        TypeOid.Int4 => new IntegerBitsAccumulator<int>(operation),
        TypeOid.Int8 => new IntegerBitsAccumulator<long>(operation),
        TypeOid.Bit => new BitStringAccumulator(operation),
        _ => null,
    };

    private static Accumulator? Variance(SqlType argument, VarianceKind kind) => argument.Oid switch
    {
        TypeOid.Float4 => new FloatVarianceAccumulator<float>(kind),
        TypeOid.Float8 => new FloatVarianceAccumulator<double>(kind),
        TypeOid.Int2 => new NumericVarianceAccumulator(kind, static (column, row) => ((FixedColumn<short>)column)[row]),
        TypeOid.Int4 => new NumericVarianceAccumulator(kind, static (column, row) => ((FixedColumn<int>)column)[row]),
        TypeOid.Int8 => new NumericVarianceAccumulator(kind, static (column, row) => ((FixedColumn<long>)column)[row]),
        TypeOid.Numeric => new NumericVarianceAccumulator(kind, static (column, row) =>
            SqlNumeric.Read(((BinaryColumn)column)[row])),
        _ => null,
    };

    private static Accumulator MinMax(SqlType argument, bool isMax) => argument.Oid switch
    {
        TypeOid.Int2 => new FixedExtremeAccumulator<short>(isMax),
        TypeOid.Int4 or TypeOid.Date => new FixedExtremeAccumulator<int>(isMax),
        TypeOid.Int8 or TypeOid.Oid or TypeOid.Time or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Tid =>
            new FixedExtremeAccumulator<long>(isMax),
        _ when UserTypeOid.IsEnum(argument.Oid) => new FixedExtremeAccumulator<long>(isMax),
        TypeOid.Float4 => new FixedExtremeAccumulator<float>(isMax),
        TypeOid.Float8 => new FixedExtremeAccumulator<double>(isMax),
        _ => new OrderedExtremeAccumulator(argument, isMax),
    };
}
