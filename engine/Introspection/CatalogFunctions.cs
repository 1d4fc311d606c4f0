using System.Globalization;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Batches;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection.Families;
using VecSQL.Engine.Sessions;
using VecSQL.Storage.Indexes;
using VecSQL.Engine.Statements;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Introspection;

/// <summary>Names and definitions of objects, for system functions and the reg types.</summary>
internal sealed class CatalogFunctions(SessionState session) : ICatalogFunctions, IObjectNames
{
    private const uint DefaultTablespace = 1663, GlobalTablespace = 1664;

    public uint? ResolveName(string kind, string name) => ObjectNames.Find(new ViewContext(session), kind, name);

    public string NameOf(string kind, uint oid) =>
        ObjectNames.NameOf(new ViewContext(session), kind, oid) ?? oid.ToString(CultureInfo.InvariantCulture);

    public uint Find(uint regType, string text) =>
        ObjectNames.Read(new ViewContext(session), BuiltinTypes.Find(regType).Name, text);

    public string? NameOf(uint regType, uint oid) =>
        ObjectNames.NameOf(new ViewContext(session), BuiltinTypes.Find(regType).Name, oid);

    public UserTypeEntry? FindType(uint oid) => session.Catalog.FindType(oid);

    public ModelEntry? FindModel(uint oid) => session.Catalog.FindModel(oid);

    public string? ModelOf(uint tableOid, short column) =>
        session.Catalog.TryFindTable(new TableId(tableOid), out TableEntry? table)
        && table.LiveColumns.FirstOrDefault(live => table.PlaceOf(live.Number) == column)?.Model is { } use && FindModel(use.Model) is { } model
            ? new ModelName(model.Name, use.Version).ToString()
            : null;

    public bool MayUse(EnumTypeEntry type, EnumLabel label) =>
        label.Oid <= type.LastFirstOid
        || (session.Database.Storage.Catalog.FindType(type.Oid) is EnumTypeEntry committed
            && committed.Labels.Any(known => known.Oid == label.Oid));

    public string? Describe(string function, IReadOnlyList<string?> arguments) =>
        Answer(function, arguments) is { } text ? CatalogMark.Resolve(text, this) : null;

    public IEnumerable<ColumnBatch> RowsOf(string view, IReadOnlyList<string> columns)
    {
        TableEntry table = SystemViews.Instance.Find("pg_catalog", view) ?? throw new InvariantException($"there is no view {view}");
        short[] numbers = [.. table.Columns.Where(column => columns.Count == 0 || columns.Contains(column.Name)).Select(column => column.Number)];
        return new SystemViewSource(session).Rows(table.Oid, numbers, []);
    }

