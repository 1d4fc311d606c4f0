using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Parser.Syntax;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.References;

/// <summary>A foreign key as it is written, made into a part of its table.</summary>
/// <param name="Columns">The columns that refer.</param>
internal sealed record ForeignKeyDefinition(string? Name, ValueList<string> Columns, ForeignKeyTarget Target, bool IsNotValid)
{
    private const int KeyColumnsMax = 32;

    /// <summary>Locks the tables that constraints are to refer to against changes of their rows, until the constraints are there.</summary>
    internal static async ValueTask LockTargetsAsync(
        SessionState session, IEnumerable<ForeignKeyTarget> targets, CancellationToken cancellation)
    {
        foreach (ForeignKeyTarget target in targets)
        {
            // One that is not there is the table being made, or is complained of later.
            if (session.Names.FindRelation(Definitions.Catalog(session), target.Table) is TableEntry { Kind: TableKind.Table } table)
                await Definitions.LockTableAsync(session, table, TableLockMode.ShareRowExclusive, cancellation);
        }
    }

    /// <summary>The targets of a table's elements.</summary>
    internal static IEnumerable<ForeignKeyTarget> Targets(IEnumerable<TableElement> elements) => elements.SelectMany(element =>
        element switch
        {
            ForeignKeyConstraint key => [key.Target],
            ColumnDefinition column => column.Constraints.OfType<ColumnReferenceConstraint>().Select(reference => reference.Target),
            _ => Enumerable.Empty<ForeignKeyTarget>(),
        });

