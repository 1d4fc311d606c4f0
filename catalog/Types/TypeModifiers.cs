using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Types;

/// <summary>
/// Type modifiers: what stands in parentheses after a type's name, packed into one integer as atttypmod is.
/// </summary>
/// <remarks>
/// Layout: varchar and bpchar: length + 4. numeric: (precision &lt;&lt; 16 | scale in 11 bits) + 4. bit and varbit:
/// the length.
/// Times: digits of the fraction. interval: fields in the high 15 bits, digits in the low 16. Vectors: dimensions.
/// </remarks>
public static class TypeModifiers
{
    public const int NumericPrecisionMax = 1000, NumericScaleMin = -1000, NumericScaleMax = 1000;
    public const int VectorDimensionsMax = 16_000, SparseDimensionsMax = 1_000_000_000;

    /// <summary>Digits of a second's fraction at most.</summary>
    public const int FractionDigitsMax = 6;

    private const int Header = 4, CharacterLengthMax = 10 * 1024 * 1024, BitLengthMax = CharacterLengthMax * 8;
    private const int FullPrecision = 0xFFFF, FullRange = 0x7FFF;

    // The bit numbers that PostgreSQL gives to fields of dates in an interval's modifier.
    private const int Month = 1 << 1, Year = 1 << 2, Day = 1 << 3, Hour = 1 << 10, Minute = 1 << 11, Second = 1 << 12;

    private static readonly (string Name, int Range)[] IntervalRanges =
    [
        ("year", Year), ("month", Month), ("day", Day), ("hour", Hour), ("minute", Minute), ("second", Second),
        ("year to month", Year | Month), ("day to hour", Day | Hour), ("day to minute", Day | Hour | Minute),
        ("day to second", Day | Hour | Minute | Second), ("hour to minute", Hour | Minute),
        ("hour to second", Hour | Minute | Second), ("minute to second", Minute | Second),
    ];

    public static int NumericPrecision(int modifier) => ((modifier - Header) >> 16) & 0xFFFF;

    /// <summary>The scale: eleven bits with a sign.</summary>
    public static int NumericScale(int modifier) => (((modifier - Header) & 0x7FF) ^ 1024) - 1024;

    /// <summary>Characters that varchar(n) and character(n) hold; −1 for any number.</summary>
    public static int CharacterLength(int modifier) => modifier < Header ? -1 : modifier - Header;

    /// <summary>The fraction digits of an interval's modifier; −1 for all six.</summary>
    public static int IntervalPrecision(int modifier) =>
        modifier < 0 || (modifier & FullPrecision) == FullPrecision ? -1 : modifier & FullPrecision;

    /// <summary>Which fields an interval keeps.</summary>
    public static IntervalFields IntervalRange(int modifier) =>
        modifier < 0 ? IntervalFields.All : (modifier >> 16 & FullRange) switch
        {
            Year => IntervalFields.Year,
            Month => IntervalFields.Month,
            Day => IntervalFields.Day,
            Hour => IntervalFields.Hour,
            Minute => IntervalFields.Minute,
            Second => IntervalFields.Second,
            Year | Month => IntervalFields.YearToMonth,
            Day | Hour => IntervalFields.DayToHour,
            Day | Hour | Minute => IntervalFields.DayToMinute,
            Day | Hour | Minute | Second => IntervalFields.DayToSecond,
            Hour | Minute => IntervalFields.HourToMinute,
            Hour | Minute | Second => IntervalFields.HourToSecond,
            Minute | Second => IntervalFields.MinuteToSecond,
            _ => IntervalFields.All,
        };

