using System.Collections.Immutable;
using VecSQL.Catalog.Objects;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Statements;

/// <summary>COPY FROM and TO, of STDIN and STDOUT and of the server's files.</summary>
internal static class CopyCommand
{
    internal static async ValueTask<StatementWork> OpenAsync(
        SessionState session, CopyStatement statement, CancellationToken cancellation)
    {
        if (statement.IsProgram)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "COPY to or from a program is not supported",
                hint: "Use COPY FROM STDIN or COPY TO STDOUT; psql's \\copy does that.");
        }
        if (statement.File is not null)
            CopyFiles.RequireRole(session, statement.IsFrom);
        session.Transaction.Storage.BeginStatement();
        return statement.IsFrom
            ? await OpenFromAsync(session, statement, cancellation)
            : await OpenToAsync(session, statement, cancellation);
    }

    private static async ValueTask<StatementWork> OpenFromAsync(
        SessionState session, CopyStatement statement, CancellationToken cancellation)
    {
        QualifiedName name = statement.Table ?? throw new InvariantException("COPY FROM without a table");
        TableEntry table = session.Names.GetTable(Definitions.Catalog(session), name);
        RefuseTarget(table);
        PlannedStatement plan = await QueryWork.PlanAndLockAsync(session,
            (_, catalog) => CopyPlan.Insert(session, catalog, ref table, statement), cancellation);
        QueryWork.RefuseReadOnly(session, plan, "COPY FROM");
        ColumnEntry[] columns = [.. Columns(table, statement.Columns)];
        CopyOptions options = Options(statement, table, columns);
        if (options.IsFrozen)
            RequireUnseen(session, table);
        CopyColumn[] copied = [.. columns.Select(column => new CopyColumn(column.Name, column.Type))];
        CopyActivity activity = new(table.Oid, isFrom: true, isFile: statement.File is not null);
        StatementWork work = SourceOf(options) is { } source
            ? new ArrowCopyInWork(session, plan, activity, source, table.Name, copied)
            : new CopyInWork(session, plan, activity, CopyReader.Create(options, table.Name, copied, session.Format), table.Name, columns.Length,
                options);
        return new CopyWork(session, work, activity, statement.File is { } file ? CopyFiles.Reading(session, work, file, activity) : null);
    }

    private static async ValueTask<StatementWork> OpenToAsync(
        SessionState session, CopyStatement statement, CancellationToken cancellation)
    {
        TableEntry? table = null;
        Statement query;
        if (statement.Table is { } name)
        {
            table = session.Names.GetTable(Definitions.Catalog(session), name);
            if (table.Kind == TableKind.View)
            {
                throw new SqlException(SqlState.WrongObjectType, $"cannot copy from view \"{table.Name}\"",
                    hint: "Try the COPY (SELECT ...) TO variant.");
            }
            query = SelectOf(session, table, Columns(table, statement.Columns));
        }
        else
        {
            query = statement.Query ?? throw new InvariantException("COPY TO of nothing");
        }
        QueryWork work = await QueryWork.OpenAsync(session, new PlannedQuery(query, []), [], cancellation, mayReadPast: true);
        try
        {
            return Written(session, statement, table, work);
        }
        catch
        {
            await work.DisposeAsync();
            throw;
        }
    }

    /// <summary>A query's rows as the statement's format has them.</summary>
    private static CopyWork Written(SessionState session, CopyStatement statement, TableEntry? table, QueryWork query)
    {
        if (query.Columns is not { } results)
            throw new SqlException(SqlState.FeatureNotSupported, "COPY query must have a RETURNING clause");
        CopyOptions options = CopyOptions.From(statement.Options, [.. results.Select(column => column.Name)],
            isFrom: false, table?.Name, table is null ? [] : [.. table.LiveColumns.Select(column => column.Name)]);
        if (statement.File is null && options.Shards > 1)
            throw new SqlException(SqlState.FeatureNotSupported, "COPY shards available only for files of the server");
        CopyActivity activity = new(table?.Oid ?? 0, isFrom: false, isFile: statement.File is not null);
        StatementWork work = options.Format == CopyFormat.Arrow
            ? new ArrowCopyOutWork(query, activity, results, session.Format, options.IsCompressed)
            : new CopyOutWork(query, activity, CopyWriter.Create(
                options, [.. results.Select(column => new CopyColumn(column.Name, column.Type))], session.Format), results.Length,
                options.IsBinary);
        return new CopyWork(session, work, activity, statement.File is { } file ? CopyFiles.Writing(session, work, file, options) : null);
    }

    /// <summary>What reads a format of columns; null for a format of rows.</summary>
    private static ArrowCopySource? SourceOf(CopyOptions options) => options.Format switch
    {
        CopyFormat.Arrow => new ArrowStreamSource(),
        CopyFormat.Npy => new NpySource(options.NumbersColumn),
        CopyFormat.Fvecs => new TexmexSource(Columnar.Ipc.ArrowTypeKind.Float32, options.NumbersColumn),
        CopyFormat.Bvecs => new TexmexSource(Columnar.Ipc.ArrowTypeKind.UInt8, options.NumbersColumn),
        _ => null,
    };

    /// <exception cref="SqlException">55000: others may have seen the table without the rows.</exception>
    private static void RequireUnseen(SessionState session, TableEntry table)
    {
        bool isUnseen = session.Transaction.Storage.HasTruncated(table.Id)
            || !session.Database.Storage.Catalog.TryFindTable(table.Id, out _);
        if (!isUnseen)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                "cannot perform COPY FREEZE because the table was not created or truncated in the current subtransaction");
        }
    }

    internal static void RefuseTarget(TableEntry table)
    {
        Definitions.RefuseSystem(table);
        if (table.Kind == TableKind.View)
        {
            throw new SqlException(SqlState.WrongObjectType, $"cannot copy to view \"{table.Name}\"",
                hint: "To enable copying to a view, provide an INSTEAD OF INSERT trigger.");
        }
    }

    /// <summary>The columns named, or all that are not generated.</summary>
    internal static IEnumerable<ColumnEntry> Columns(TableEntry table, ValueList<string> names)
    {
        if (names.IsEmpty)
            return table.LiveColumns.Where(column => !column.IsGenerated);
        var columns = new List<ColumnEntry>();
        foreach (string name in names)
        {
            ColumnEntry column = TableColumns.Get(table, name);
            if (column.IsGenerated)
            {
                throw new SqlException(SqlState.InvalidColumnReference, $"column \"{name}\" is a generated column")
                { Detail = "Generated columns cannot be used in COPY." };
            }
            if (columns.Contains(column))
                throw new SqlException(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
            columns.Add(column);
        }
        return columns;
    }

    private static CopyOptions Options(CopyStatement statement, TableEntry table, ColumnEntry[] columns) => CopyOptions.From(
        statement.Options, [.. columns.Select(column => column.Name)], isFrom: true, table.Name,
        [.. table.LiveColumns.Select(column => column.Name)]);

    private static QueryStatement SelectOf(SessionState session, TableEntry table, IEnumerable<ColumnEntry> columns)
    {
        QualifiedName name = new([TableValidation.SchemaName(session, table), table.Name]);
        return new QueryStatement(new QueryExpression(new SelectBody
        {
            Items = [.. columns.Select(column => new SelectItem(new ColumnReference(new QualifiedName([column.Name])), null))],
            From = [new NamedTable(name, null)],
        }));
    }
}