    private string? Answer(string function, IReadOnlyList<string?> arguments)
    {
        ViewContext context = new(session);
        Arguments given = new(arguments);
        return function switch
        {
            _ when function.EndsWith("_is_visible", StringComparison.Ordinal) => Visibility(context, function, given.Oid(0)),
            "pg_has_role" => Truth(HasRole(arguments)),
            _ when function.StartsWith("has_", StringComparison.Ordinal) => HasPrivilege(function, arguments),
            "pg_get_indexdef" => IndexDefinition(context, given),
            "pg_get_constraintdef" => ConstraintDefinition(context, given),
            "pg_get_expr" => Deparser.List(context, given.Oid(1), given.Text(0), given.Text(2) == "t"),
            "pg_get_viewdef" => ViewDefinition(context, given),
            "pg_get_ruledef" => RuleDefinition(context, given),
            "pg_get_triggerdef" or "pg_get_partkeydef" or "pg_get_statisticsobjdef_columns" => null,
            "pg_get_userbyid" => session.NameOfRole(given.Oid(0)) ?? $"unknown (OID={given.Text(0)})",
            "acldefault" => DefaultRights(given.Text(0) ?? "", session.NameOfRole(given.Oid(1)) ?? given.Text(1) ?? ""),
            "obj_description" => Comment(context, given.Oid(0), given.Text(1), 0),
            "col_description" => Comment(context, given.Oid(0), "pg_class", (short)given.Number(1)),
            "shobj_description" => given.Text(1) switch
            {
                "pg_authid" => (context.Catalog.Find(given.Oid(0)) as RoleEntry)?.Comment,
                "pg_database" => (context.Catalog.Find(given.Oid(0)) as DatabaseEntry)?.Comment,
                _ => null,
            },
            "format_type" => given.Text(0) is null ? null : TypeNaming.Format(context, given.Oid(0), (int?)given.NumberOrNull(1)),
            "pg_get_serial_sequence" => SerialSequence(context, given),
            "pg_relation_size" or "pg_table_size" or "pg_total_relation_size" => Size(context, given.Oid(0)),
            "pg_indexes_size" => "0",
            "pg_database_size" => DatabaseSize(context, given.Text(0) ?? ""),
            "pg_tablespace_size" => TablespaceSize(context, given.Text(0) ?? ""),
            "pg_get_function_arguments" => FunctionText(context, given, FunctionTexts.Arguments),
            "pg_get_function_identity_arguments" => FunctionText(context, given, FunctionTexts.Identity),
            "pg_get_function_result" => FunctionText(context, given, FunctionTexts.Result),
            "pg_get_functiondef" => context.Catalog.Find(given.Oid(0)) is FunctionDefinition made
                ? FunctionTexts.Definition(made, context.SchemaName(made.SchemaOid)) : null,
            "pg_get_function_sqlbody" => context.Catalog.Find(given.Oid(0)) is FunctionDefinition made ? FunctionTexts.Body(made) : null,
            "pg_get_function_arg_default" => null,
            "pg_encoding_to_char" => given.Number(0) == 6 ? "UTF8" : "",
            "pg_char_to_encoding" => given.Text(0)?.Replace("-", "", StringComparison.Ordinal)
                .Equals("utf8", StringComparison.OrdinalIgnoreCase) == true ? "6" : "-1",
            "pg_relation_is_publishable" => "f",
            "pg_tablespace_location" => "",
            "pg_column_is_updatable" => Truth(Relations.FindRelation(context, given.Oid(0)) is { Table: { } table } relation
                && table.LiveColumns.FirstOrDefault(column => table.PlaceOf(column.Number) == given.Number(1)) is { } column
                && Relations.IsUpdatable(context, relation, column)),
            "pg_relation_is_updatable" => Relations.FindRelation(context, given.Oid(0)) is { } changed
                ? Text(Relations.UpdatesOf(context, changed)) : "0",
            "pg_describe_object" => ObjectNames.Describe(context, given.Oid(0), given.Oid(1), (short)given.Number(2)),
            "pg_indexam_has_property" => given.Text(1) is "can_order" or "can_unique" or "can_multi_col" ? "t" : "f",
            "pg_index_column_has_property" => given.Text(2) is "asc" or "orderable" or "returnable" ? "t" : "f",
            "pg_index_has_property" => "f",
            "pg_conf_load_time" => Moment(session.Database.Rules?.LoadTime ?? session.Database.StartTime),
            "pg_postmaster_start_time" => Moment(session.Database.StartTime),
            _ => null,
        };
    }

    /// <summary>Who may do what with a thing that nobody has granted anything of: its owner all, and everyone what is everyone's.</summary>
    /// <exception cref="SqlException">XX000: there is no such kind of thing.</exception>
    private static string DefaultRights(string kind, string owner)
    {
        (string everyone, string own) = kind switch
        {
            "r" => ("", "arwdDxt"),
            "c" => ("", ""),
            "s" => ("", "rwU"),
            "f" => ("X", "X"),
            "d" => ("Tc", "CTc"),
            "n" => ("", "UC"),
            "t" => ("", "C"),
            "l" or "T" => ("U", "U"),
            "L" => ("", "rw"),
            "p" => ("", "sA"),
            "S" or "F" => ("", "U"),
            _ => throw new SqlException(SqlState.InternalError, $"unrecognized objtype abbreviation: {kind}"),
        };
        string name = Deparser.Quote(owner);
        IEnumerable<string> rights = [everyone.Length == 0 ? "" : $"={everyone}/{name}", own.Length == 0 ? "" : $"{name}={own}/{name}"];
        return $"{{{string.Join(",", rights.Where(static right => right.Length > 0))}}}";
    }

