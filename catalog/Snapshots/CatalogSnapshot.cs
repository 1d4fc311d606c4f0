using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Objects;

namespace VecSQL.Catalog.Snapshots;

/// <summary>All that users have made, at one moment. Immutable: a statement holds one and sees one world.</summary>
/// <remarks>Built-in types, functions and system views are not in here; they never change (see <c>Builtins</c>).</remarks>
public sealed class CatalogSnapshot
{
    public const uint PgCatalogOid = 11, InformationSchemaOid = 13000, PublicOid = 2200, VecsqlSchemaOid = 13500;

    private readonly ImmutableDictionary<uint, CatalogObject> _objects;
    private readonly ImmutableDictionary<(uint Schema, string Name), uint> _relations;
    private readonly ImmutableDictionary<string, uint> _schemas, _roles;
    private readonly ImmutableDictionary<uint, ImmutableSortedSet<uint>> _referrers; // by table, the tables with keys that refer to it

    private CatalogSnapshot(
        long version,
        uint nextOid,
        ImmutableDictionary<uint, CatalogObject> objects,
        ImmutableDictionary<(uint Schema, string Name), uint> relations,
        ImmutableDictionary<string, uint> schemas,
        ImmutableDictionary<string, uint> roles,
        ImmutableDictionary<uint, ImmutableSortedSet<uint>> referrers)
    {
        Version = version;
        NextOid = nextOid;
        _objects = objects;
        _relations = relations;
        _schemas = schemas;
        _roles = roles;
        _referrers = referrers;
    }

    public static readonly CatalogSnapshot Initial = new CatalogSnapshot(
            0, Types.TypeOid.FirstUser, ImmutableDictionary<uint, CatalogObject>.Empty,
            ImmutableDictionary<(uint Schema, string Name), uint>.Empty, ImmutableDictionary<string, uint>.Empty,
            ImmutableDictionary<string, uint>.Empty, ImmutableDictionary<uint, ImmutableSortedSet<uint>>.Empty)
        .Apply([
            new PutObject(new SchemaEntry(PgCatalogOid, "pg_catalog")),
            new PutObject(new SchemaEntry(InformationSchemaOid, "information_schema")),
            new PutObject(new SchemaEntry(PublicOid, "public")),
            new PutObject(new SchemaEntry(VecsqlSchemaOid, "vecsql")),
            new PutObject(new RoleEntry(RoleEntry.BootstrapOid, "vecsql")
            {
                IsSuperuser = true, CreatesRoles = true, CreatesDatabases = true, LogsIn = true, Replicates = true,
                BypassesRowSecurity = true,
            }),
        ]);

    /// <summary>Grows with every change; plans are cached under it.</summary>
    public long Version { get; }

    /// <summary>The next object id that no object has had.</summary>
    public uint NextOid { get; }

    public IEnumerable<CatalogObject> Objects => _objects.Values;

    public IEnumerable<SchemaEntry> Schemas => _objects.Values.OfType<SchemaEntry>();

    public IEnumerable<TableEntry> Tables => _objects.Values.OfType<TableEntry>();

    public IEnumerable<SequenceEntry> Sequences => _objects.Values.OfType<SequenceEntry>();

    public IEnumerable<RoleEntry> Roles => _roles.Values.Select(oid => (RoleEntry)_objects[oid]);

    public RoleEntry? FindRole(string name) => _roles.TryGetValue(name, out uint oid) ? (RoleEntry)_objects[oid] : null;

    public SchemaEntry? FindSchema(string name) =>
        _schemas.TryGetValue(name, out uint oid) ? (SchemaEntry)_objects[oid] : null;

    public CatalogObject? Find(uint oid) => _objects.GetValueOrDefault(oid);

    /// <summary>A table, view or sequence by name: they share one name space, with indexes, as in pg_class.</summary>
    public CatalogObject? FindRelation(uint schemaOid, string name) =>
        _relations.TryGetValue((schemaOid, name), out uint oid) ? _objects.GetValueOrDefault(oid) : null;

    public bool TryFindTable(TableId id, [NotNullWhen(true)] out TableEntry? table)
    {
        table = _objects.GetValueOrDefault(id.Oid) as TableEntry;
        return table is not null;
    }

    /// <summary>Whether any table refers to another.</summary>
    public bool HasForeignKeys => !_referrers.IsEmpty;

    /// <summary>Whether a foreign key refers to the table.</summary>
    public bool IsReferenced(TableId table) => _referrers.ContainsKey(table.Oid);

