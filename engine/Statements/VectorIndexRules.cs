using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>What CREATE INDEX … USING hnsw, ivfflat or vecsql may say.</summary>
/// <remarks>Source: pgvector's README and its error messages.</remarks>
internal static class VectorIndexRules
{
    private const int DimensionsMax = 16_000, BitsMax = 64_000;

    /// <summary>Refuses what no vector index can be.</summary>
    internal static void CheckShape(CreateIndexStatement statement)
    {
        string? refused = statement switch
        {
            { IsUnique: true } => "unique indexes",
            { Elements.Count: > 1 } => "multicolumn indexes",
            _ when statement.Elements[0].IsDescending => "ASC/DESC options",
            _ when statement.Elements[0].NullsFirst is not null => "NULLS FIRST/LAST options",
            _ => null,
        };
        if (refused is not null)
        {
            throw new SqlException(
                SqlState.FeatureNotSupported, $"access method \"{statement.Method}\" does not support {refused}");
        }
    }

    /// <summary>The operator class, named or meant; the key's type fits it.</summary>
    internal static string OperatorClassOf(CreateIndexStatement statement, SqlType key)
    {
        string method = statement.Method, type = BuiltinTypes.FormatType(key.Oid, null);
        string? name = statement.Elements[0].OperatorClass?.Name ?? VectorOperatorClass.DefaultFor(method, key);
        if (name is null)
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"data type {type} has no default operator class for access method \"{method}\"",
                hint: "You must specify an operator class for the index or define a default operator class for the data type.");
        }
        uint wanted = VectorOperatorClass.TypeOf(method, name);
        if (wanted == 0)
        {
            throw new SqlException(
                SqlState.UndefinedObject, $"operator class \"{name}\" does not exist for access method \"{method}\"");
        }
        if (wanted != key.Oid)
        {
            throw new SqlException(
                SqlState.DatatypeMismatch, $"operator class \"{name}\" does not accept data type {type}");
        }
        if (key.Modifier <= 0)
            throw new SqlException(SqlState.InvalidParameterValue, "column does not have dimensions");
        bool isSpherical = method == "ivfflat" && (name.EndsWith("_cosine_ops", StringComparison.Ordinal)
            || name.EndsWith("_ip_ops", StringComparison.Ordinal));
        if (isSpherical && key.Modifier == 1)
            throw new SqlException(SqlState.InvalidParameterValue, "dimensions must be greater than one for this opclass");
        int most = key.Oid == TypeOid.Bit ? BitsMax : DimensionsMax;
        if (key.Modifier > most && key.Oid != TypeOid.SparseVector)
        {
            throw new SqlException(SqlState.ProgramLimitExceeded,
                $"column cannot have more than {most} dimensions for {method} index");
        }
        return name;
    }
}