    /// <summary>By name or id.</summary>
    private string? DatabaseSize(ViewContext context, string database)
    {
        bool isOid = uint.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out uint oid);
        DatabaseEntry? found = isOid ? context.Catalog.Find(oid) as DatabaseEntry : context.Catalog.FindDatabase(database);
        if (found is null)
            return isOid ? null : throw DatabaseCommands.Undefined(database);
        return Text(context.Catalog.InDatabase(found.Oid).Tables.Sum(table => SizeOf(table)));
    }

    /// <summary>All tables are in the one for what databases have; what they share takes nothing of its own.</summary>
    private string? TablespaceSize(ViewContext context, string name)
    {
        bool isOid = uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint oid);
        if (isOid && oid is not (DefaultTablespace or GlobalTablespace))
            return null;
        if (!isOid && name is not ("pg_default" or "pg_global"))
            throw new SqlException(SqlState.UndefinedObject, $"tablespace \"{name}\" does not exist");
        return oid == GlobalTablespace || name == "pg_global" ? "0" : Text(context.Catalog.Databases.Sum(
            database => context.Catalog.InDatabase(database.Oid).Tables.Sum(table => SizeOf(table))));
    }

    private static string Moment(DateTimeOffset moment) =>
        moment.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss.ffffff+00", CultureInfo.InvariantCulture);

    /// <summary>pg_has_role([user,] role, privilege): there is no membership, so a role has itself, and superusers have all.</summary>
    private bool HasRole(IReadOnlyList<string?> arguments)
    {
        RoleEntry? user = arguments.Count > 2 ? Role(arguments[0]) : session.Role;
        RoleEntry? role = Role(arguments[^2]);
        RefusePrivilege(arguments[^1]);
        return user is not null && role is not null && (user.IsSuperuser || user.Oid == role.Oid);
    }

    /// <summary>A role by name or id; null where there is none of that id.</summary>
    private RoleEntry? Role(string? name) => uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out uint oid)
        ? session.Catalog.Find(oid) as RoleEntry
        : session.FindRole(name ?? "") ?? throw Roles.Undefined(name ?? "");

    private static void RefusePrivilege(string? privileges)
    {
        foreach (string word in (privileges ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            bool isKnown = word.ToUpperInvariant() is "USAGE" or "MEMBER" or "USAGE WITH GRANT OPTION" or "USAGE WITH ADMIN OPTION"
                or "MEMBER WITH GRANT OPTION" or "MEMBER WITH ADMIN OPTION";
            if (!isKnown)
                throw new SqlException(SqlState.InvalidParameterValue, $"unrecognized privilege type: \"{word}\"");
        }
    }

    private string? HasPrivilege(string function, IReadOnlyList<string?> arguments)
    {
        int count = function == "has_column_privilege" ? 3 : 2;
        bool namesUser = arguments.Count > count;
        if (namesUser && arguments[0] != "public")
            Role(arguments[0]);
        return PrivilegeQuestions.Answer(new ViewContext(session), function, [.. arguments.Skip(arguments.Count - count)]);
    }

    private static string? Visibility(ViewContext context, string function, uint oid)
    {
        switch (function)
        {
            case "pg_table_is_visible":
                return Relations.Find(context, oid) is { } found
                    ? Truth(Relations.IsVisible(context, found.Schema, found.Name))
                    : null;
            case "pg_type_is_visible":
                return TypeNaming.IsVisible(context, oid) is { } isVisible ? Truth(isVisible) : null;
            case "pg_function_is_visible":
                return FunctionFamily.Find(context, oid) is { } entry ? Truth(context.SearchPath.Contains(entry.Schema)) : null;
            default:
                return "t";
        }
    }

    private static string? IndexDefinition(ViewContext context, Arguments given)
    {
        if (Relations.FindRelation(context, given.Oid(0)) is not { Index: { } index, Table: { } table })
            return null;
        int column = (int)(given.NumberOrNull(1) ?? 0);
        if (column == 0)
            return Deparser.Index(context, table, index, isPretty: given.Text(2) == "t");
        return column <= index.Columns.Length + index.Include.Length
            ? Deparser.IndexKey(context, table, index, column - 1, given.Text(2) == "t")
            : "";
    }

    private static string? ConstraintDefinition(ViewContext context, Arguments given)
    {
        uint oid = given.Oid(0);
        ConstraintFamily.Constraint? found = ConstraintFamily.All(context).FirstOrDefault(entry => entry.Oid == oid);
        if (found is null)
            return null;
        if (found.Reference is { } reference)
            return Deparser.ForeignKey(context, found.Table, reference);
        return found.Check is { } check
            ? Deparser.Check(context, found.Table, check, given.Text(1) == "t")
            : found.Index is { } index ? Deparser.Key(found.Table, index) : null;
    }

    private string? ViewDefinition(ViewContext context, Arguments given)
    {
        string? first = given.Text(0);
        uint oid = uint.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : first is null ? 0 : ResolveName("regclass", first) ?? 0;
        // The second argument is whether it is for people, or for them where lines are to be broken.
        DefinitionLayout layout = given.Text(1) switch
        {
            "t" => DefinitionLayout.Pretty,
            null or "f" => DefinitionLayout.Lines,
            _ => DefinitionLayout.Pretty with { WrapColumn = (int)given.Number(1) },
        };
        return context.Catalog.TryFindTable(new TableId(oid), out TableEntry? view) ? Deparser.View(context, view, layout) : null;
    }

    private static string? RuleDefinition(ViewContext context, Arguments given)
    {
        TableEntry? view = context.Catalog.Tables.FirstOrDefault(
            entry => entry.Kind == TableKind.View && Relations.RuleOid(entry.Oid) == given.Oid(0));
        return view is null ? null : Deparser.Rule(context, view, given.Text(1) == "t");
    }

    private static string? Comment(ViewContext context, uint oid, string? catalog, short column)
    {
        uint classOid = catalog is null ? 0 : SystemViews.Instance.Find("pg_catalog", catalog)?.Oid ?? 0;
        return DependencyFamily.Descriptions(context).FirstOrDefault(description =>
            description.Object == oid && description.Column == column && (classOid == 0 || description.Class == classOid))?.Text;
    }

    private string? SerialSequence(ViewContext context, Arguments given)
    {
        uint oid = ResolveName("regclass", given.Text(0) ?? "") ?? throw ObjectNames.Missing("regclass", given.Text(0) ?? "");
        if (!context.Catalog.TryFindTable(new TableId(oid), out TableEntry? table))
            return null;
        ColumnEntry column = TableColumns.Get(table, given.Text(1) ?? "");
        SequenceEntry? sequence = context.Catalog.Sequences.FirstOrDefault(
            entry => entry.OwnerTable == oid && entry.OwnerColumn == column.Number);
        return sequence is null
            ? null
            : $"{Deparser.Quote(context.SchemaName(sequence.SchemaOid))}.{Deparser.Quote(sequence.Name)}";
    }

    private string? Size(ViewContext context, uint oid) => Relations.FindRelation(context, oid) switch
    {
        null => null,
        { Kind: 'r', IsSystem: false, Table: { } table } => Text(SizeOf(table)),
        { Index: { } index, Table: { } table } when SegmentIndexDefinition.Of(table, index) is { } vectors =>
            Text(session.Database.Storage.StatusOf(table.Id, vectors).FileBytes),
        _ => "0",
    };

    private long SizeOf(TableEntry table) =>
        table.Kind == TableKind.Table ? session.Database.Storage.SizeBytes(table.Id) : 0;

    private static string? FunctionText(ViewContext context, Arguments given, Func<FunctionEntry, string> text) =>
        FunctionFamily.Find(context, given.Oid(0)) is { } function ? text(function) : null;

    private static string Truth(bool value) => value ? "t" : "f";

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private readonly struct Arguments(IReadOnlyList<string?> values)
    {
        internal string? Text(int index) => index < values.Count ? values[index] : null;

        internal long? NumberOrNull(int index) =>
            long.TryParse(Text(index), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

        internal long Number(int index) => NumberOrNull(index) ?? 0;

        internal uint Oid(int index) => (uint)Number(index);
    }
}
