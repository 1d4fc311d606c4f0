using System.Collections.Immutable;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Objects;

/// <summary>The object id of a table, view or index: a pg_class oid.</summary>
public readonly record struct TableId(uint Oid)
{
    public override string ToString() => Oid.ToString();
}

/// <summary>Anything that has a row in a system catalog and a name in a schema.</summary>
public abstract record CatalogObject(uint Oid, string Name);

public sealed record SchemaEntry(uint Oid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>The database it is in; 0 for those that every database has.</summary>
    public uint DatabaseOid
    {
        get;
        init => field = value == 0 ? DefaultDatabase(Oid) : value; // an entry written before there were databases lacks it
    } = DefaultDatabase(Oid);

    public string? Comment { get; init; }

    private static uint DefaultDatabase(uint oid) =>
        oid is CatalogSnapshot.PgCatalogOid or CatalogSnapshot.InformationSchemaOid or CatalogSnapshot.VecsqlSchemaOid
            ? 0
            : DatabaseEntry.FirstOid;
}

/// <summary>A table, or a system view whose rows are computed.</summary>
/// <remarks>Stored expressions (defaults, checks, generated columns) are SQL text in canonical form, parsed and bound when used.</remarks>
public sealed record TableEntry(uint Oid, uint SchemaOid, string Name) : CatalogObject(Oid, Name)
{
    public TableId Id => new(Oid);

    public TableKind Kind { get; init; } = TableKind.Table;

    /// <summary>In the order that users see. Dropped columns stay, marked, so that places never move. A column's place is its number, but where
    /// a shadow has taken another's place: then the two numbers have changed places.</summary>
    public required ImmutableArray<ColumnEntry> Columns { get; init; }

    /// <summary>Primary key and unique constraints and unique indexes.</summary>
    public ImmutableArray<IndexEntry> Indexes { get; init; } = [];

    public ImmutableArray<CheckEntry> Checks { get; init; } = [];

    /// <summary>What its rows refer to.</summary>
    public ImmutableArray<ForeignKeyEntry> ForeignKeys
    {
        get;
        init => field = value.IsDefault ? [] : value; // an entry written before there were any lacks it
    } = [];

    /// <summary>Storage parameters of <c>WITH (…)</c>, in the order given.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Options { get; init; } = [];

    /// <summary>How its rows are divided among shards; null for a table that is whole.</summary>
    public TablePlacement? Placement { get; init; }

    /// <summary>REPLICA IDENTITY as pg_class has it: d, f, n or i.</summary>
    public char ReplicaIdentity
    {
        get;
        init => field = value == 0 ? 'd' : value; // an entry written before there was any lacks it
    } = 'd';

    /// <summary>Goes when the transaction or the session that made it ends.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>A view's query as SQL; null for tables.</summary>
    public string? ViewSql { get; init; }

    /// <summary>The schemas in which a view's names are looked for: those of the session that made it.</summary>
    public ImmutableArray<string> ViewSearchPath { get; init; } = [];

    public string? Comment { get; init; }

    /// <summary>Whether a unique key may be checked at the end of transactions.</summary>
    public bool HasDeferrableKeys => Indexes.Any(static index => index.IsDeferrable);

    /// <summary>The storage parameter that says when texts are embedded.</summary>
    public const string EmbedMode = "embed_mode";

    /// <summary>embed_mode = async: columns that embed() computes are NULL until the node has computed them behind the statements.</summary>
    public bool DefersEmbedding => Options.Contains(KeyValuePair.Create(EmbedMode, "async"));

    /// <summary>Whether the column's values come behind the statements.</summary>
    public bool IsDeferred(ColumnEntry column) =>
        DefersEmbedding && column is { IsGenerated: true, IsHidden: false, IsDropped: false, Model: not null };

    /// <summary>Columns whose missing vectors the node computes: deferred ones, and shadows, which have those of rows written since alone.</summary>
    public IEnumerable<ColumnEntry> FilledColumns => Columns.Where(column => column.ShadowOf > 0 || IsDeferred(column));

    /// <summary>What is to take the column's place; null where nothing is.</summary>
    public ColumnEntry? ShadowOf(ColumnEntry column) => Columns.FirstOrDefault(shadow => shadow.ShadowOf == column.Number);

    public IndexEntry? PrimaryKey => Indexes.FirstOrDefault(index => index.IsPrimary);

    /// <summary>Columns that users see, in order.</summary>
    public IEnumerable<ColumnEntry> LiveColumns => Columns.Where(column => column is { IsDropped: false, IsHidden: false });

    /// <summary>Columns that rows have, in order: those that users see, and those that indexes keep their expressions in.</summary>
    public IEnumerable<ColumnEntry> StoredColumns => Columns.Where(column => !column.IsDropped);

    public ColumnEntry Column(short number) => Columns[PlaceOf(number) - 1];

    /// <summary>What clients know the column by (attnum): 1 for the first. Of system columns their number.</summary>
    public short PlaceOf(short number)
    {
        if (number <= 0 || Columns[number - 1].Number == number)
            return number;
        for (short place = 1; ; place++)
        {
            if (Columns[place - 1].Number == number)
                return place;
        }
    }
}

public enum TableKind : byte { Table, View, System }

/// <summary>A column of a table: a row of pg_attribute.</summary>
/// <param name="Number">What rows and indexes know it by; never reused. Mostly its place in the table, see
/// <see cref="TableEntry.PlaceOf"/>.</param>
public sealed record ColumnEntry(short Number, string Name, SqlType Type)
{
    public bool IsNotNull { get; init; }

