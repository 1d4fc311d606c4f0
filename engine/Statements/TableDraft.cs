using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.References;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>A table being defined or altered: columns and constraints are added to it, then it is built and stored.</summary>
/// <remarks>Expressions over the table are checked when all columns are known: they are kept until <see cref="Finish"/>.</remarks>
internal sealed class TableDraft
{
    private const int ColumnsMax = 1600;

    private static readonly string[] SystemColumns = ["tableoid", "cmax", "xmax", "cmin", "xmin", "ctid"];

    private readonly SessionState _session;
    private readonly bool _isNew;
    private readonly List<(ColumnEntry Column, Expression Value)> _generated = [];
    private readonly List<(string? Name, Expression Condition, bool IsNotValid)> _checks = [];
    private readonly List<TableUniqueConstraint> _keys = [];
    private readonly List<ForeignKeyDefinition> _references = [];

    internal TableDraft(SessionState session, TableEntry table)
    {
        _session = session;
        _isNew = Definitions.Catalog(session).Find(table.Oid) is null;
        Table = table;
        Columns = [.. table.Columns];
        Indexes = [.. table.Indexes];
        Checks = [.. table.Checks];
        ForeignKeys = [.. table.ForeignKeys];
    }

    internal TableEntry Table { get; private set; }

    internal List<ColumnEntry> Columns { get; }

    internal List<IndexEntry> Indexes { get; }

    internal List<CheckEntry> Checks { get; }

    internal List<ForeignKeyEntry> ForeignKeys { get; }

    /// <summary>Sequences made for serial and identity columns.</summary>
    internal List<SequenceEntry> Sequences { get; } = [];

    private PlannerContext Context => Definitions.Context(_session);

    /// <summary>Adds a column with its constraints.</summary>
    /// <returns>Its number.</returns>
    internal short AddColumn(ColumnDefinition definition)
    {
        RefuseName(definition);
        short number = checked((short)(Columns.Count + 1));
        SqlType type = ResolveType(definition, out bool isSerial);
        if (definition.Collation is { } collation)
        {
            Collations.Check(collation);
            Collations.CheckType(type, collation.Position);
        }
        ColumnEntry column = new(number, definition.Name, type);
        ColumnParts parts = new(Table.Name, column, isSerial);
        foreach (ColumnConstraint constraint in definition.Constraints)
            parts.Add(constraint);
        column = parts.Column;
        if (parts.Default is { } value)
            column = WithDefault(column, value);
        if (parts.Sequence is { } options)
            column = column with { SequenceOid = AddSequence(column, options, isSerial) };
        if (parts.Generated is { } generated)
            _generated.Add((column, generated));
        foreach ((string? name, Expression condition) in parts.Checks)
            _checks.Add((name, condition, false));
        foreach (ColumnUniqueConstraint key in parts.Keys)
        {
            _keys.Add(new TableUniqueConstraint(key.IsPrimaryKey, [definition.Name], key.NullsNotDistinct)
            {
                Name = key.Name, Options = key.Options, Timing = key.Timing, Position = key.Position,
            });
        }
        foreach (ColumnReferenceConstraint reference in parts.References)
            _references.Add(new ForeignKeyDefinition(reference.Name, [definition.Name], reference.Target, IsNotValid: false));
        Columns.Add(column);
        return number;
    }

    /// <summary>The column with a default of its own, or tied to the sequence that the default draws from.</summary>
    internal ColumnEntry WithDefault(ColumnEntry column, Expression value)
    {
        string? sql = StoredExpressions.Default(value, column, Context);
        return SequenceCommands.OfNextValue(_session, value) is { } sequence
            ? column with { DefaultSql = null, SequenceOid = sequence.Oid }
            : column with { DefaultSql = sql, SequenceOid = 0 };
    }

