using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Snapshots;

/// <summary>All that users have made, at one moment. Immutable: a statement holds one and sees one world.</summary>
/// <remarks>
/// A session sees the snapshot as one database has it (<see cref="InDatabase"/>): only that database's schemas and what is in them. Storage
/// sees all. Built-in types, functions and system views are not in here; they never change (see <c>Builtins</c>).
/// </remarks>
public sealed class CatalogSnapshot
{
    public const uint PgCatalogOid = 11, InformationSchemaOid = 13000, PublicOid = 2200, VecsqlSchemaOid = 13500;

    private readonly Names _names;
    private readonly ConcurrentDictionary<uint, CatalogSnapshot> _views;

    private CatalogSnapshot(long version, uint nextOid, Names names, uint database, ConcurrentDictionary<uint, CatalogSnapshot>? views = null)
    {
        Version = version;
        NextOid = nextOid;
        Database = database;
        _names = names;
        _views = views ?? [];
        _views[database] = this;
    }

    // The other databases' schemas public have ids below those of users' objects that PostgreSQL gives to nothing.
    public static readonly CatalogSnapshot Initial = new CatalogSnapshot(0, TypeOid.FirstUser, Names.None, database: 0)
        .Apply([
            new PutObject(new SchemaEntry(PgCatalogOid, "pg_catalog")),
            new PutObject(new SchemaEntry(InformationSchemaOid, "information_schema")),
            new PutObject(new SchemaEntry(VecsqlSchemaOid, "vecsql")),
            new PutObject(new RoleEntry(RoleEntry.BootstrapOid, "vecsql")
            {
                IsSuperuser = true, CreatesRoles = true, CreatesDatabases = true, LogsIn = true, Replicates = true,
                BypassesRowSecurity = true,
            }),
            .. RoleEntry.Predefined.Select(static role => new PutObject(role)),
            .. WithPublic(new DatabaseEntry(DatabaseEntry.FirstOid, "vecsql"), PublicOid),
            .. WithPublic(new DatabaseEntry(DatabaseEntry.PostgresOid, "postgres")
                { Comment = "default administrative connection database" }, 13601),
            .. WithPublic(new DatabaseEntry(DatabaseEntry.TemplateOid, "template1")
                { IsTemplate = true, Comment = "default template for new databases" }, 13602),
            .. WithPublic(new DatabaseEntry(DatabaseEntry.EmptyTemplateOid, "template0")
                { IsTemplate = true, AllowsConnections = false, Comment = "unmodifiable empty database" }, 13603),
        ]);

    /// <summary>Grows with every change; plans are cached under it.</summary>
    public long Version { get; }

    /// <summary>The next object id that no object has had.</summary>
    public uint NextOid { get; }

    /// <summary>The database whose schemas are seen; 0 for those of all.</summary>
    public uint Database { get; }

    public IEnumerable<CatalogObject> Objects => _names.Objects.Values.Where(IsSeen);

    public IEnumerable<SchemaEntry> Schemas => Objects.OfType<SchemaEntry>();

    public IEnumerable<TableEntry> Tables => Objects.OfType<TableEntry>();

    public IEnumerable<SequenceEntry> Sequences => Objects.OfType<SequenceEntry>();

    public IEnumerable<UserTypeEntry> Types => Objects.OfType<UserTypeEntry>();

    public IEnumerable<FunctionDefinition> Functions => Objects.OfType<FunctionDefinition>();

    /// <summary>The database's models, and the built-in one.</summary>
    public IEnumerable<ModelEntry> Models => Objects.OfType<ModelEntry>().Prepend(ModelEntry.BuiltIn);

    public IEnumerable<RoleEntry> Roles => _names.Roles.Values.Select(oid => (RoleEntry)_names.Objects[oid]);

    /// <summary>Groups of shards, which tables of all databases share.</summary>
    public IEnumerable<ShardGroupEntry> ShardGroups => _names.Objects.Values.OfType<ShardGroupEntry>().OrderBy(static group => group.Oid);

    public IEnumerable<DatabaseEntry> Databases => _names.Databases.Values.Select(oid => (DatabaseEntry)_names.Objects[oid]);

    /// <summary>The same moment as another database has it, always the same object; 0 for all databases together.</summary>
    public CatalogSnapshot InDatabase(uint database) => database == Database
        ? this
        : _views.GetOrAdd(database, static (oid, from) => new CatalogSnapshot(from.Version, from.NextOid, from._names, oid, from._views), this);

    public RoleEntry? FindRole(string name) => Find<RoleEntry>(_names.Roles, name);

    public DatabaseEntry? FindDatabase(string name) => Find<DatabaseEntry>(_names.Databases, name);