    /// <summary>The foreign keys that refer to the table, in the order in which they were made.</summary>
    public IEnumerable<(TableEntry Table, ForeignKeyEntry Key)> ForeignKeysTo(TableId table)
    {
        if (!_referrers.TryGetValue(table.Oid, out ImmutableSortedSet<uint>? referrers))
            return [];
        return referrers.Select(oid => (TableEntry)_objects[oid])
            .SelectMany(referrer => referrer.ForeignKeys.Select(key => (Table: referrer, Key: key)))
            .Where(found => found.Key.ReferencedTable == table.Oid)
            .OrderBy(found => found.Key.Oid);
    }

    /// <summary>The catalog after the changes; the version grows by one.</summary>
    public CatalogSnapshot Apply(IReadOnlyCollection<CatalogChange> changes)
    {
        ImmutableDictionary<uint, CatalogObject>.Builder objects = _objects.ToBuilder();
        NameBuilders names = new(_relations.ToBuilder(), _schemas.ToBuilder(), _roles.ToBuilder(), _referrers.ToBuilder());
        uint nextOid = NextOid;
        foreach (CatalogChange change in changes)
        {
            uint oid = change switch
            {
                PutObject put => put.Object.Oid,
                DropObject drop => drop.Oid,
                ReserveOids reserve => reserve.NextOid - 1,
                _ => throw new ArgumentException($"unknown change {change}", nameof(changes)),
            };
            if (oid >= Types.TypeOid.FirstUser)
                nextOid = Math.Max(nextOid, oid + 1);
            if (change is ReserveOids)
                continue;
            if (objects.Remove(oid, out CatalogObject? old))
                names.Remove(old);
            if (change is PutObject(var added))
            {
                objects[oid] = added;
                names.Add(added);
            }
        }
        return new CatalogSnapshot(Version + 1, nextOid, objects.ToImmutable(), names.Relations.ToImmutable(),
            names.Schemas.ToImmutable(), names.Roles.ToImmutable(), names.Referrers.ToImmutable());
    }

    /// <summary>The same catalog under another version: for one that a transaction sees before it commits.</summary>
    public CatalogSnapshot WithVersion(long version) =>
        new(version, NextOid, _objects, _relations, _schemas, _roles, _referrers);

    /// <summary>Whether a relation (table, view, sequence or index) of that name exists in the schema.</summary>
    public bool IsNameTaken(uint schemaOid, string name) => _relations.ContainsKey((schemaOid, name));

    /// <summary>What objects are found by, while changes are applied.</summary>
    private sealed record NameBuilders(
        ImmutableDictionary<(uint Schema, string Name), uint>.Builder Relations,
        ImmutableDictionary<string, uint>.Builder Schemas,
        ImmutableDictionary<string, uint>.Builder Roles,
        ImmutableDictionary<uint, ImmutableSortedSet<uint>>.Builder Referrers)
    {
        internal void Add(CatalogObject added)
        {
            switch (added)
            {
                case SchemaEntry schema:
                    Schemas[schema.Name] = schema.Oid;
                    break;
                case RoleEntry role:
                    Roles[role.Name] = role.Oid;
                    break;
                case TableEntry table:
                    Relations[(table.SchemaOid, table.Name)] = table.Oid;
                    foreach (IndexEntry index in table.Indexes)
                        Relations[(table.SchemaOid, index.Name)] = index.Oid;
                    foreach (ForeignKeyEntry key in table.ForeignKeys)
                        Referrers[key.ReferencedTable] = Referrers.GetValueOrDefault(key.ReferencedTable, []).Add(table.Oid);
                    break;
                case SequenceEntry sequence:
                    Relations[(sequence.SchemaOid, sequence.Name)] = sequence.Oid;
                    break;
            }
        }

        internal void Remove(CatalogObject removed)
        {
            switch (removed)
            {
                case SchemaEntry schema:
                    Schemas.Remove(schema.Name);
                    break;
                case RoleEntry role:
                    Roles.Remove(role.Name);
                    break;
                case TableEntry table:
                    Relations.Remove((table.SchemaOid, table.Name));
                    foreach (IndexEntry index in table.Indexes)
                        Relations.Remove((table.SchemaOid, index.Name));
                    foreach (ForeignKeyEntry key in table.ForeignKeys)
                        RemoveReferrer(key.ReferencedTable, table.Oid);
                    break;
                case SequenceEntry sequence:
                    Relations.Remove((sequence.SchemaOid, sequence.Name));
                    break;
            }
        }

        private void RemoveReferrer(uint referenced, uint table)
        {
            if (!Referrers.TryGetValue(referenced, out ImmutableSortedSet<uint>? referrers))
                return; // two keys of the table refer to it, and the first has taken it out
            referrers = referrers.Remove(table);
            if (referrers.IsEmpty)
                Referrers.Remove(referenced);
            else
                Referrers[referenced] = referrers;
        }
    }
}
