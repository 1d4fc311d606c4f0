using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Text.Analysis;

namespace VecSQL.Engine.Statements;

/// <summary>What CREATE INDEX … USING bm25 may say.</summary>
internal static class TextIndexRules
{
    /// <summary>Refuses what no full-text index can be.</summary>
    internal static void CheckShape(CreateIndexStatement statement)
    {
        string? refused = statement switch
        {
            { IsUnique: true } => "unique indexes",
            { Include.Count: > 0 } => "included columns",
            { Where: not null } => "predicates",
            _ when statement.Elements.Any(static element => element.IsDescending) => "ASC/DESC options",
            _ when statement.Elements.Any(static element => element.NullsFirst is not null) => "NULLS FIRST/LAST options",
            _ => null,
        };
        if (refused is not null)
            throw new SqlException(SqlState.FeatureNotSupported, $"access method \"{statement.Method}\" does not support {refused}");
    }

    /// <summary>A key that names no operator class has to be a text; which class fits which type, others say.</summary>
    internal static void CheckType(IndexElement element, SqlType type)
    {
        if (element.OperatorClass is not null || type.Oid is TypeOid.Text or TypeOid.VarChar)
            return;
        throw new SqlException(SqlState.UndefinedObject,
            $"data type {BuiltinTypes.FormatType(type.Oid, null)} has no default operator class for access method \"{TextIndexOptions.Method}\"",
            hint: "You must specify an operator class for the index or define a default operator class for the data type.");
    }

    /// <summary>GIN indexes of tsvector are recorded, so that definitions made for PostgreSQL work; rows are looked at one by one.</summary>
    internal static void CheckGin(CreateIndexStatement statement)
    {
        string? refused = statement switch
        {
            { IsUnique: true } => "unique indexes",
            { Include.Count: > 0 } => "included columns",
            _ when statement.Elements.Any(static element => element.IsDescending) => "ASC/DESC options",
            _ when statement.Elements.Any(static element => element.NullsFirst is not null) => "NULLS FIRST/LAST options",
            _ => null,
        };
        if (refused is not null)
            throw new SqlException(SqlState.FeatureNotSupported, $"access method \"gin\" does not support {refused}");
    }

    internal static void CheckGinType(IndexElement element, SqlType type)
    {
        if (type.Oid == TypeOid.TsVector || element.OperatorClass is not null)
            return;
        if (type.Oid == TypeOid.Jsonb || BuiltinTypes.Find(type.Oid).IsArray)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"access method \"gin\" is not supported for type {BuiltinTypes.FormatType(type.Oid, null)}");
        }
        throw new SqlException(SqlState.UndefinedObject,
            $"data type {BuiltinTypes.FormatType(type.Oid, null)} has no default operator class for access method \"gin\"",
            hint: "You must specify an operator class for the index or define a default operator class for the data type.");
    }

    internal static void CheckTokenizer(string value)
    {
        if (Analyzers.Find(value) is not null)
            return;
        throw new SqlException(SqlState.InvalidParameterValue, $"invalid value for enum option \"tokenizer\": {value}")
        { Detail = "Valid values are \"english\" and \"simple\"." };
    }

    /// <summary>Refuses to give an index another tokenizer: its terms are those of the one it was made with.</summary>
    internal static void CheckChange(IndexEntry index, SetOptionsAction change)
    {
        if (index.Method != TextIndexOptions.Method || !change.Options.Any(static option => option.Name == "tokenizer"))
            return;
        throw new SqlException(SqlState.FeatureNotSupported, $"the tokenizer of index \"{index.Name}\" cannot be changed",
            hint: "Create another index and drop this one.");
    }
}
