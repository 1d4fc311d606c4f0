namespace VecSQL.Columnar.Ipc;

/// <summary>An Arrow type with its parameters and, for nested ones, its children. Immutable; equal by value.</summary>
/// <remarks>What parameters a kind has is said at <see cref="ArrowTypeKind"/>.</remarks>
public sealed class ArrowType : IEquatable<ArrowType>
{
    public const int Decimal128DigitsMax = 38, Decimal256DigitsMax = 76;

    private static readonly ArrowField[] NoChildren = [];

    public ArrowType(ArrowTypeKind kind, int size = 0, int scale = 0)
        : this(kind, NoChildren)
    {
        Size = size;
        Scale = scale;
    }

    private ArrowType(ArrowTypeKind kind, IReadOnlyList<ArrowField> children)
    {
        Kind = kind;
        Children = children;
    }

    public ArrowTypeKind Kind { get; }

    /// <summary>Bytes, elements or digits, by kind.</summary>
    public int Size { get; private init; }

    /// <summary>Digits after the point of a decimal.</summary>
    public int Scale { get; private init; }

    public ArrowUnit Unit { get; private init; }

    /// <summary>A timestamp's zone; null where it has none.</summary>
    public string? Zone { get; private init; }

    /// <summary>Of a union: whether it is dense. Of a map: whether its keys are sorted. Of a dictionary: whether its values are in order.</summary>
    public bool Flag { get; private init; }

    /// <summary>A union's type ids, one for each child.</summary>
    public IReadOnlyList<int> TypeIds { get; private init; } = [];

    /// <summary>What a dictionary's numbers are: a kind of integers.</summary>
    public ArrowTypeKind Index { get; private init; }

    /// <summary>Which dictionary: of all fields of a schema with the same number, the values are the same.</summary>
    public long DictionaryId { get; private init; }

    public IReadOnlyList<ArrowField> Children { get; }

    public bool IsDense => Kind == ArrowTypeKind.Union && Flag;

    /// <summary>Bytes of a value where every value has the same whole number of them, else 0. Of a dictionary, a number's.</summary>
    public int WidthBytes => Kind switch
    {
        ArrowTypeKind.Int8 or ArrowTypeKind.UInt8 => 1,
        ArrowTypeKind.Int16 or ArrowTypeKind.UInt16 or ArrowTypeKind.Float16 => 2,
        ArrowTypeKind.Int32 or ArrowTypeKind.UInt32 or ArrowTypeKind.Float32 => 4,
        ArrowTypeKind.Date32 or ArrowTypeKind.Time32 or ArrowTypeKind.IntervalYearMonth => 4,
        ArrowTypeKind.Int64 or ArrowTypeKind.UInt64 or ArrowTypeKind.Float64 => 8,
        ArrowTypeKind.Date64 or ArrowTypeKind.Time64 or ArrowTypeKind.Timestamp or ArrowTypeKind.Duration => 8,
        ArrowTypeKind.IntervalDayTime => 8,
        ArrowTypeKind.IntervalMonthDayNano or ArrowTypeKind.Decimal128 => 16,
        ArrowTypeKind.Decimal256 => 32,
        ArrowTypeKind.FixedSizeBinary => Size,
        ArrowTypeKind.FixedSizeList => Product(Size, Children[0].Type.WidthBytes),
        ArrowTypeKind.Dictionary => new ArrowType(Index).WidthBytes,
        _ => 0,
    };

    /// <summary>Whether values lie between offsets of 32 bits: Utf8 and Binary.</summary>
    public bool IsVariable => Kind is ArrowTypeKind.Utf8 or ArrowTypeKind.Binary;

    /// <summary>Whether values are text, however it is kept.</summary>
    public bool IsText => Kind is ArrowTypeKind.Utf8 or ArrowTypeKind.LargeUtf8 or ArrowTypeKind.Utf8View;

    /// <summary>Whether values are bytes, however they are kept.</summary>
    public bool IsBinary => Kind is ArrowTypeKind.Binary or ArrowTypeKind.LargeBinary or ArrowTypeKind.BinaryView
        or ArrowTypeKind.FixedSizeBinary;

    public bool IsView => Kind is ArrowTypeKind.Utf8View or ArrowTypeKind.BinaryView;