    /// <summary>A schema of the database, or one that every database has.</summary>
    public SchemaEntry? FindSchema(string name) =>
        Find<SchemaEntry>(_names.Schemas, (Database, name)) ?? Find<SchemaEntry>(_names.Schemas, (0, name));

    public CatalogObject? Find(uint oid) =>
        _names.Objects.TryGetValue(oid, out CatalogObject? found) && IsSeen(found) ? found : null;

    /// <summary>A table, view or sequence by name: they share one name space, with indexes, as in pg_class.</summary>
    public CatalogObject? FindRelation(uint schemaOid, string name) =>
        Find<CatalogObject>(_names.Relations, (schemaOid, name));

    /// <summary>The object id of a user's type, or of its array type, by name; 0 where there is none.</summary>
    public uint FindType(uint schemaOid, string name) => _names.Types.GetValueOrDefault((schemaOid, name));

    /// <summary>The definition of a user's type, also by its array type's id.</summary>
    public UserTypeEntry? FindType(uint oid) =>
        Find(UserTypeOid.IsEnumArray(oid) ? BuiltinTypes.ElementOf(oid) : oid) as UserTypeEntry;

    /// <summary>Whether any database has something that SQL which is kept names by marks.</summary>
    public bool HasMarked => !_names.Types.IsEmpty || !_names.Functions.IsEmpty || !_names.Models.IsEmpty;

    /// <summary>A model of the database, or the built-in one.</summary>
    public ModelEntry? FindModel(string name) =>
        name == ModelEntry.BuiltIn.Name ? ModelEntry.BuiltIn : Find<ModelEntry>(_names.Models, (Database, name));

    public ModelEntry? FindModel(uint oid) => oid == ModelEntry.BuiltInOid ? ModelEntry.BuiltIn : Find(oid) as ModelEntry;

    /// <summary>The model that the name stands for, as identifiers stand for things: letters may be large that are small in the catalog.</summary>
    public ModelEntry? FindModel(ModelName name) => FindModel(name.Name) ?? FindModel(name.Name.ToLowerInvariant());

    /// <summary>What embed() uses in the database where neither it nor the session names a model.</summary>
    /// <remarks>Null where it was dropped.</remarks>
    public ModelEntry? DefaultModel =>
        Find(Database) is DatabaseEntry { DefaultModel: not 0 and var oid } ? FindModel(oid) : ModelEntry.BuiltIn;

    /// <summary>The functions of that name, in all schemas of the database.</summary>
    public IEnumerable<FunctionDefinition> FindFunctions(string name) =>
        _names.Functions.TryGetValue(name, out ImmutableSortedSet<uint>? oids)
            ? oids.Select(oid => (FunctionDefinition)_names.Objects[oid]).Where(IsSeen) : [];

    public bool TryFindTable(TableId id, [NotNullWhen(true)] out TableEntry? table)
    {
        table = _names.Objects.GetValueOrDefault(id.Oid) as TableEntry;
        return table is not null;
    }

    /// <summary>Whether a relation (table, view, sequence or index) of that name exists in the schema.</summary>
    public bool IsNameTaken(uint schemaOid, string name) => _names.Relations.ContainsKey((schemaOid, name));

    /// <summary>Whether any table refers to another.</summary>
    public bool HasForeignKeys => !_names.Referrers.IsEmpty;

    /// <summary>Whether any table has a unique key that may be checked at the end of transactions.</summary>
    public bool HasDeferrableKeys => _names.DeferrableTables > 0;

    public bool HasDeferringTables => !_names.DeferringTables.IsEmpty;

    /// <summary>The tables, of all databases, whose texts are embedded behind the statements.</summary>
    public IEnumerable<TableEntry> DeferringTables => _names.DeferringTables.Select(oid => (TableEntry)_names.Objects[oid]);

    /// <summary>Whether a foreign key refers to the table.</summary>
    public bool IsReferenced(TableId table) => _names.Referrers.ContainsKey(table.Oid);

    /// <summary>The foreign keys that refer to the table, in the order in which they were made.</summary>
    public IEnumerable<(TableEntry Table, ForeignKeyEntry Key)> ForeignKeysTo(TableId table)
    {
        if (!_names.Referrers.TryGetValue(table.Oid, out ImmutableSortedSet<uint>? referrers))
            return [];
        return referrers.Select(oid => (TableEntry)_names.Objects[oid])
            .SelectMany(referrer => referrer.ForeignKeys.Select(key => (Table: referrer, Key: key)))
            .Where(found => found.Key.ReferencedTable == table.Oid)
            .OrderBy(found => found.Key.Oid);
    }

