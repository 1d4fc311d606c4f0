using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding;

/// <summary>Finds the types that type names mean.</summary>
internal static class TypeResolver
{
    /// <exception cref="SqlException">42704: there is no such type; 22023 and 42601: bad modifiers.</exception>
    internal static SqlType Resolve(TypeName name, PlannerContext context)
    {
        if (name.IsSetOf)
            throw new SqlException(SqlState.WrongObjectType, "cannot accept a set here", name.Position);
        TypeEntry? type = Find(name, context);
        if (type is null)
        {
            if (name.Name.Schema is { } schema && FindSchema(schema, context) is null)
                throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", name.Position);
            string spelled = name.Name + (name.ArrayDimensions > 0 ? "[]" : "");
            throw new SqlException(SqlState.UndefinedObject, $"type \"{spelled}\" does not exist", name.Position);
        }
        int modifier = Modifier(type, name);
        if (name.ArrayDimensions == 0 || type.IsArray)
            return new SqlType(type.Oid, modifier);
        if (type.ArrayOid == 0)
        {
            throw new SqlException(SqlState.UndefinedObject,
                $"type \"{name.Name}[]\" does not exist", name.Position);
        }
        return new SqlType(type.ArrayOid, modifier);
    }

    /// <summary>The type of that name along the search path; null where there is none.</summary>
    internal static TypeEntry? Find(TypeName name, PlannerContext context)
    {
        if (CatalogMark.TryReadType(name.Name.Name, out uint marked))
            return context.Catalog.FindType(marked) is null ? null : BuiltinTypes.Find(marked);
        bool isBuiltin = BuiltinTypes.TryFindByName(name.Name.Name, out TypeEntry? type);
        string? schema = type is null ? null : BuiltinTypes.IsVectorFamily(type.Oid) ? "public" : "pg_catalog";
        if (name.Name.Schema is { } wanted)
            return wanted == schema ? type : FindUserMade(name, wanted, context);
        foreach (string inPath in context.SearchPath)
        {
            if (inPath == schema)
                return type;
            if (FindUserMade(name, inPath, context) is { } found)
                return found;
        }
        // Vector types are found whatever the path: they live in public as an extension's do, and mean nothing else.
        return isBuiltin ? type : null;
    }

    private static TypeEntry? FindUserMade(TypeName name, string schemaName, PlannerContext context)
    {
        uint oid = FindSchema(schemaName, context) is { } schema ? context.Catalog.FindType(schema.Oid, name.Name.Name) : 0;
        return BuiltinTypes.TryFind(oid, out TypeEntry? found) ? found : null;
    }

    private static SchemaEntry? FindSchema(string name, PlannerContext context) =>
        context.Catalog.FindSchema(name == "pg_temp" ? context.TemporarySchema : name);

    private static int Modifier(TypeEntry type, TypeName name)
    {
        if (name.IntervalFields is not null || (type.Oid == TypeOid.Interval && !name.Modifiers.IsEmpty))
        {
            int? precision = name.Modifiers.IsEmpty ? null : Number(name.Modifiers[0], name.Position);
            return Placed(() => BuiltinTypes.IntervalModifierFrom(name.IntervalFields, precision), name.Position);
        }
        if (name.Modifiers.IsEmpty)
            return -1;
        int[] modifiers = new int[name.Modifiers.Count];
        for (int i = 0; i < modifiers.Length; i++)
            modifiers[i] = Number(name.Modifiers[i], name.Position);
        return Placed(() => BuiltinTypes.ModifierFrom(type.Oid, modifiers), name.Position);
    }

    // Errors point at the type's name, as PostgreSQL's do.
    private static int Number(Expression expression, int position)
    {
        string sign = expression is UnaryExpression { Operator.Symbol: "-" } ? "-" : "";
        Expression operand = expression is UnaryExpression unary ? unary.Operand : expression;
        string? text = operand switch
        {
            IntegerLiteral literal => literal.Text,
            NumericLiteral literal => literal.Text,
            StringLiteral literal => literal.Value,
            ColumnReference { Name.Parts.Count: 1 } reference => reference.Name.Name,
            _ => null,
        };
        return text is null
            ? throw new SqlException(SqlState.SyntaxError, "type modifiers must be simple constants or identifiers", position)
            : Placed(() => BuiltinTypes.ModifierNumber(sign + text), position);
    }

    private static int Placed(Func<int> modifier, int position)
    {
        try
        {
            return modifier();
        }
        catch (SqlException error)
        {
            throw error.At(position);
        }
    }
}