    /// <summary>Lists of so many single values, none of which is null.</summary>
    public static ArrowType FixedSizeList(ArrowTypeKind child, int size) =>
        FixedSizeList(new ArrowField("item", new ArrowType(child), IsNullable: true, []), size);

    public static ArrowType FixedSizeList(ArrowField child, int size) =>
        new(ArrowTypeKind.FixedSizeList, [child]) { Size = size };

    public static ArrowType List(ArrowField child) => new(ArrowTypeKind.List, [child]);

    public static ArrowType List(ArrowType child) => List(new ArrowField("item", child, IsNullable: true, []));

    public static ArrowType LargeList(ArrowField child) => new(ArrowTypeKind.LargeList, [child]);

    public static ArrowType Struct(IReadOnlyList<ArrowField> children) => new(ArrowTypeKind.Struct, children);

    /// <param name="entries">A struct of two members, which is never null.</param>
    public static ArrowType Map(ArrowField entries, bool isSorted = false) =>
        new(ArrowTypeKind.Map, [entries]) { Flag = isSorted };

    /// <summary>A map of keys to values that may be null.</summary>
    public static ArrowType Map(ArrowType key, ArrowType value) => Map(new ArrowField("entries", Struct(
        [new ArrowField("key", key, IsNullable: false, []), new ArrowField("value", value, IsNullable: true, [])]),
        IsNullable: false, []));

    public static ArrowType Union(IReadOnlyList<ArrowField> children, bool isDense, IReadOnlyList<int>? typeIds = null) =>
        new(ArrowTypeKind.Union, children) { Flag = isDense, TypeIds = typeIds ?? [.. Enumerable.Range(0, children.Count)] };

    public static ArrowType Dictionary(long id, ArrowTypeKind index, ArrowType values, bool isOrdered = false) =>
        new(ArrowTypeKind.Dictionary, [new ArrowField("", values, IsNullable: true, [])])
        { DictionaryId = id, Index = index, Flag = isOrdered };

    public static ArrowType Timestamp(ArrowUnit unit, string? zone = null) =>
        new(ArrowTypeKind.Timestamp) { Unit = unit, Zone = zone };

    /// <summary>Time of day: 32 bits of seconds or milliseconds, 64 of less.</summary>
    public static ArrowType Time(ArrowUnit unit) =>
        new(unit <= ArrowUnit.Millisecond ? ArrowTypeKind.Time32 : ArrowTypeKind.Time64) { Unit = unit };

    public static ArrowType Duration(ArrowUnit unit) => new(ArrowTypeKind.Duration) { Unit = unit };

    private static int Product(int size, int width) =>
        (long)size * width is <= IpcLimits.BodyBytesMax and var bytes ? (int)bytes : 0;

    public bool Equals(ArrowType? other) => other is not null && Kind == other.Kind && Size == other.Size
        && Scale == other.Scale && Unit == other.Unit && Zone == other.Zone && Flag == other.Flag && Index == other.Index
        && DictionaryId == other.DictionaryId && TypeIds.SequenceEqual(other.TypeIds)
        && Children.Select(static child => (child.Name, child.Type, child.IsNullable))
            .SequenceEqual(other.Children.Select(static child => (child.Name, child.Type, child.IsNullable)));

    public override bool Equals(object? obj) => Equals(obj as ArrowType);

    public override int GetHashCode() => HashCode.Combine(Kind, Size, Scale, Unit, Children.Count);

    /// <summary>As messages name it: <c>fixed_size_list&lt;float32&gt;[3]</c>.</summary>
    public override string ToString() => Kind switch
    {
        ArrowTypeKind.Dictionary => $"dictionary<{Index}, {Children[0].Type}>",
        ArrowTypeKind.Timestamp => Zone is null ? $"timestamp({Unit})" : $"timestamp({Unit}, {Zone})",
        ArrowTypeKind.Decimal128 or ArrowTypeKind.Decimal256 => $"{Kind}({Size}, {Scale})",
        ArrowTypeKind.FixedSizeBinary => $"{Kind}({Size})",
        ArrowTypeKind.FixedSizeList => $"{Kind}<{Children[0].Type}>({Size})",
        ArrowTypeKind.Time32 or ArrowTypeKind.Time64 or ArrowTypeKind.Duration => $"{Kind}({Unit})",
        _ when Children.Count > 0 => $"{Kind}<{string.Join(", ", Children.Select(static child => child.Type))}>",
        _ => Kind.ToString(),
    };
}