    /// <summary>The catalog after the changes; the version grows by one.</summary>
    public CatalogSnapshot Apply(IReadOnlyCollection<CatalogChange> changes)
    {
        NamesBuilder names = new(_names);
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
            uint number = UserTypeOid.NumberOf(oid);
            if (number >= TypeOid.FirstUser && oid != DatabaseEntry.FirstOid) // which did not come from the counter
                nextOid = Math.Max(nextOid, number + 1);
            if (change is ReserveOids)
                continue;
            names.Remove(oid);
            if (change is PutObject(var added))
                names.Add(added);
        }
        return new CatalogSnapshot(Version + 1, nextOid, names.Build(), Database);
    }

    /// <summary>The same catalog under another version: for one that a transaction sees before it commits.</summary>
    public CatalogSnapshot WithVersion(long version) => new(version, NextOid, _names, Database);

    /// <summary>A new database as it begins: with an empty schema public.</summary>
    public static IEnumerable<CatalogChange> WithPublic(DatabaseEntry database, uint publicOid) =>
        [new PutObject(database), new PutObject(new SchemaEntry(publicOid, "public") { DatabaseOid = database.Oid, Comment = "standard public schema" })];

    private bool IsSeen(CatalogObject found)
    {
        if (Database == 0)
            return true;
        return found switch
        {
            SchemaEntry schema => schema.DatabaseOid == 0 || schema.DatabaseOid == Database,
            TableEntry table => IsSeenSchema(table.SchemaOid),
            SequenceEntry sequence => IsSeenSchema(sequence.SchemaOid),
            UserTypeEntry type => IsSeenSchema(type.SchemaOid),
            FunctionDefinition function => IsSeenSchema(function.SchemaOid),
            ModelEntry model => model.DatabaseOid == Database,
            _ => true,
        };
    }

    private bool IsSeenSchema(uint oid) => _names.Objects.TryGetValue(oid, out CatalogObject? schema) && IsSeen(schema);

    private T? Find<T>(ImmutableDictionary<string, uint> oids, string name) where T : CatalogObject =>
        oids.TryGetValue(name, out uint oid) ? _names.Objects.GetValueOrDefault(oid) as T : null;

    private T? Find<T>(ImmutableDictionary<(uint, string), uint> oids, (uint, string) name) where T : CatalogObject =>
        oids.TryGetValue(name, out uint oid) ? _names.Objects.GetValueOrDefault(oid) as T : null;

    /// <summary>All objects by id, and the ids by name.</summary>
    /// <param name="Referrers">By table, the tables with keys that refer to it.</param>
    /// <param name="DeferrableTables">How many tables have deferrable unique keys.</param>
    /// <param name="Types">Users' types and their array types.</param>
    /// <param name="Functions">Users' functions by their bare names.</param>
    /// <param name="Models">Users' models.</param>
    /// <param name="DeferringTables">Tables with columns that are embedded behind the statements.</param>
    private sealed record Names(
        ImmutableDictionary<uint, CatalogObject> Objects, ImmutableDictionary<(uint Schema, string Name), uint> Relations,
        ImmutableDictionary<(uint Database, string Name), uint> Schemas, ImmutableDictionary<string, uint> Roles,
        ImmutableDictionary<string, uint> Databases, ImmutableDictionary<uint, ImmutableSortedSet<uint>> Referrers,
        int DeferrableTables, ImmutableDictionary<(uint Schema, string Name), uint> Types,
        ImmutableDictionary<string, ImmutableSortedSet<uint>> Functions, ImmutableDictionary<(uint Database, string Name), uint> Models,
        ImmutableSortedSet<uint> DeferringTables)
    {
        public static readonly Names None = new(
            ImmutableDictionary<uint, CatalogObject>.Empty, ImmutableDictionary<(uint, string), uint>.Empty,
            ImmutableDictionary<(uint, string), uint>.Empty, ImmutableDictionary<string, uint>.Empty,
            ImmutableDictionary<string, uint>.Empty, ImmutableDictionary<uint, ImmutableSortedSet<uint>>.Empty, 0,
            ImmutableDictionary<(uint, string), uint>.Empty, ImmutableDictionary<string, ImmutableSortedSet<uint>>.Empty,
            ImmutableDictionary<(uint, string), uint>.Empty, []);
    }

    private sealed class NamesBuilder(Names names)
    {
        private readonly ImmutableDictionary<uint, CatalogObject>.Builder _objects = names.Objects.ToBuilder();
        private readonly ImmutableDictionary<(uint Schema, string Name), uint>.Builder _relations = names.Relations.ToBuilder();
        private readonly ImmutableDictionary<(uint Database, string Name), uint>.Builder _schemas = names.Schemas.ToBuilder();
        private readonly ImmutableDictionary<string, uint>.Builder _roles = names.Roles.ToBuilder(), _databases = names.Databases.ToBuilder();
        private readonly ImmutableDictionary<uint, ImmutableSortedSet<uint>>.Builder _referrers = names.Referrers.ToBuilder();
        private readonly ImmutableDictionary<(uint Schema, string Name), uint>.Builder _types = names.Types.ToBuilder();
        private readonly ImmutableDictionary<string, ImmutableSortedSet<uint>>.Builder _functions = names.Functions.ToBuilder();
        private readonly ImmutableDictionary<(uint Database, string Name), uint>.Builder _models = names.Models.ToBuilder();
        private readonly ImmutableSortedSet<uint>.Builder _deferringTables = names.DeferringTables.ToBuilder();
        private int _deferrableTables = names.DeferrableTables;

        public Names Build() => new(
            _objects.ToImmutable(), _relations.ToImmutable(), _schemas.ToImmutable(), _roles.ToImmutable(), _databases.ToImmutable(),
            _referrers.ToImmutable(), _deferrableTables, _types.ToImmutable(), _functions.ToImmutable(), _models.ToImmutable(), _deferringTables.ToImmutable());

        public void Add(CatalogObject added)
        {
            _objects[added.Oid] = added;
            switch (added)
            {
                case SchemaEntry schema:
                    _schemas[(schema.DatabaseOid, schema.Name)] = schema.Oid;
                    break;
                case RoleEntry role:
                    _roles[role.Name] = role.Oid;
                    break;
                case DatabaseEntry database:
                    _databases[database.Name] = database.Oid;
                    break;
                case TableEntry table:
                    _relations[(table.SchemaOid, table.Name)] = table.Oid;
                    _deferrableTables += table.HasDeferrableKeys ? 1 : 0;
                    if (table.DefersEmbedding || table.Columns.Any(static column => column.ShadowOf > 0))
                        _deferringTables.Add(table.Oid);
                    foreach (IndexEntry index in table.Indexes)
                        _relations[(table.SchemaOid, index.Name)] = index.Oid;
                    foreach (ForeignKeyEntry key in table.ForeignKeys)
                        _referrers[key.ReferencedTable] = _referrers.GetValueOrDefault(key.ReferencedTable, []).Add(table.Oid);
                    break;
                case SequenceEntry sequence:
                    _relations[(sequence.SchemaOid, sequence.Name)] = sequence.Oid;
                    break;
                case FunctionDefinition function:
                    _functions[function.Name] = _functions.GetValueOrDefault(function.Name, []).Add(function.Oid);
                    break;
                case ModelEntry model:
                    _models[(model.DatabaseOid, model.Name)] = model.Oid;
                    break;
                case UserTypeEntry type:
                    _types[(type.SchemaOid, type.Name)] = type.Oid;
                    _types[(type.SchemaOid, type.ArrayName)] = UserTypeOid.ArrayOf(type.Oid);
                    break;
            }
        }

        public void Remove(uint oid)
        {
            if (!_objects.Remove(oid, out CatalogObject? removed))
                return;
            switch (removed)
            {
                case SchemaEntry schema:
                    _schemas.Remove((schema.DatabaseOid, schema.Name));
                    break;
                case RoleEntry role:
                    _roles.Remove(role.Name);
                    break;
                case DatabaseEntry database:
                    _databases.Remove(database.Name);
                    break;
                case TableEntry table:
                    _relations.Remove((table.SchemaOid, table.Name));
                    _deferrableTables -= table.HasDeferrableKeys ? 1 : 0;
                    _deferringTables.Remove(table.Oid);
                    foreach (IndexEntry index in table.Indexes)
                        _relations.Remove((table.SchemaOid, index.Name));
                    foreach (ForeignKeyEntry key in table.ForeignKeys)
                        RemoveReferrer(key.ReferencedTable, table.Oid);
                    break;
                case SequenceEntry sequence:
                    _relations.Remove((sequence.SchemaOid, sequence.Name));
                    break;
                case FunctionDefinition function:
                    Exclude(_functions, function.Name, function.Oid);
                    break;
                case ModelEntry model:
                    _models.Remove((model.DatabaseOid, model.Name));
                    break;
                case UserTypeEntry type:
                    _types.Remove((type.SchemaOid, type.Name));
                    _types.Remove((type.SchemaOid, type.ArrayName));
                    break;
            }
        }

        private static void Exclude(ImmutableDictionary<string, ImmutableSortedSet<uint>>.Builder oids, string name, uint oid)
        {
            ImmutableSortedSet<uint> left = oids[name].Remove(oid);
            if (left.IsEmpty)
                oids.Remove(name);
            else
                oids[name] = left;
        }

        private void RemoveReferrer(uint referenced, uint table)
        {
            if (!_referrers.TryGetValue(referenced, out ImmutableSortedSet<uint>? referrers))
                return; // two keys of the table refer to it, and the first has taken it out
            referrers = referrers.Remove(table);
            if (referrers.IsEmpty)
                _referrers.Remove(referenced);
            else
                _referrers[referenced] = referrers;
        }
    }
}