    internal uint AddSequence(ColumnEntry column, ValueList<SequenceOption> options, bool isSerial)
    {
        SequenceEntry sequence = new(Definitions.NextOid(_session), Table.SchemaOid, "")
        {
            Type = isSerial || column.Identity != IdentityKind.None ? column.Type : SqlType.Int8,
            OwnerTable = Table.Oid,
            OwnerColumn = column.Number,
        };
        sequence = SequenceOptions.Apply(_session, sequence, options, isNew: true);
        if (options.FirstOrDefault(option => option.Name == "sequence name")?.ObjectName is { } given)
            sequence = sequence with { Name = given.Name };
        else
            sequence = sequence with { Name = Definitions.ChooseName(Table.Name, column.Name, "seq", IsRelationTaken) };
        Sequences.Add(sequence);
        return sequence.Oid;
    }

    internal void AddConstraint(TableConstraint constraint)
    {
        switch (constraint)
        {
            case TableCheckConstraint check:
                _checks.Add((check.Name, check.Condition, check.IsNotValid && !_isNew)); // a new table has no rows to doubt
                break;
            case TableUniqueConstraint { UsingIndex: { } index } unique:
                AdoptIndex(unique, index);
                break;
            case TableUniqueConstraint unique:
                _keys.Add(unique);
                break;
            case ForeignKeyConstraint key:
                _references.Add(new ForeignKeyDefinition(key.Name, key.Columns, key.Target, key.IsNotValid && !_isNew));
                break;
            default:
                throw StatementDispatch.Unsupported("this table constraint");
        }
    }

    /// <summary>Checks what was kept, and gives the table as it will be.</summary>
    internal TableEntry Finish()
    {
        if (Columns.Count > ColumnsMax)
            throw new SqlException(SqlState.TooManyColumns, $"tables can have at most {ColumnsMax} columns");
        Table = Table with { Columns = [.. Columns] };
        _keys.ForEach(AddKey);
        _keys.Clear();
        Table = Table with { Columns = [.. Columns], Indexes = [.. Indexes] };
        foreach ((ColumnEntry column, Expression _) in _generated)
        {
            int at = Columns.FindIndex(entry => entry.Number == column.Number);
            Columns[at] = Columns[at] with { IsGenerated = true };
        }
        Table = Table with { Columns = [.. Columns] };
        foreach ((ColumnEntry column, Expression value) in _generated)
        {
            int at = Columns.FindIndex(entry => entry.Number == column.Number);
            (string sql, ModelUse? model) = StoredExpressions.Generated(value, column, Table, Context);
            Columns[at] = Columns[at] with { DefaultSql = sql, Model = model };
            DeferredColumns.Check(Table, Columns[at]);
        }
        _generated.Clear();
        Table = Table with { Columns = [.. Columns] };
        foreach ((string? name, Expression condition, bool isNotValid) in _checks)
            AddCheck(name, condition, isNotValid);
        _checks.Clear();
        Table = Table with { Columns = [.. Columns], Indexes = [.. Indexes], Checks = [.. Checks] };
        foreach (ForeignKeyDefinition reference in _references)
            ForeignKeys.Add(reference.Make(_session, Table, HasConstraint));
        _references.Clear();
        return Table = Table with { ForeignKeys = [.. ForeignKeys] };
    }

    /// <summary>Whether the name is taken among the table's constraints.</summary>
    internal bool HasConstraint(string name) =>
        Checks.Any(check => check.Name == name) || Indexes.Any(index => index.ConstraintOid != 0 && index.Name == name)
        || ForeignKeys.Any(key => key.Name == name);

    private void AddCheck(string? name, Expression condition, bool isNotValid)
    {
        string sql = StoredExpressions.Check(condition, Table, Context);
        if (name is null)
        {
            IReadOnlyCollection<string> used = StoredExpressions.ColumnsOf(condition);
            name = Definitions.ChooseName(
                Table.Name, used.Count == 1 ? used.First() : null, "check", HasConstraint);
        }
        else if (Checks.Any(check => check.Name == name) && _isNew)
        {
            throw new SqlException(SqlState.DuplicateObject, $"check constraint \"{name}\" already exists");
        }
        else if (HasConstraint(name))
        {
            throw ConstraintExists(name, Table.Name);
        }
        Checks.Add(new CheckEntry(Definitions.NextOid(_session), name, sql) { IsNotValid = isNotValid });
    }

