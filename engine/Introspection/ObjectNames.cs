using System.Globalization;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Statements;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Introspection;

/// <summary>Object ids by name and names by object id, for regclass, regtype and their like.</summary>
internal static class ObjectNames
{
    /// <summary>The id of the named object; null where there is none.</summary>
    internal static uint? Find(ViewContext context, string kind, string text)
    {
        string trimmed = text.Trim();
        return kind switch
        {
            "regclass" => FindClass(context, NameText.Parse(trimmed)),
            "regtype" => FindType(context, trimmed),
            "regnamespace" => context.Session.Names.FindSchema(context.Catalog, NameText.Parse(trimmed).Name)?.Oid,
            "regrole" => context.Session.FindRole(NameText.Parse(trimmed).Name)?.Oid,
            "regproc" => Functions(context, trimmed) is [{ } function] ? function.Oid : null,
            "regprocedure" => FindProcedure(context, trimmed),
            "regoper" => Operators(trimmed) is [{ } entry] ? entry.Oid : null,
            "regoperator" => FindOperator(context, trimmed),
            "regcollation" => NameText.Parse(trimmed).Name switch
            {
                "default" => 100,
                "c" or "C" => 950,
                "posix" or "POSIX" => 951,
                _ => null,
            },
            _ => null,
        };
    }

