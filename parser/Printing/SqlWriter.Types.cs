using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void Write(TypeName type)
    {
        WriteIf(type.IsSetOf, "SETOF ");
        if (!TryWriteStandardName(type))
        {
            Write(type.Name);
            if (!type.Modifiers.IsEmpty)
                WriteParenthesized(type.Modifiers, Write);
        }
        for (int dimension = 0; dimension < type.ArrayDimensions; dimension++)
            Add("[]");
    }

    /// <summary>SQL's own spelling, for the types of pg_catalog that have one.</summary>
    private bool TryWriteStandardName(TypeName type)
    {
        if (type.Name.Parts.Count != 2 || type.Name.Parts[0] != "pg_catalog")
            return false;
        string name = type.Name.Name;
        bool isBare = type.Modifiers.IsEmpty;
        string? word = name switch
        {
            "int2" when isBare => "smallint",
            "int4" when isBare => "integer",
            "int8" when isBare => "bigint",
            "float4" when isBare => "real",
            "float8" when isBare => "double precision",
            "bool" when isBare => "boolean",
            "numeric" => "numeric",
            "varbit" => "bit varying",
            "bit" when !isBare => "bit",
            "interval" => "interval",
            _ => null,
        };
        bool hasLength = type.Modifiers is [IntegerLiteral { Text: not ['-', ..] }];
        word ??= name switch
        {
            "varchar" when isBare || hasLength => "character varying",
            "bpchar" when hasLength => "character",
            _ => null,
        };
        if (name is "time" or "timetz" or "timestamp" or "timestamptz")
            return TryWriteTime(name, type, isBare || hasLength);
        if (word is null || (name == "interval" && !isBare && !hasLength))
            return false;
        Add(word);
        WriteIf(type.IntervalFields is not null, $" {type.IntervalFields}");
        if (!isBare)
            WriteParenthesized(type.Modifiers, Write);
        return true;
    }

    private bool TryWriteTime(string name, TypeName type, bool isStandard)
    {
        if (!isStandard)
            return false;
        bool hasZone = name.EndsWith("tz", StringComparison.Ordinal);
        Add(hasZone ? name[..^2] : name);
        if (!type.Modifiers.IsEmpty)
            WriteParenthesized(type.Modifiers, Write);
        Add(hasZone ? " with time zone" : " without time zone");
        return true;
    }
}