    private void AddKey(TableUniqueConstraint key)
    {
        (bool isPrimary, int position) = (key.IsPrimaryKey, key.Position);
        if (isPrimary && Indexes.Any(index => index.IsPrimary))
        {
            throw new SqlException(SqlState.InvalidTableDefinition,
                $"multiple primary keys for table \"{Table.Name}\" are not allowed") { Position = position };
        }
        ImmutableArray<short> numbers = KeyColumns(key.Columns, isPrimary, position);
        if (isPrimary)
        {
            foreach (short number in numbers)
                RequireValue(number);
        }
        ImmutableArray<KeyValuePair<string, string>> options = Definitions.Options(key.Options);
        IndexOptions.Check("btree", options);
        Indexes.Add(new IndexEntry(Definitions.NextOid(_session), NameOf(key), numbers)
        {
            IsUnique = true,
            IsPrimary = isPrimary,
            ConstraintOid = Definitions.NextOid(_session),
            NullsNotDistinct = key.NullsNotDistinct,
            Include = [.. key.Include.Select(name => KeyColumn(name, position).Number)],
            Options = options,
            IsDeferrable = key.Timing.IsDeferrable,
            IsInitiallyDeferred = key.Timing.IsInitiallyDeferred,
        });
    }

    private string NameOf(TableUniqueConstraint key)
    {
        if (key.Name is not { } name)
        {
            return key.IsPrimaryKey
                ? Definitions.ChooseName(Table.Name, null, "pkey", IsRelationTaken)
                : Definitions.ChooseName(Table.Name, string.Join('_', key.Columns.Concat(key.Include)), "key", IsRelationTaken);
        }
        if (IsRelationTaken(name))
            throw Definitions.AlreadyExists(name);
        return HasConstraint(name) ? throw ConstraintExists(name, Table.Name) : name;
    }

    private ColumnEntry KeyColumn(string name, int position) =>
        Columns.FirstOrDefault(entry => entry is { IsDropped: false, IsHidden: false } && entry.Name == name)
        ?? throw new SqlException(SqlState.UndefinedColumn, $"column \"{name}\" named in key does not exist")
        { Position = position };

