using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>DECLARE, FETCH, MOVE and CLOSE.</summary>
internal static class CursorCommands
{
    internal static CommandWork Declare(
        SqlSession session, DeclareCursorStatement statement, PlannedQuery? query, Column[] parameters, bool isInScript)
    {
        SessionState state = session.State;
        if (!statement.WithHold)
            state.Transaction.RequireBlock("DECLARE CURSOR", isInScript);
        if (statement.WithHold && !statement.Query.Locking.IsEmpty)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported")
            { Detail = "Holdable cursors must be READ ONLY." };
        }
        if (statement.Query.With?.Tables.Any(static table => table.Statement is not QueryStatement) == true)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                "DECLARE CURSOR must not contain data-modifying statements in WITH")
            { Position = statement.Query.With.Position };
        }
        return new CommandWork(async cancellation =>
        {
            query ??= new PlannedQuery(new QueryStatement(statement.Query) { Text = statement.Text, Hints = statement.Hints }, []);
            QueryWork work = await QueryWork.OpenAsync(state, query, parameters, cancellation, mayReadPast: true);
            Cursor cursor = new(statement.Name, statement.Text.Value, work, statement.IsScrollable, statement.IsBinary)
            { DeclaredAt = session.State.Database.Time.GetUtcNow() };
            await state.Portals.AddAsync(new Portal(statement.Name, new SessionResult(session, new CursorWork(cursor)))
            {
                Cursor = cursor,
                IsWithHold = statement.WithHold,
            });
            return "DECLARE CURSOR";
        });
    }

    internal static StatementWork Fetch(SessionState state, FetchStatement statement) =>
        new FetchWork(state.Portals.GetCursor(statement.Cursor), statement);

    internal static CommandWork Close(SessionState state, CloseStatement statement) => new(async _ =>
    {
        if (statement.Name is null)
        {
            await state.Portals.CloseCursorsAsync();
            return "CLOSE CURSOR ALL";
        }
        if (!await state.Portals.CloseAsync(statement.Name))
            throw new SqlException(SqlState.InvalidCursorName, $"cursor \"{statement.Name}\" does not exist");
        return "CLOSE CURSOR";
    });

    private sealed class FetchWork(IFetchSource source, FetchStatement statement) : StatementWork
    {
        private long _rowCount;
        private bool _isDone;

        internal override ImmutableArray<ResultColumnInfo>? Columns => statement.IsMove ? null : source.Columns;

        internal override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
        {
            if (_isDone)
                return null;
            _isDone = true;
            ColumnBatch rows = await source.FetchAsync(statement.Direction, statement.Count, statement.IsMove, cancellation);
            _rowCount = rows.RowCount;
            return statement.IsMove || rows.RowCount == 0 ? null : rows;
        }

        internal override string Tag(long rowCount) => statement.IsMove ? $"MOVE {_rowCount}" : $"FETCH {_rowCount}";
    }
}
