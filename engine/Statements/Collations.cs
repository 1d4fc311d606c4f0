using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>The collations there are: all order by bytes.</summary>
internal static class Collations
{
    internal static void Check(QualifiedName name)
    {
        if (name.Name is "default" or "C" or "POSIX" or "ucs_basic")
            return;
        throw new SqlException(SqlState.UndefinedObject, $"collation \"{name}\" for encoding \"UTF8\" does not exist")
        { Position = name.Position };
    }

    /// <exception cref="SqlException">42804: values of the type are no texts.</exception>
    internal static void CheckType(SqlType type, int position)
    {
        if (BuiltinTypes.IsCollatable(type.Oid))
            return;
        throw new SqlException(SqlState.DatatypeMismatch,
            $"collations are not supported by type {BuiltinTypes.FormatType(new SqlType(type.Oid))}")
        { Position = position };
    }
}