    /// <param name="table">The table with all columns and indexes, which may not be in the catalog yet.</param>
    /// <exception cref="SqlException">42830 and others: the constraint cannot be made.</exception>
    internal ForeignKeyEntry Make(SessionState session, TableEntry table, Func<string, bool> isTaken)
    {
        TableEntry referenced = FindReferenced(session, table);
        RefuseOtherPersistence(table, referenced);
        ImmutableArray<short> columns = Numbers(table, Columns);
        ImmutableArray<short> set = Numbers(table, Target.SetColumns);
        foreach (short number in set.Where(number => !columns.Contains(number)))
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"column \"{table.Column(number).Name}\" referenced in ON DELETE SET action must be part of foreign key");
        }
        (IndexEntry index, ImmutableArray<short> targets) = FindKey(referenced);
        RefuseGenerated(table, columns);
        if (targets.Length != columns.Length)
        {
            throw new SqlException(SqlState.InvalidForeignKey,
                "number of referencing and referenced columns for foreign key disagree");
        }
        string name = Name ?? Definitions.ChooseName(table.Name, string.Join('_', Columns), "fkey", isTaken);
        ForeignKeyEntry key = new(Definitions.NextOid(session), name, columns, referenced.Oid, targets)
        {
            IndexOid = index.Oid,
            OnDelete = Action(Target.OnDelete),
            OnUpdate = Action(Target.OnUpdate),
            SetColumns = set,
            MatchesFull = Target.MatchesFull,
            IsDeferrable = Target.Timing.IsDeferrable,
            IsInitiallyDeferred = Target.Timing.IsInitiallyDeferred,
            IsNotValid = IsNotValid,
        };
        RequireComparable(table, key, referenced);
        if (Name is not null && isTaken(Name))
            throw TableDraft.ConstraintExists(Name, table.Name);
        return key;
    }

    /// <exception cref="SqlException">42804: columns at the two ends cannot be compared.</exception>
    internal static void RequireComparable(TableEntry table, ForeignKeyEntry key, TableEntry referenced)
    {
        for (int i = 0; i < key.Columns.Length; i++)
        {
            ColumnEntry column = table.Column(key.Columns[i]), target = referenced.Column(key.ReferencedColumns[i]);
            if (KeyConversion.Operators(target.Type, column.Type) is not null)
                continue;
            throw new SqlException(SqlState.DatatypeMismatch, $"foreign key constraint \"{key.Name}\" cannot be implemented")
            {
                Detail = $"Key columns \"{column.Name}\" and \"{target.Name}\" are of incompatible types: " +
                    $"{BuiltinTypes.FormatType(column.Type.Oid, null)} and {BuiltinTypes.FormatType(target.Type.Oid, null)}.",
            };
        }
    }

    private TableEntry FindReferenced(SessionState session, TableEntry table)
    {
        bool isSelf = Target.Table.Name == table.Name
            && (Target.Table.Schema is not { } schema || session.Names.FindSchema(Definitions.Catalog(session), schema)?.Oid == table.SchemaOid);
        CatalogObject? found = session.Names.FindRelation(Definitions.Catalog(session), Target.Table);
        if (isSelf && (found is null || found.Oid == table.Oid))
            return table;
        if (found is null && NameResolver.FindSystemView(Target.Table) is { } system)
            throw new SqlException(SqlState.InsufficientPrivilege, $"permission denied: \"{system.Name}\" is a system catalog");
        return found switch
        {
            TableEntry { Kind: TableKind.Table } referenced => referenced,
            null => throw new SqlException(SqlState.UndefinedTable, $"relation \"{Target.Table}\" does not exist"),
            _ => throw new SqlException(SqlState.WrongObjectType, $"referenced relation \"{found.Name}\" is not a table"),
        };
    }

    private static void RefuseOtherPersistence(TableEntry table, TableEntry referenced)
    {
        if (table.IsTemporary == referenced.IsTemporary)
            return;
        string kind = table.IsTemporary ? "temporary" : "permanent";
        throw new SqlException(SqlState.InvalidTableDefinition, $"constraints on {kind} tables may reference only {kind} tables");
    }

    private static ImmutableArray<short> Numbers(TableEntry table, ValueList<string> names)
    {
        if (names.Count > KeyColumnsMax)
        {
            throw new SqlException(SqlState.TooManyColumns, $"cannot have more than {KeyColumnsMax} keys in a foreign key");
        }
        return
        [
            .. names.Select(name => (TableColumns.Find(table, name) ?? throw new SqlException(
                SqlState.UndefinedColumn, $"column \"{name}\" referenced in foreign key constraint does not exist")).Number),
        ];
    }

    /// <summary>The index of the key that is referred to, and the key's columns in the order named.</summary>
    private (IndexEntry Index, ImmutableArray<short> Columns) FindKey(TableEntry referenced)
    {
        if (Target.Columns.IsEmpty)
        {
            IndexEntry primary = referenced.PrimaryKey ?? throw new SqlException(
                SqlState.UndefinedObject, $"there is no primary key for referenced table \"{referenced.Name}\"");
            return (Immediate(primary, referenced), primary.Columns);
        }
        ImmutableArray<short> columns = Numbers(referenced, Target.Columns);
        if (columns.Distinct().Count() != columns.Length)
        {
            throw new SqlException(SqlState.InvalidForeignKey, "foreign key referenced-columns list must not contain duplicates");
        }
        IndexEntry? index = referenced.Indexes.OrderBy(entry => entry.Oid).FirstOrDefault(entry =>
            entry is { IsUnique: true, Predicate: null, Expressions.IsEmpty: true }
            && entry.Columns.Length == columns.Length && columns.All(number => entry.Columns.Contains(number)));
        if (index is null)
        {
            throw new SqlException(SqlState.InvalidForeignKey,
                $"there is no unique constraint matching given keys for referenced table \"{referenced.Name}\"");
        }
        return (Immediate(index, referenced), columns);
    }

    private static IndexEntry Immediate(IndexEntry index, TableEntry referenced) => !index.IsDeferrable
        ? index
        : throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
            $"cannot use a deferrable {(index.IsPrimary ? "primary key" : "unique constraint")} for referenced table \"{referenced.Name}\"");

    private void RefuseGenerated(TableEntry table, ImmutableArray<short> columns)
    {
        if (!columns.Any(number => table.Column(number).IsGenerated))
            return;
        string? clause = Target.OnUpdate is "set null" or "set default" or "cascade" ? "UPDATE"
            : Target.OnDelete is "set null" or "set default" ? "DELETE" : null;
        if (clause is not null)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"invalid ON {clause} action for foreign key constraint containing generated column");
        }
    }

    private static ReferenceAction Action(string? words) => words switch
    {
        "restrict" => ReferenceAction.Restrict,
        "cascade" => ReferenceAction.Cascade,
        "set null" => ReferenceAction.SetNull,
        "set default" => ReferenceAction.SetDefault,
        _ => ReferenceAction.NoAction,
    };
}
