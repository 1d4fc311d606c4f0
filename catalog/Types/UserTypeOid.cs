namespace VecSQL.Catalog.Types;

/// <summary>Object ids of types that users make. The high bits say what values of the type are, so that storage and plans need no catalog
/// to know how they lie in memory; what the type is called and what it allows is in its <see cref="Objects.UserTypeEntry"/>.</summary>
/// <remarks>
/// Layout: bits 27 to 30 are the shape; bits 0 to 26 the number that the object got from the node's counter of ids. An array type has its
/// element type's number. Bit 31 is left alone, for clients that read ids as signed. Shapes of domains and composites will follow here.
/// </remarks>
public static class UserTypeOid
{
    private const int NumberBits = 27;
    private const uint NumberMask = (1u << NumberBits) - 1;
    private const uint EnumShape = 1, EnumArrayShape = 2;

    /// <summary>The id of an enumerated type with the number.</summary>
    public static uint OfEnum(uint number) => (EnumShape << NumberBits) | number;

    public static bool IsEnum(uint oid) => oid >> NumberBits == EnumShape;

    public static bool IsEnumArray(uint oid) => oid >> NumberBits == EnumArrayShape;

    /// <summary>Whether a user made the type, or the type of its elements.</summary>
    public static bool IsUserMade(uint oid) => IsEnum(oid) || IsEnumArray(oid);

    /// <summary>The number that an object got from the counter: the id itself, but for types.</summary>
    public static uint NumberOf(uint oid) => IsUserMade(oid) ? oid & NumberMask : oid;

    /// <summary>The array type of a type that a user made.</summary>
    internal static uint ArrayOf(uint elementOid) => (EnumArrayShape << NumberBits) | (elementOid & NumberMask);

    /// <summary>The element type of an array type.</summary>
    internal static uint ElementOf(uint arrayOid) => OfEnum(arrayOid & NumberMask);
}
