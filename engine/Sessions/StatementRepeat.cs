using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Plans;
using VecSQL.Engine.Transactions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Sessions;

/// <summary>Runs the session's statement again where it has failed for what passes by itself (<see cref="SqlException.IsPassing"/>), and nobody can tell.</summary>
/// <remarks>
/// When:    the statement is all that its transaction has done, nothing of it was handed out, and it has committed nothing by itself. A commit that failed
///          is done again with the statement before it, where that hands out no rows; if it counts other rows then, the failure stands.
/// Bounds:  <see cref="Patience"/>, the statement's time limits, its cancellation.
/// Threads: the session's.
/// </remarks>
internal sealed class StatementRepeat(SessionState session, StatementOpening open)
{
    /// <summary>Longer than nodes take to agree on another primary.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), WaitMin = TimeSpan.FromMilliseconds(10), WaitMax = TimeSpan.FromMilliseconds(250);

    private Statement? _statement;
    private PlannedQuery? _query;
    private Column[] _parameters = [];
    private StatementWork? _finished; // that handed out no rows
    private TimeSpan _wait;
    private long _transaction, _commits, _since;
    private bool _isInScript, _isAlone, _hasFailed;

    /// <summary>A statement is about to be opened; what it may do again is what it was opened with.</summary>
    public void Begin(Statement? statement, PlannedQuery? query, Column[] parameters, bool isInScript)
    {
        (_statement, _query, _parameters, _isInScript) = (statement, query, parameters, isInScript);
        // What was only prepared has at most planned.
        _isAlone = !session.Transaction.HasStorage || _transaction != session.Transaction.Number;
        _transaction = session.Transaction.Number;
        _commits = session.Transaction.Commits;
        _hasFailed = false;
        _finished = null;
    }

    /// <summary>The statement is done, and no rows were handed out.</summary>
    public void Finish(StatementWork work) => _finished = work;

    /// <summary>Whether the statement can be opened again after this.</summary>
    public bool MayFollow(SqlException failure) => failure.IsPassing && IsAlone && !IsPast(failure)
        && session.Transaction.State is BlockState.Implicit or BlockState.Block && IsInTime();

    /// <summary>Whether the implicit transaction's commit can be tried again after this, with its statement.</summary>
    public bool MayFollowCommit(SqlException failure) => failure.IsPassing && IsAlone && _finished is not null && IsInTime();

    /// <summary>Opens the statement again, in a transaction that has done nothing.</summary>
    public async ValueTask<StatementWork> OpenAgainAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await session.Transaction.StartOverAsync();
                await WaitAsync(cancellation);
                return await open(_statement, _query, _parameters, _isInScript, cancellation);
            }
            catch (SqlException failure) when (MayFollow(failure))
            {
                // Not yet.
            }
        }
    }

    /// <summary>Runs the statement again, and commits.</summary>
    /// <param name="failure">Of the commit.</param>
    public async ValueTask CommitAgainAsync(SqlException failure, CancellationToken cancellation)
    {
        string tag = _finished?.Tag(0) ?? "";
        while (true)
        {
            bool isDone = false;
            try
            {
                session.Transaction.EnsureOpen();
                await using StatementWork again = await OpenAgainAsync(cancellation);
                if (await RunAsync(again, cancellation) != tag)
                    throw failure; // the client may know how many rows there were
                isDone = true;
                await session.Transaction.EndImplicitAsync(failed: false, cancellation);
                return;
            }
            catch (SqlException other) when (other.IsPassing && other != failure && IsInTime())
            {
                // Not yet.
            }
            finally
            {
                if (!isDone)
                    await session.Transaction.EndImplicitAsync(failed: true, CancellationToken.None);
            }
        }
    }

    /// <summary>Whether the statement is run for the first time, outside of a block, and as far as is known is all of its transaction.</summary>
    public bool IsFirstRun => !_hasFailed && IsWhole;

    /// <summary>Whether what it is to read is no longer kept: it never will be again.</summary>
    private bool IsPast(SqlException failure) =>
        failure.State == SqlState.SnapshotTooOld && (_statement?.AsOf ?? _query?.AsOf ?? (object?)session.Transaction.AsOf) is not null;

    /// <summary>Whether the statement is all of its transaction, outside of a block.</summary>
    public bool IsWhole => !_isInScript && IsAlone && session.Transaction.State == BlockState.Implicit;

    private bool IsAlone => _isAlone && _commits == session.Transaction.Commits;

    /// <returns>The tag; null where there were rows.</returns>
    private static async ValueTask<string?> RunAsync(StatementWork work, CancellationToken cancellation)
    {
        ColumnBatch? rows = await work.NextAsync(cancellation);
        return rows is null ? work.Tag(0) : null;
    }

    private bool IsInTime()
    {
        if (_hasFailed)
            return session.Database.Time.GetElapsedTime(_since) < Patience;
        (_hasFailed, _since, _wait) = (true, session.Database.Time.GetTimestamp(), WaitMin);
        return true;
    }

    private async ValueTask WaitAsync(CancellationToken cancellation)
    {
        await Task.Delay(_wait, session.Database.Time, cancellation);
        _wait = _wait * 2 < WaitMax ? _wait * 2 : WaitMax;
    }
}

/// <summary>Opens a statement: plans it and locks its tables.</summary>
internal delegate ValueTask<StatementWork> StatementOpening(
    Statement? statement, PlannedQuery? query, Column[] parameters, bool isInScript, CancellationToken cancellation);