    /// <summary>The id that a reg type's text stands for: a name, a number, or - for none.</summary>
    /// <exception cref="SqlException">There is no such object.</exception>
    internal static uint Read(ViewContext context, string kind, string text)
    {
        string trimmed = text.Trim();
        if (trimmed == "-")
            return 0;
        return uint.TryParse(trimmed, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : Find(context, kind, trimmed) ?? throw Unclear(context, kind, trimmed) ?? Missing(kind, text);
    }

    /// <summary>Why a name finds nothing, other than that nothing has it.</summary>
    private static SqlException? Unclear(ViewContext context, string kind, string text)
    {
        switch (kind)
        {
            case "regproc" when Functions(context, text).Length > 1:
                return new SqlException(SqlState.AmbiguousFunction, $"more than one function named \"{text}\"");
            case "regoper" when Operators(text).Length > 1:
                return new SqlException(SqlState.AmbiguousFunction, $"more than one operator named {text}");
            case "regclass" when NameText.Parse(text).Schema is { } schema
                && context.Session.Names.FindSchema(context.Catalog, schema) is null:
                return Missing("regnamespace", schema);
            default:
                return null;
        }
    }

    internal static SqlException Missing(string kind, string text) => kind switch
    {
        "regclass" => new SqlException(SqlState.UndefinedTable, $"relation \"{text}\" does not exist"),
        "regtype" => new SqlException(SqlState.UndefinedObject, $"type \"{text}\" does not exist"),
        "regproc" or "regprocedure" => new SqlException(SqlState.UndefinedFunction, $"function \"{text}\" does not exist"),
        "regnamespace" => new SqlException(SqlState.InvalidSchemaName, $"schema \"{text}\" does not exist"),
        "regrole" => new SqlException(SqlState.UndefinedObject, $"role \"{text}\" does not exist"),
        "regoper" or "regoperator" => new SqlException(SqlState.UndefinedFunction, $"operator does not exist: {text}"),
        _ => new SqlException(SqlState.UndefinedObject, $"{kind} \"{text}\" does not exist"),
    };

    internal static string? NameOf(ViewContext context, string kind, uint oid)
    {
        if (oid == 0)
            return "-";
        switch (kind)
        {
            case "regclass":
                return Relations.Find(context, oid) is null ? null : Deparser.RelationName(context, oid);
            case "regtype":
                return TypeNaming.NameOf(context, oid);
            case "regproc":
                return FunctionFamily.Find(context, oid) is { } function ? ProcedureName(context, function) : null;
            case "regprocedure":
                return FunctionFamily.Find(context, oid) is { } procedure
                    ? $"{ProcedureName(context, procedure)}({string.Join(',', procedure.Arguments.Select(type => BuiltinTypes.FormatType(type, null)))})"
                    : null;
            case "regnamespace":
                return context.Catalog.Find(oid) is SchemaEntry schema ? Deparser.Quote(schema.Name) : null;
            case "regrole":
                return context.Session.NameOfRole(oid) is { } role ? Deparser.Quote(role) : null;
            case "regoper" or "regoperator":
                return FunctionRegistry.FindOperator(oid) is { } entry ? OperatorName(kind, entry) : null;
            case "regcollation":
                return oid switch { 100 => "\"default\"", 950 => "\"C\"", 951 => "\"POSIX\"", _ => null };
            default:
                return null;
        }
    }

    /// <summary>pg_describe_object.</summary>
    /// <param name="column">The column that is meant; 0 for the object itself.</param>
    internal static string? Describe(ViewContext context, uint classOid, uint oid, short column) => classOid switch
    {
        1259 when column > 0 => RelationFamily.Attributes(context).FirstOrDefault(
                attribute => attribute.Relation.Oid == oid && attribute.Number == column) is { Column.Name: var name }
            ? $"column {Deparser.Quote(name)} of {Describe(context, classOid, oid, 0)}"
            : null,
        1259 when Relations.FindRelation(context, oid) is { } relation =>
            $"{Kind(relation)} {Deparser.RelationName(context, oid)}",
        2615 when context.Catalog.Find(oid) is SchemaEntry schema => $"schema {Deparser.Quote(schema.Name)}",
        2606 when ConstraintFamily.All(context).FirstOrDefault(entry => entry.Oid == oid) is { } constraint =>
            $"constraint {Deparser.Quote(constraint.Name)} on table {Deparser.RelationName(context, constraint.Table.Oid)}",
        2604 when RelationFamily.FindDefault(context, oid) is { } value =>
            $"default value for {Describe(context, 1259, value.Relation.Oid, value.Number)}",
        2618 when context.Catalog.Tables.FirstOrDefault(table => Relations.RuleOid(table.Oid) == oid) is { } view =>
            $"rule _RETURN on view {Deparser.RelationName(context, view.Oid)}",
        1255 when NameOf(context, "regprocedure", oid) is { } function => $"function {function}",
        1247 when TypeNaming.NameOf(context, oid) is { } type => $"type {type}",
        _ => null,
    };

    private static string Kind(Relation relation) => relation.Kind switch
    {
        'v' => "view",
        'i' => "index",
        'S' => "sequence",
        _ => "table",
    };

    private static uint? FindClass(ViewContext context, QualifiedName name)
    {
        if (name.Parts.Count > 3)
            throw new SqlException(SqlState.SyntaxError, $"improper relation name (too many dotted names): {name}");
        if (context.Session.Names.FindRelation(context.Catalog, name) is { } found)
            return found.Oid;
        if (context.Session.Names.FindIndex(context.Catalog, name) is { } index)
            return index.Index.Oid;
        return Sessions.NameResolver.FindSystemView(name)?.Oid;
    }

    private static uint? FindType(ViewContext context, string text)
    {
        try
        {
            TypeName name = SqlParser.ParseTypeName(text);
            return QueryPlanner.ResolveType(name, context.Session.PlanningContext(context.Catalog)).Oid;
        }
        catch (SqlException error) when (error.State == SqlState.UndefinedObject || error.State == SqlState.InvalidSchemaName)
        {
            return null;
        }
    }

    private static FunctionEntry[] Functions(ViewContext context, string text)
    {
        QualifiedName name = NameText.Parse(text);
        return [.. FunctionFamily.AllIn(context).Where(function => function.Name == name.Name && IsFound(context, function, name.Schema))];
    }

    /// <summary>Whether a name means the function: by its schema, or for those that users made along the path.</summary>
    private static bool IsFound(ViewContext context, FunctionEntry function, string? schema) =>
        function.Definition is null || (schema is null ? context.SearchPath.Contains(function.Schema) : schema == function.Schema);

    private static OperatorEntry[] Operators(string text) =>
        [.. FunctionRegistry.FindOperators(text[(text.LastIndexOf('.') + 1)..])];

    private static uint? FindOperator(ViewContext context, string text)
    {
        (string name, uint[] operands) = ReadSignature(context, text);
        if (operands.Length != 2)
            throw new SqlException(SqlState.UndefinedParameter, operands.Length < 2 ? "missing argument" : "too many arguments",
                hint: operands.Length < 2 ? "Use NONE to denote the missing argument of a unary operator." : "Provide two argument types for operator.");
        return Array.Find(Operators(name), entry => entry.Left == operands[0] && entry.Right == operands[1])?.Oid;
    }

    private static uint? FindProcedure(ViewContext context, string text)
    {
        (string spelled, uint[] arguments) = ReadSignature(context, text);
        QualifiedName name = NameText.Parse(spelled);
        return FunctionFamily.AllIn(context).FirstOrDefault(function => function.Name == name.Name
            && function.Arguments.SequenceEqual(arguments) && IsFound(context, function, name.Schema))?.Oid;
    }

    /// <summary>Takes <c>name(type, type)</c> apart; NONE, which an operator may lack, is 0.</summary>
    private static (string Name, uint[] Types) ReadSignature(ViewContext context, string text)
    {
        int open = text.IndexOf('(');
        if (open < 0 || !text.EndsWith(')'))
        {
            throw new SqlException(SqlState.InvalidTextRepresentation, open < 0 ? "expected a left parenthesis" : "expected a right parenthesis");
        }
        string[] types = [.. text[(open + 1)..^1].Split(',').Select(type => type.Trim()).Where(type => type.Length > 0)];
        return (text[..open], [.. types.Select(type => type.Equals("none", StringComparison.OrdinalIgnoreCase)
            ? 0
            : FindType(context, type) ?? throw Missing("regtype", type))]);
    }

    private static string ProcedureName(ViewContext context, FunctionEntry function) =>
        context.SearchPath.Contains(function.Schema)
            ? Deparser.Quote(function.Name)
            : $"{Deparser.Quote(function.Schema)}.{Deparser.Quote(function.Name)}";

    private static string OperatorName(string kind, OperatorEntry entry)
    {
        if (kind == "regoper")
            return entry.Name;
        string left = entry.Left == 0 ? "NONE" : BuiltinTypes.FormatType(entry.Left, null);
        return $"{entry.Name}({left},{BuiltinTypes.FormatType(entry.Right, null)})";
    }
}