    /// <summary>The DEFAULT or GENERATED expression as SQL, or null.</summary>
    public string? DefaultSql { get; init; }

    public bool IsGenerated { get; init; }

    public IdentityKind Identity { get; init; }

    /// <summary>The sequence behind an identity or serial column; 0 for none.</summary>
    public uint SequenceOid { get; init; }

    /// <summary>The value, in the type's text form, that rows older than the column have; null for SQL NULL.</summary>
    public string? MissingValue { get; init; }

    public bool IsDropped { get; init; }

    /// <summary>Generated for an index, which keeps its expression in it: no statement names it, and it goes with the index. It is called
    /// as PostgreSQL calls the index's column.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The number of the column whose place it takes once its vectors are all there; 0 for none. It is hidden until then.</summary>
    public short ShadowOf { get; init; }

    public string? Comment { get; init; }

    /// <summary>What its vectors were made by; null where that is not known.</summary>
    public ModelUse? Model { get; init; }

    /// <summary>What ANALYZE found last; null before.</summary>
    public ColumnStatistics? Statistics { get; init; }
}

public enum IdentityKind : byte { None, Always, ByDefault }

/// <summary>A unique index: of a primary key, a unique constraint, or one made by CREATE UNIQUE INDEX; or a plain one.</summary>
/// <param name="Columns">Column numbers, in key order; of hidden columns for expressions, and for the keys of a unique index with a
/// predicate, which are null in rows that do not meet it.</param>
public sealed record IndexEntry(uint Oid, string Name, ImmutableArray<short> Columns)
{
    public bool IsUnique { get; init; }

    public bool IsPrimary { get; init; }

    /// <summary>The oid of the constraint it serves; 0 for a bare index.</summary>
    public uint ConstraintOid { get; init; }

    public bool NullsNotDistinct { get; init; }

    /// <summary>DEFERRABLE: a transaction may have it checked when it ends, and until then have several rows of one key.</summary>
    public bool IsDeferrable { get; init; }

    public bool IsInitiallyDeferred { get; init; }

    /// <summary>CLUSTER ON: a mark that only catalogs show.</summary>
    public bool IsClustered { get; init; }

    /// <summary>REPLICA IDENTITY USING INDEX: likewise.</summary>
    public bool IsReplicaIdentity { get; init; }

    /// <summary>btree, hash …</summary>
    public string Method { get; init; } = "btree";

    /// <summary>The operator class of each key column where it is not the type's own; empty for all default.</summary>
    public ImmutableArray<string> OperatorClasses
    {
        get;
        init => field = value.IsDefault ? [] : value; // an entry written before there were any lacks it
    } = [];

    /// <summary>How each key column is ordered where not plainly: <c>DESC</c>, <c>NULLS FIRST</c> …; empty for all plain.</summary>
    public ImmutableArray<string> Orders { get; init; } = [];

    /// <summary>For each key column what it is in SQL, where not the table's own column: empty texts for those; empty for all own.</summary>
    public ImmutableArray<string> Expressions
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>WHERE: the condition in SQL that rows of the index meet; null for all rows.</summary>
    public string? Predicate { get; init; }

    /// <summary>The hidden column that says whether a row meets the predicate, for an index of vectors; 0 for none.</summary>
    public short PredicateColumn { get; init; }

    /// <summary>What a key is in SQL, in parentheses where needed; null where it is the table's own column.</summary>
    public string? ExpressionOf(int key) => Expressions.Length > key && Expressions[key].Length > 0 ? Expressions[key] : null;

    /// <summary>The oid of the index whose place it takes, with that index's column; 0 for none. Nobody sees it until then.</summary>
    public uint Replaces { get; init; }

    /// <summary>Columns of INCLUDE.</summary>
    public ImmutableArray<short> Include { get; init; } = [];

    /// <summary>Storage parameters of <c>WITH (…)</c>, in the order given.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Options { get; init; } = [];

    public string? Comment { get; init; }
}

public sealed record CheckEntry(uint Oid, string Name, string Sql)
{
    /// <summary>NOT VALID: rows from before it were not tested.</summary>
    public bool IsNotValid { get; init; }

    public string? Comment { get; init; }
}

/// <summary>A sequence's definition. Its position is storage's business and is not transactional, as in PostgreSQL.</summary>
public sealed record SequenceEntry(uint Oid, uint SchemaOid, string Name) : CatalogObject(Oid, Name)
{
    public SqlType Type { get; init; } = SqlType.Int8;

    public long Start { get; init; } = 1;

    public long Increment { get; init; } = 1;

    public long MinValue { get; init; } = 1;

    public long MaxValue { get; init; } = long.MaxValue;

    public bool Cycles { get; init; }

    public long Cache { get; init; } = 1;

    /// <summary>The column that owns it (OWNED BY, serial, identity); table 0 for none.</summary>
    public uint OwnerTable { get; init; }

    public short OwnerColumn { get; init; }

    public string? Comment { get; init; }

    /// <summary>The sequence as a query sees it: a table of one row, whose columns say where it stands.</summary>
    public TableEntry AsTable() => new(Oid, SchemaOid, Name)
    {
        Kind = TableKind.System,
        Columns =
        [
            new ColumnEntry(1, "last_value", SqlType.Int8) { IsNotNull = true },
            new ColumnEntry(2, "log_cnt", SqlType.Int8) { IsNotNull = true },
            new ColumnEntry(3, "is_called", SqlType.Bool) { IsNotNull = true },
        ],
    };
}
