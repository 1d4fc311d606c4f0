using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Planner.Definitions;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>information_schema: tables, columns, views, schemas, sequences and what is asked beside them.</summary>
internal static class InformationSchemaFamily
{
    private const string Privileges = "INSERT SELECT UPDATE DELETE TRUNCATE REFERENCES TRIGGER";

    internal static readonly RowSource[] Sources =
    [
        new RowSource<Relation>("information_schema.tables",
                context => Relations.All(context).Where(relation => relation.Kind is 'r' or 'v'))
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, relation) => context.SchemaName(relation.SchemaOid))
            .With("table_name", relation => relation.Name)
            .With("table_type", relation => relation.IsTemporary ? "LOCAL TEMPORARY" : relation.Kind == 'v' ? "VIEW" : "BASE TABLE")
            .With("is_insertable_into", (context, relation) => YesNo((Relations.UpdatesOf(context, relation) & Relations.MayInsert) != 0))
            .WithAll("is_typed", "NO")
            .With("commit_action", relation => relation.IsTemporary ? "PRESERVE" : null),

        Columns(),

        new RowSource<Relation>("information_schema.views", context => Relations.All(context).Where(relation => relation.Kind == 'v'))
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, relation) => context.SchemaName(relation.SchemaOid))
            .With("table_name", relation => relation.Name)
            .With("view_definition", (context, relation) => relation.Table is { } view ? Deparser.View(context, view, DefinitionLayout.Lines) : null)
            .With("check_option", relation => relation.Table?.Options.FirstOrDefault(
                option => option.Key == "check_option").Value?.ToUpperInvariant() ?? "NONE")
            .With("is_updatable", (context, relation) => YesNo((Relations.UpdatesOf(context, relation) & Relations.MayUpdate) != 0))
            .With("is_insertable_into", (context, relation) => YesNo((Relations.UpdatesOf(context, relation) & Relations.MayInsert) != 0))
            .WithAll("is_trigger_updatable", "NO")
            .WithAll("is_trigger_deletable", "NO")
            .WithAll("is_trigger_insertable_into", "NO"),

        new RowSource<SchemaEntry>("information_schema.schemata", Relations.Schemas)
            .With("catalog_name", (context, _) => context.DatabaseName)
            .With("schema_name", schema => schema.Name)
            .With("schema_owner", (context, _) => context.OwnerName),

        new RowSource<SequenceEntry>("information_schema.sequences", context => context.Catalog.Sequences
                .Where(sequence => !IsIdentity(context, sequence)).OrderBy(sequence => sequence.Oid))
            .With("sequence_catalog", (context, _) => context.DatabaseName)
            .With("sequence_schema", (context, sequence) => context.SchemaName(sequence.SchemaOid))
            .With("sequence_name", sequence => sequence.Name)
            .With("data_type", sequence => BuiltinTypes.FormatType(sequence.Type))
            .With("numeric_precision", sequence => ColumnFacts.Precision(sequence.Type))
            .WithAll("numeric_precision_radix", 2)
            .WithAll("numeric_scale", 0)
            .With("start_value", sequence => Text(sequence.Start))
            .With("minimum_value", sequence => Text(sequence.MinValue))
            .With("maximum_value", sequence => Text(sequence.MaxValue))
            .With("increment", sequence => Text(sequence.Increment))
            .With("cycle_option", sequence => YesNo(sequence.Cycles)),

        Grants("information_schema.table_privileges"),
        Grants("information_schema.role_table_grants"),

        new RowSource<string>("information_schema.information_schema_catalog_name", context => [context.DatabaseName])
            .With("catalog_name", name => name),

        new RowSource<string>("information_schema.enabled_roles", context => [context.User]).With("role_name", name => name),

        new RowSource<string>("information_schema.character_sets", context => [context.DatabaseName])
            .WithAll("character_set_name", "UTF8")
            .WithAll("character_repertoire", "UCS")
            .WithAll("form_of_use", "UTF8")
            .With("default_collate_catalog", name => name)
            .WithAll("default_collate_schema", "pg_catalog")
            .WithAll("default_collate_name", "C"),
    ];

    private static RowSource<RelationFamily.Attribute> Columns() =>
        new RowSource<RelationFamily.Attribute>("information_schema.columns", context => RelationFamily.Attributes(context)
                .Where(attribute => attribute.Relation.Kind is 'r' or 'v' && !attribute.Column.IsDropped))
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, attribute) => context.SchemaName(attribute.Relation.SchemaOid))
            .With("table_name", attribute => attribute.Relation.Name)
            .With("column_name", attribute => attribute.Column.Name)
            .With("ordinal_position", attribute => (int)attribute.Number)
            .With("column_default", (context, attribute) =>
                attribute.Column.IsGenerated ? null : Deparser.Default(context, attribute.Relation.Table, attribute.Column))
            .With("is_nullable", attribute => YesNo(!attribute.Column.IsNotNull))
            .With("data_type", attribute => ColumnFacts.DataType(attribute.Column.Type))
            .With("character_maximum_length", attribute => ColumnFacts.Length(attribute.Column.Type))
            .With("character_octet_length", attribute => ColumnFacts.OctetLength(attribute.Column.Type))
            .With("numeric_precision", attribute => ColumnFacts.Precision(attribute.Column.Type))
            .With("numeric_precision_radix", attribute => ColumnFacts.Radix(attribute.Column.Type))
            // PostgreSQL shows a scale below zero so, too.
            .With("numeric_scale", attribute => ColumnFacts.Scale(attribute.Column.Type) & 2047)
            .With("datetime_precision", attribute => ColumnFacts.TimePrecision(attribute.Column.Type))
            .With("udt_catalog", (context, _) => context.DatabaseName)
            .With("udt_schema", (context, attribute) => context.SchemaName(TypeNaming.SchemaOf(context, attribute.Column.Type.Oid)))
            .With("udt_name", (context, attribute) => TypeNaming.PlainName(context, attribute.Column.Type.Oid))
            .With("dtd_identifier", attribute => Text(attribute.Number))
            .WithAll("is_self_referencing", "NO")
            .With("is_identity", attribute => YesNo(attribute.Column.Identity != IdentityKind.None))
            .With("identity_generation", attribute => attribute.Column.Identity switch
            {
                IdentityKind.Always => "ALWAYS",
                IdentityKind.ByDefault => "BY DEFAULT",
                _ => null,
            })
            .With("identity_start", (context, attribute) => Text(Identity(context, attribute)?.Start))
            .With("identity_increment", (context, attribute) => Text(Identity(context, attribute)?.Increment))
            .With("identity_maximum", (context, attribute) => Text(Identity(context, attribute)?.MaxValue))
            .With("identity_minimum", (context, attribute) => Text(Identity(context, attribute)?.MinValue))
            .With("identity_cycle", (context, attribute) => YesNo(Identity(context, attribute)?.Cycles == true))
            .With("is_generated", attribute => attribute.Column.IsGenerated ? "ALWAYS" : "NEVER")
            .With("generation_expression", (context, attribute) =>
                attribute.Column.IsGenerated ? Deparser.Default(context, attribute.Relation.Table, attribute.Column) : null)
            .With("is_updatable", (context, attribute) =>
                YesNo(Relations.IsUpdatable(context, attribute.Relation, attribute.Column)));

    private static RowSource<(Relation Relation, string Privilege)> Grants(string relation) =>
        new RowSource<(Relation Relation, string Privilege)>(relation, context =>
                from granted in Relations.User(context)
                where granted.Kind is 'r' or 'v'
                from privilege in Privileges.Split(' ')
                select (granted, privilege))
            .With("grantor", (context, _) => context.OwnerName)
            .With("grantee", (context, _) => context.OwnerName)
            .With("table_catalog", (context, _) => context.DatabaseName)
            .With("table_schema", (context, grant) => context.SchemaName(grant.Relation.SchemaOid))
            .With("table_name", grant => grant.Relation.Name)
            .With("privilege_type", grant => grant.Privilege)
            .WithAll("is_grantable", "YES")
            .With("with_hierarchy", grant => YesNo(grant.Privilege == "SELECT"));

    private static SequenceEntry? Identity(ViewContext context, RelationFamily.Attribute attribute) =>
        attribute.Column.Identity == IdentityKind.None
            ? null
            : context.Catalog.Find(attribute.Column.SequenceOid) as SequenceEntry;

    private static bool IsIdentity(ViewContext context, SequenceEntry sequence) =>
        context.Catalog.TryFindTable(new TableId(sequence.OwnerTable), out TableEntry? owner)
        && owner.Column(sequence.OwnerColumn).Identity != IdentityKind.None;

    internal static string YesNo(bool value) => value ? "YES" : "NO";

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
