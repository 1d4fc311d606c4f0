using VecSQL.Catalog.Objects;

namespace VecSQL.Catalog.Formats;

/// <summary>Looks objects up, for regclass, regtype and their like and for the values of types that users make: the catalog as a session
/// sees it.</summary>
public interface IObjectNames
{
    /// <summary>The object id of what a reg type's text names.</summary>
    /// <exception cref="VecSQL.Core.Errors.SqlException">Nothing has the name (42P01, 42704, 42883 …).</exception>
    uint Find(uint regType, string text);

    /// <summary>
    /// The text a reg type prints for an object id, qualified where the search path asks for it; null if unknown.
    /// </summary>
    string? NameOf(uint regType, uint oid);

    /// <summary>A type that somebody made; null if unknown.</summary>
    UserTypeEntry? FindType(uint oid);

    /// <summary>A model; null if unknown.</summary>
    ModelEntry? FindModel(uint oid);

    /// <summary>What made the vectors of a table's column, as <c>name@version</c>; null where no model is known to have.</summary>
    string? ModelOf(uint tableOid, short column) => null;

    /// <summary>Whether values of an enumerated type's label may be made: not before the transaction that adds the label has committed.</summary>
    bool MayUse(EnumTypeEntry type, EnumLabel label);
}