    internal static int From(uint typeOid, ReadOnlySpan<int> modifiers)
    {
        uint oid = BuiltinTypes.TryFind(typeOid, out TypeEntry? entry) && entry.IsArray ? entry.ElementOid : typeOid;
        switch (oid)
        {
            case TypeOid.BpChar:
                return Header + OfLength(modifiers, "char", CharacterLengthMax);
            case TypeOid.VarChar:
                return Header + OfLength(modifiers, "varchar", CharacterLengthMax);
            case TypeOid.Bit:
                return OfLength(modifiers, "bit", BitLengthMax);
            case TypeOid.VarBit:
                return OfLength(modifiers, "varbit", BitLengthMax);
            case TypeOid.Numeric:
                return OfNumeric(modifiers);
            case TypeOid.Time or TypeOid.TimeTz:
                return OfTime(modifiers, "TIME", oid == TypeOid.TimeTz);
            case TypeOid.Timestamp or TypeOid.TimestampTz:
                return OfTime(modifiers, "TIMESTAMP", oid == TypeOid.TimestampTz);
            case TypeOid.Interval:
                return modifiers.Length == 1 ? OfInterval(null, modifiers[0])
                    : throw Invalid("invalid INTERVAL type modifier");
            case TypeOid.Vector:
                return OfDimensions(modifiers, "vector", VectorDimensionsMax);
            case TypeOid.HalfVector:
                return OfDimensions(modifiers, "halfvec", VectorDimensionsMax);
            case TypeOid.SparseVector:
                return OfDimensions(modifiers, "sparsevec", SparseDimensionsMax);
            default:
                string name = BuiltinTypes.TryFind(oid, out entry) ? entry.Name : oid.ToString();
                throw new SqlException(SqlState.SyntaxError, $"type modifier is not allowed for type \"{name}\"");
        }
    }

    internal static int OfInterval(string? fields, int? precision)
    {
        if (precision < 0)
            throw Invalid($"INTERVAL({precision}) precision must not be negative");
        int digits = precision is { } given ? Math.Min(given, FractionDigitsMax) : FullPrecision;
        if (fields is null)
            return precision is null ? -1 : FullRange << 16 | digits;
        foreach ((string name, int range) in IntervalRanges)
        {
            if (name == fields)
                return range << 16 | digits;
        }
        throw Invalid("invalid INTERVAL type modifier");
    }

    internal static string IntervalText(int modifier)
    {
        int range = modifier >> 16 & FullRange, digits = modifier & FullPrecision;
        string text = "";
        foreach ((string name, int itsRange) in IntervalRanges)
        {
            if (itsRange == range)
                text = " " + name;
        }
        return digits == FullPrecision ? text : $"{text}({digits})";
    }

    private static int OfLength(ReadOnlySpan<int> modifiers, string name, int lengthMax)
    {
        if (modifiers.Length != 1)
            throw Invalid("invalid type modifier");
        if (modifiers[0] < 1)
            throw Invalid($"length for type {name} must be at least 1");
        return modifiers[0] <= lengthMax
            ? modifiers[0]
            : throw Invalid($"length for type {name} cannot exceed {lengthMax}");
    }

    private static int OfDimensions(ReadOnlySpan<int> modifiers, string name, int dimensionsMax)
    {
        if (modifiers.Length != 1)
            throw Invalid("invalid type modifier");
        if (modifiers[0] < 1)
            throw Invalid($"dimensions for type {name} must be at least 1");
        return modifiers[0] <= dimensionsMax
            ? modifiers[0]
            : throw Invalid($"dimensions for type {name} cannot exceed {dimensionsMax}");
    }

    private static int OfNumeric(ReadOnlySpan<int> modifiers)
    {
        if (modifiers.Length is not (1 or 2))
            throw Invalid("invalid NUMERIC type modifier");
        int precision = modifiers[0], scale = modifiers.Length == 2 ? modifiers[1] : 0;
        if (precision is < 1 or > NumericPrecisionMax)
            throw Invalid($"NUMERIC precision {precision} must be between 1 and {NumericPrecisionMax}");
        if (scale is < NumericScaleMin or > NumericScaleMax)
            throw Invalid($"NUMERIC scale {scale} must be between {NumericScaleMin} and {NumericScaleMax}");
        return (precision << 16 | scale & 0x7FF) + Header;
    }

    /// <remarks>More digits than six mean six, as in PostgreSQL (which warns).</remarks>
    private static int OfTime(ReadOnlySpan<int> modifiers, string name, bool hasZone)
    {
        if (modifiers.Length != 1)
            throw Invalid("invalid type modifier");
        return modifiers[0] >= 0
            ? Math.Min(modifiers[0], FractionDigitsMax)
            : throw Invalid($"{name}({modifiers[0]}){(hasZone ? " WITH TIME ZONE" : "")} precision must not be negative");
    }

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}

/// <summary>Which fields <c>interval year to month</c> and the like keep.</summary>
public enum IntervalFields : byte
{
    All,
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}
