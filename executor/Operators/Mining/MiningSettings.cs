using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Vectors.Kernels;

namespace VecSQL.Executor.Operators.Mining;

/// <summary>How rows are chosen.</summary>
internal enum MiningChoice : byte { Random, Nearest, Farthest }

/// <summary>What mining was told, checked.</summary>
internal sealed record MiningSettings
{
    private const int CountMax = 10_000;

    internal DistanceMetric Metric { get; private init; } = DistanceMetric.Cosine;

    /// <summary>Triplets of an anchor, or negative rows of a query.</summary>
    internal int Count { get; private init; }

    internal int Positives { get; private init; } = 1;

    internal int Negatives { get; private init; } = 1;

    internal MiningChoice NegativeChoice { get; private init; }

    internal MiningChoice PositiveChoice { get; private init; } = MiningChoice.Random;

    /// <summary>How much farther than the positive row a negative one has to be; null for any distance.</summary>
    internal double? Margin { get; private init; }

    internal int RangeMin { get; private init; }

    /// <summary>Null: as far as it takes.</summary>
    internal int? RangeMax { get; private init; }

    internal long Seed { get; private init; }

    internal double Noise { get; private init; }

    internal double Dropout { get; private init; }

    internal double Validation { get; private init; }

    /// <summary>Only anchors for validation, or only others; null for both.</summary>
    internal bool? IsValidation { get; private init; }

    internal bool Augments => Noise > 0 || Dropout > 0;

    /// <exception cref="SqlException">22023, 22004: a value is none that it can have.</exception>
    internal static MiningSettings Evaluate(MiningPlan plan, EvaluationContext context)
    {
        var settings = new MiningSettings
        {
            Count = plan.Kind == MiningKind.HardNegatives ? 10 : 1,
            NegativeChoice = plan.Kind == MiningKind.Pairs ? MiningChoice.Random : MiningChoice.Nearest,
        };
        foreach (MiningSetting setting in plan.Settings)
        {
            Column value = CompiledExpressions.EvaluateConstant(setting.Value, context);
            if (!value.IsNull(0)) // as if it were not given
                settings = settings.With(setting.Option, value, setting.Name);
        }
        if (settings.RangeMax <= settings.RangeMin)
            throw Refused("range_max must be greater than range_min");
        return settings is { IsValidation: true, Validation: 0 }
            ? throw Refused("there are no rows for validation", "Say how many there are, of 1: validation => 0.1.")
            : settings;
    }

    private MiningSettings With(MiningOption option, Column value, string name)
    {
        switch (option)
        {
            case MiningOption.Count:
                return this with { Count = Whole(value, name, 1) };
            case MiningOption.Positives:
                return this with { Positives = Whole(value, name, 0) };
            case MiningOption.Negatives:
                return this with { Negatives = Whole(value, name, 0) };
            case MiningOption.Mining:
                return Word(value) switch
                {
                    "hard" => this with { NegativeChoice = MiningChoice.Nearest },
                    "semi-hard" => this with { NegativeChoice = MiningChoice.Nearest, Margin = Margin ?? 0 },
                    "random" => this with { NegativeChoice = MiningChoice.Random },
                    var other => throw Unknown(name, other, "hard, semi-hard, random"),
                };
            case MiningOption.PositiveMining:
                return Word(value) switch
                {
                    "hard" => this with { PositiveChoice = MiningChoice.Farthest },
                    "easy" => this with { PositiveChoice = MiningChoice.Nearest },
                    "random" => this with { PositiveChoice = MiningChoice.Random },
                    var other => throw Unknown(name, other, "hard, easy, random"),
                };
            case MiningOption.Metric:
                return Word(value) switch
                {
                    "cosine" => this with { Metric = DistanceMetric.Cosine },
                    "l2" => this with { Metric = DistanceMetric.L2 },
                    "ip" => this with { Metric = DistanceMetric.NegativeInnerProduct },
                    "l1" => this with { Metric = DistanceMetric.L1 },
                    var other => throw Unknown(name, other, "cosine, l2, ip, l1"),
                };
            default:
                return WithNumber(option, value, name);
        }
    }

    private MiningSettings WithNumber(MiningOption option, Column value, string name) => option switch
    {
        MiningOption.Margin => this with { Margin = Between(value, name, double.MinValue, double.MaxValue) },
        MiningOption.RangeMin => this with { RangeMin = Whole(value, name, 0) },
        MiningOption.RangeMax => this with { RangeMax = Whole(value, name, 1) },
        MiningOption.Seed => this with { Seed = ((FixedColumn<long>)value)[0] },
        MiningOption.Noise => this with { Noise = Between(value, name, 0, 1e6) },
        MiningOption.Dropout => this with { Dropout = Between(value, name, 0, 0.99) },
        MiningOption.Validation => this with { Validation = Between(value, name, 0, 1) },
        MiningOption.Split => Word(value) switch
        {
            MiningColumns.Train => this with { IsValidation = false },
            MiningColumns.Validation => this with { IsValidation = true },
            var other => throw Unknown(name, other, $"{MiningColumns.Train}, {MiningColumns.Validation}"),
        },
        _ => throw new InvariantException($"mining knows no {option}"),
    };

    private static string Word(Column value) => Encoding.UTF8.GetString(((BinaryColumn)value)[0]);

    private static int Whole(Column value, string name, int least)
    {
        long number = ((FixedColumn<long>)value)[0];
        return number >= least && number <= CountMax ? (int)number : throw Refused($"{name} must be from {least} to {CountMax}");
    }

    private static double Between(Column value, string name, double least, double greatest)
    {
        double number = ((FixedColumn<double>)value)[0];
        return number >= least && number <= greatest
            ? number
            : throw Refused(least == double.MinValue ? $"{name} must be a number" : FormattableString.Invariant($"{name} must be from {least} to {greatest}"));
    }

    private static SqlException Unknown(string name, string value, string known) =>
        Refused($"unrecognized value \"{value}\" of argument \"{name}\"", $"Valid values: {known}.");

    private static SqlException Refused(string message, string? hint = null) =>
        new(SqlState.InvalidParameterValue, message, hint: hint);
}
