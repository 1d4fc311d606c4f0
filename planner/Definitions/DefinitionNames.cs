using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;

namespace VecSQL.Planner.Definitions;

/// <summary>What objects are called where a definition is read: by their schema unless the search path finds them.</summary>
internal sealed class DefinitionNames(PlannerContext context)
{
    private readonly NameLookup _lookup = new(new BindingState(context));

    internal PlannerContext Context => context;

    /// <summary>The table as it is called now, whatever it was called when its definition was bound.</summary>
    internal TableEntry Current(TableEntry table) =>
        context.Catalog.TryFindTable(table.Id, out TableEntry? current) ? current : table;

    /// <param name="isTaken">A WITH query has the name.</param>
    internal string Relation(TableEntry table, Func<string, bool> isTaken)
    {
        string name = SqlPrinter.QuoteIdentifier(table.Name);
        bool isVisible = !isTaken(table.Name)
            && _lookup.TryTable(new QualifiedName([table.Name]))?.Oid == table.Oid;
        return isVisible ? name : $"{SqlPrinter.QuoteIdentifier(Schema(table))}.{name}";
    }

    /// <summary>The name of a table or a type in a constant, which stands for the table or the type.</summary>
    internal string Constant(uint type, string text, BindingState state) => type switch
    {
        TypeOid.RegClass => RegClass(text, state),
        TypeOid.RegType when TypeResolver.Resolve(SqlParser.ParseTypeName(text), state.Context) is var named
            && !UserTypeOid.IsUserMade(named.Oid) => Type(named with { Modifier = -1 }),
        _ => text,
    };

    private string RegClass(string text, BindingState state) =>
        NameText.TryParse(text, out QualifiedName? name) && name.Parts.Count <= 2 && new NameLookup(state).TryTable(name) is { } table
            ? Relation(Current(table), static _ => false)
            : text;

    internal string Function(FunctionEntry function)
    {
        if (function.Definition is { } made)
            return CatalogMark.OfFunction(made.Oid);
        string name = SqlPrinter.QuoteIdentifier(function.Name);
        return IsSearched(function.Schema) ? name : $"{SqlPrinter.QuoteIdentifier(function.Schema)}.{name}";
    }

    internal string Operator(OperatorEntry op) =>
        IsSearched(op.Schema) ? op.Name : $"OPERATOR({SqlPrinter.QuoteIdentifier(op.Schema)}.{op.Name})";

    internal string Type(SqlType type)
    {
        string name = BuiltinTypes.FormatType(type.Oid, type.Modifier);
        return BuiltinTypes.IsVectorFamily(type.Oid) && !IsSearched("public") ? "public." + name : name;
    }

    private string Schema(TableEntry table) => context.Catalog.Find(table.SchemaOid)?.Name ?? "pg_catalog";

    private bool IsSearched(string schema) => schema == "pg_catalog" || context.SearchPath.Contains(schema);
}
