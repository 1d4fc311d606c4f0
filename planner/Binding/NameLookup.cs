using System.Globalization;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Finds what column references and table names mean.</summary>
internal sealed class NameLookup(BindingState state)
{
    /// <summary>A column, a system column, or a whole row.</summary>
    /// <exception cref="SqlException">42703, 42P01, 42702: not there, or there twice.</exception>
    internal ScalarExpression Column(ColumnReference reference, QueryScope scope)
    {
        ValueList<string> parts = reference.Name.Parts;
        int position = reference.Position;
        if (parts.Count == 1)
        {
            return FindUnqualified(parts[0], scope, position)
                ?? WholeRow(FindTable(null, parts[0], scope, position), position)
                ?? throw NameHints.ColumnNotFound(scope, null, parts[0], position);
        }
        string? schema = parts.Count > 2 ? parts[^3] : null;
        if (parts.Count > 4)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"improper qualified name (too many dotted names): {reference.Name}", position);
        }
        if (parts.Count == 4 && parts[0] != state.Context.CurrentDatabase)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cross-database references are not implemented: {reference.Name}", position);
        }
        NamespaceItem item = FindTable(schema, parts[^2], scope, position)
            ?? throw NameHints.TableNotFound(scope, parts[^2], position);
        return InItem(item, parts[^1], position)
            ?? throw NameHints.ColumnNotFound(scope, parts[^2], parts[^1], position);
    }

    /// <summary>The item of FROM by that name, here or further out; null where there is none.</summary>
    internal NamespaceItem? FindTable(string? schema, string name, QueryScope scope, int position)
    {
        for (QueryScope? level = scope; level is not null; level = level.Parent)
        {
            NamespaceItem? found = null;
            foreach (NamespaceItem item in level.Items)
            {
                if (!item.IsTableVisible || item.Name != name || (schema is not null && item.SchemaName != schema))
                    continue;
                if (item.IsLateralOnly && !level.IsLateralActive)
                    continue;
                if (found is not null)
                    throw new SqlException(SqlState.AmbiguousAlias, $"table reference \"{name}\" is ambiguous",
                        position);
                CheckLateral(item, position);
                found = item;
            }
            if (found is not null)
                return found;
        }
        return null;
    }

    /// <summary>All the item's columns as one value.</summary>
    internal ScalarExpression? WholeRow(NamespaceItem? item, int position)
    {
        if (item is null)
            return null;
        if (item.IsScalarFunction)
            return item.Columns[0].Value;
        var row = new RowConstruction(SqlType.Record,
            new ValueList<ScalarExpression>([.. item.Columns.Select(column => column.Value)]),
            new ValueList<string>([.. item.Columns.Select(column => column.Name)]));
        // The row of an item that an outer join left empty is null, not a row of nulls.
        ScalarExpression value = item.Presence is null
            ? row
            : new CaseOperation(SqlType.Record,
                [new CaseBranch(new NullTest(item.Presence, IsNegated: false), Coercion.Null(SqlType.Record))], row);
        state.Forms?.Rows.Add(value, item);
        return state.Mark(value, position);
    }

    /// <exception cref="SqlException">3F000: there is no such schema; 42601: the name has too many parts.</exception>
    internal void CheckSchema(QualifiedName name)
    {
        if (name.Parts.Count > 3)
        {
            throw new SqlException(SqlState.SyntaxError,
                $"improper qualified name (too many dotted names): {name}", name.Position);
        }
        if (name.Schema is { } schema)
            CheckSchema(schema, name.Position);
    }

    /// <exception cref="SqlException">3F000: there is no such schema.</exception>
    internal void CheckSchema(string schema, int position)
    {
        if (schema != "pg_temp" && state.Context.Catalog.FindSchema(schema) is null)
            throw new SqlException(SqlState.InvalidSchemaName, $"schema \"{schema}\" does not exist", position);
    }

    /// <summary>The table, view or system view of that name.</summary>
    /// <exception cref="SqlException">42P01 where there is none.</exception>
    internal TableEntry Table(QualifiedName name)
    {
        return TryTable(name) ?? throw new SqlException(
            SqlState.UndefinedTable, $"relation \"{name}\" does not exist", name.Position);
    }

    internal TableEntry? TryTable(QualifiedName name)
    {
        if (name.Parts.Count > 3 || (name.Parts.Count == 3 && name.Parts[0] != state.Context.CurrentDatabase))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"cross-database references are not implemented: \"{name}\"", name.Position);
        }
        if (name.Schema is { } schema)
            return InSchema(schema, name.Name, name.Position);
        foreach (string searched in state.Context.SearchPath)
        {
            if (InSchema(searched, name.Name, name.Position) is { } found)
                return found;
        }
        return state.Context.SearchPath.Contains("pg_catalog") ? null
            : InSchema("pg_catalog", name.Name, name.Position);
    }

    private TableEntry? InSchema(string schema, string name, int position)
    {
        if (schema == "pg_temp")
            schema = state.Context.TemporarySchema;
        if (state.Context.Catalog.FindSchema(schema) is { } entry)
        {
            switch (state.Context.Catalog.FindRelation(entry.Oid, name))
            {
                case TableEntry table:
                    return table;
                case SequenceEntry sequence:
                    return sequence.AsTable();
            }
        }
        return state.Context.SystemViews.Find(schema, name);
    }

    private ScalarExpression? FindUnqualified(string name, QueryScope scope, int position)
    {
        for (QueryScope? level = scope; level is not null; level = level.Parent)
        {
            ScalarExpression? found = null;
            foreach (NamespaceItem item in level.Items)
            {
                if (!item.AreColumnsVisible || (item.IsLateralOnly && !level.IsLateralActive))
                    continue;
                ScalarExpression? column = InItem(item, name, position);
                if (column is null)
                    continue;
                if (found is not null)
                    throw Ambiguous(name, position);
                CheckLateral(item, position);
                found = column;
            }
            if (found is not null)
                return found;
        }
        return null;
    }

    private ScalarExpression? InItem(NamespaceItem item, string name, int position)
    {
        ScalarExpression? found = null;
        foreach (NamespaceColumn column in item.Columns)
        {
            if (column.Name != name)
                continue;
            if (found is not null)
                throw Ambiguous(name, position);
            found = column.Value;
        }
        if (found is not null)
            return state.Mark(found with { }, position);
        if (SystemColumn(item, name) is not { } system)
            return null;
        state.Forms?.SystemColumns.Add(system, (item, name));
        return state.Mark(system, position);
    }

    /// <summary>Columns that all tables have without being asked.</summary>
    internal static bool IsSystemColumn(string name) => name is "tableoid" or "ctid" or "xmin" or "xmax" or "cmin" or "cmax";

    /// <summary>A row version's id is both its place and what made it; nobody can see one that somebody deleted.</summary>
    private static ScalarExpression? SystemColumn(NamespaceItem item, string name) => name switch
    {
        "tableoid" when item.TableOid is { } table => table with { },
        "tableoid" when item is { RowId: not null, Table: { } table } =>
            LiteralReader.Read(table.Oid.ToString(CultureInfo.InvariantCulture), SqlType.OidType, 0, FormatContext.Default),
        "ctid" when item.RowId is { } row => new RelabelExpression(new SqlType(TypeOid.Tid), row),
        "xmin" when item.RowId is { } row => new RelabelExpression(new SqlType(TypeOid.Xid), row),
        "xmin" when item.SystemVersion is { } version => version with { },
        "xmax" when item.RowId is { } row => Zero(TypeOid.Xid, row),
        "cmin" or "cmax" when item.RowId is { } row => Zero(TypeOid.Cid, row),
        _ => null,
    };

    /// <summary>Null where an outer join found no row.</summary>
    private static CaseOperation Zero(uint type, ColumnExpression row)
    {
        SqlType zero = new(type);
        return new CaseOperation(zero, [new CaseBranch(new NullTest(row, IsNegated: true),
            LiteralReader.Read("0", zero, 0, FormatContext.Default))], Coercion.Null(zero));
    }

    private static void CheckLateral(NamespaceItem item, int position)
    {
        if (item.IsLateralOnly && !item.IsLateralAllowed)
        {
            throw new SqlException(SqlState.InvalidColumnReference,
                $"invalid reference to FROM-clause entry for table \"{item.Name}\"", position)
            {
                Detail = "The combining JOIN type must be INNER or LEFT for a LATERAL reference.",
            };
        }
    }

    private static SqlException Ambiguous(string name, int position) =>
        new(SqlState.AmbiguousColumn, $"column reference \"{name}\" is ambiguous", position);
}
