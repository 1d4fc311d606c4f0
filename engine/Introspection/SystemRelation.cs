using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Engine.Introspection;

/// <summary>A system table or view: what it is called and which columns it has.</summary>
/// <param name="Kind">pg_class.relkind: r or v.</param>
internal sealed record SystemRelation(string Schema, string Name, char Kind, TableEntry Table)
{
    internal string FullName => Schema == "pg_catalog" ? Name : $"{Schema}.{Name}";

    /// <summary>Reads <c>schema.name oid kind column:type …</c>.</summary>
    internal static SystemRelation Read(string[] fields)
    {
        string[] name = fields[0].Split('.');
        var columns = ImmutableArray.CreateBuilder<ColumnEntry>(fields.Length - 3);
        foreach (string field in fields.AsSpan(3))
        {
            string[] column = field.Split(':');
            if (!BuiltinTypes.TryFindByName(column[1].TrimEnd('!'), out TypeEntry? type))
                throw new Core.Errors.InvariantException($"no type {column[1]} for {fields[0]}");
            columns.Add(new ColumnEntry((short)(columns.Count + 1), column[0], new SqlType(type.Oid))
            {
                IsNotNull = column[1].EndsWith('!'),
            });
        }
        uint schema = name[0] switch
        {
            "information_schema" => CatalogSnapshot.InformationSchemaOid,
            "vecsql" => CatalogSnapshot.VecsqlSchemaOid,
            _ => CatalogSnapshot.PgCatalogOid,
        };
        uint oid = uint.Parse(fields[1], CultureInfo.InvariantCulture);
        return new SystemRelation(name[0], name[1], fields[2][0], new TableEntry(oid, schema, name[1])
        {
            Kind = TableKind.System,
            Columns = columns.ToImmutable(),
        });
    }
}
