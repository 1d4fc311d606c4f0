using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Objects;

/// <summary>An enumerated type.</summary>
/// <remarks>
/// A value is its label's key: a number that is given once and orders values as the type does, so that columns of them sort, compare,
/// prune and compress as bigints do, and no stored row changes when labels are added, placed or renamed.
/// </remarks>
public sealed record EnumTypeEntry(uint Oid, uint SchemaOid, string Name) : UserTypeEntry(Oid, SchemaOid, Name)
{
    /// <summary>Between neighbours that were made in their order: a label may be put between two labels forty times over.</summary>
    private const long KeyStep = 1L << 40;

    private FrozenDictionary<string, int> _places = FrozenDictionary<string, int>.Empty;
    private byte[][] _texts = [];

    /// <summary>In the order of the type, which is that of their keys.</summary>
    public required ImmutableArray<EnumLabel> Labels
    {
        get;
        init
        {
            field = value;
            _places = value.Select(static (label, place) => KeyValuePair.Create(label.Name, place)).ToFrozenDictionary();
            _texts = [.. value.Select(static label => Encoding.UTF8.GetBytes(label.Name))];
        }
    }

    /// <summary>The last object id that was given to a label that the type was made with; labels of later ids were added.</summary>
    public uint LastFirstOid { get; init; }

    public EnumLabel? FindLabel(string name) => _places.TryGetValue(name, out int place) ? Labels[place] : null;

    /// <summary>The label of a value; null where no label has the key.</summary>
    public EnumLabel? FindLabel(long key) => PlaceOf(key) is >= 0 and var place ? Labels[place] : null;

    /// <summary>A value's text in UTF-8; empty where no label has the key, as no label is.</summary>
    public ReadOnlySpan<byte> TextOf(long key) => PlaceOf(key) is >= 0 and var place ? _texts[place] : [];

    /// <summary>A key for a label before the one at the place; null where its neighbours have no number between them.</summary>
    public long? KeyBefore(int place)
    {
        if (Labels.Length == 0)
            return 0;
        if (place == 0)
            return Labels[0].Key - KeyStep;
        long left = Labels[place - 1].Key;
        if (place == Labels.Length)
            return left + KeyStep;
        long between = left + ((Labels[place].Key - left) / 2);
        return between == left ? null : between;
    }

    /// <summary>The label may not be used before the transaction that made it commits.</summary>
    public static SqlException UnsafeUse(EnumTypeEntry type, EnumLabel label) => new(
        SqlState.UnsafeNewEnumValueUsage, $"unsafe use of new value \"{label.Name}\" of enum type {CatalogMark.OfType(type.Oid)}",
        hint: "New enum values must be committed before they can be used.");

    /// <summary>The key of a type's first labels.</summary>
    public static long FirstKey(int place) => place * KeyStep;

    private int PlaceOf(long key)
    {
        int low = 0, high = Labels.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            long found = Labels[middle].Key;
            if (found == key)
                return middle;
            if (found < key)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return -1;
    }
}

/// <summary>A value of an enumerated type: a row of pg_enum.</summary>
/// <param name="Key">What stands for the value in columns.</param>
/// <param name="SortOrder">pg_enum.enumsortorder: orders as the key does, by PostgreSQL's numbers.</param>
public sealed record EnumLabel(uint Oid, string Name, long Key, float SortOrder);