    private ImmutableArray<short> KeyColumns(ValueList<string> names, bool isPrimary, int position)
    {
        var numbers = ImmutableArray.CreateBuilder<short>(names.Count);
        foreach (string name in names)
        {
            ColumnEntry column = KeyColumn(name, position);
            if (numbers.Contains(column.Number))
            {
                throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" appears twice in " +
                    (isPrimary ? "primary key constraint" : "unique constraint")) { Position = position };
            }
            IndexCommands.RequireOrder(column.Type, "btree");
            numbers.Add(column.Number);
        }
        return numbers.ToImmutable();
    }

    /// <summary>ADD CONSTRAINT … USING INDEX: a unique index becomes the constraint's.</summary>
    private void AdoptIndex(TableUniqueConstraint unique, string indexName)
    {
        int at = Indexes.FindIndex(index => index.Name == indexName);
        if (at < 0)
        {
            throw new SqlException(SqlState.UndefinedObject, $"index \"{indexName}\" does not exist")
            { Position = unique.Position };
        }
        IndexEntry index = Indexes[at];
        if (index.ConstraintOid != 0)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                $"index \"{indexName}\" is already associated with a constraint") { Position = unique.Position };
        }
        string? unfit = !index.IsUnique ? $"\"{indexName}\" is not a unique index"
            : index.Predicate is not null ? $"\"{indexName}\" is a partial index"
            : !index.Expressions.IsEmpty ? $"index \"{indexName}\" contains expressions"
            : null;
        if (unfit is not null)
        {
            throw new SqlException(SqlState.WrongObjectType, unfit)
            {
                Position = unique.Position,
                Detail = "Cannot create a primary key or unique constraint using such an index.",
            };
        }
        int sorted = Array.FindIndex([.. index.Orders], static order => order.Length > 0);
        if (sorted >= 0)
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"index \"{indexName}\" column number {sorted + 1} does not have default sorting behavior")
            {
                Position = unique.Position,
                Detail = "Cannot create a primary key or unique constraint using such an index.",
            };
        }
        if (unique.IsPrimaryKey && Indexes.Any(entry => entry.IsPrimary))
        {
            throw new SqlException(SqlState.InvalidTableDefinition,
                $"multiple primary keys for table \"{Table.Name}\" are not allowed") { Position = unique.Position };
        }
        string name = unique.Name ?? indexName;
        if (name != indexName)
        {
            _session.Notices.Notice(
                $"ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{indexName}\" to \"{name}\"");
        }
        Indexes[at] = index with
        {
            Name = name,
            IsPrimary = unique.IsPrimaryKey,
            ConstraintOid = Definitions.NextOid(_session),
            IsDeferrable = unique.Timing.IsDeferrable,
            IsInitiallyDeferred = unique.Timing.IsInitiallyDeferred,
        };
        if (!unique.IsPrimaryKey)
            return;
        foreach (short number in index.Columns)
            RequireValue(number);
    }

    private void RequireValue(short number)
    {
        int at = Columns.FindIndex(column => column.Number == number);
        Columns[at] = Columns[at] with { IsNotNull = true };
    }

    internal bool IsRelationTaken(string name) =>
        Definitions.Catalog(_session).IsNameTaken(Table.SchemaOid, name) || name == Table.Name
        || Indexes.Any(index => index.Name == name) || Sequences.Any(sequence => sequence.Name == name);

    private void RefuseName(ColumnDefinition definition)
    {
        if (Columns.Any(column => column is { IsDropped: false, IsHidden: false } && column.Name == definition.Name))
            throw new SqlException(SqlState.DuplicateColumn, $"column \"{definition.Name}\" specified more than once");
        RefuseSystemName(definition.Name);
    }

    internal static void RefuseSystemName(string name)
    {
        if (SystemColumns.Contains(name))
        {
            throw new SqlException(
                SqlState.DuplicateColumn, $"column name \"{name}\" conflicts with a system column name");
        }
    }

    private SqlType ResolveType(ColumnDefinition definition, out bool isSerial)
    {
        SqlType? serial = SerialType(definition.Type);
        isSerial = serial is not null;
        if (serial is { } known)
        {
            if (definition.Type.ArrayDimensions > 0)
            {
                throw new SqlException(SqlState.FeatureNotSupported, "array of serial is not implemented")
                { Position = definition.Type.Position };
            }
            return known;
        }
        SqlType type = QueryPlanner.ResolveType(definition.Type, Context);
        RefusePseudo(definition.Name, type);
        return type;
    }

    internal static void RefusePseudo(string column, SqlType type)
    {
        if (BuiltinTypes.TryFind(type.Oid, out TypeEntry? entry) && entry.IsPseudo)
        {
            throw new SqlException(SqlState.InvalidTableDefinition,
                $"column \"{column}\" has pseudo-type {BuiltinTypes.FormatType(type.Oid, null)}");
        }
    }

    private static SqlType? SerialType(TypeName type) => type.Name.Parts.Count > 1 ? null : type.Name.Name switch
    {
        "serial" or "serial4" => SqlType.Int4,
        "bigserial" or "serial8" => SqlType.Int8,
        "smallserial" or "serial2" => SqlType.Int2,
        _ => null,
    };

    internal static SqlException ConstraintExists(string name, string table) =>
        new(SqlState.DuplicateObject, $"constraint \"{name}\" for relation \"{table}\" already exists");
}
