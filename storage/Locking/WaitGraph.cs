using System.Text;
using VecSQL.Core.Errors;
using VecSQL.Core.Threads;
using VecSQL.Storage.Shards;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Locking;

/// <summary>Who waits for whom, over rows, unique keys and tables, so that a circle is found as it closes.</summary>
/// <remarks>Threads: any; <see cref="Sync"/> also guards the table locks, whose waits change while they last.</remarks>
internal sealed class WaitGraph(TimeProvider time)
{
    private static long _lastNumber; // of all graphs: a wait is told from others wherever they are

    private readonly Dictionary<Transaction, Wait> _waits = [];

    internal Lock Sync { get; } = new();

    /// <summary>Waits until the blocker ends or rolls back to a savepoint; the caller then looks again.</summary>
    /// <param name="released">The blocker's release, taken while it was seen to block.</param>
    /// <exception cref="SqlException">40P01: the wait would close a circle. 55P03: it lasted too long.</exception>
    public ValueTask WaitForTransactionAsync(
        Transaction waiter, Transaction blocker, Task released, CancellationToken cancellation) =>
        WaitAsync(new TransactionWait(waiter, blocker, released), released, cancellation);

    /// <summary>Waits until a prepared transaction has ended; the caller then looks again.</summary>
    /// <exception cref="SqlException">40P01: the wait would close a circle. 55P03: it lasted too long.</exception>
    public ValueTask WaitForOutcomeAsync(Transaction waiter, PreparedTransaction prepared, CancellationToken cancellation) =>
        WaitAsync(new OutcomeWait(waiter, prepared), prepared.Decided, cancellation);

    /// <summary>Waits, no longer than the waiter's patience.</summary>
    /// <exception cref="SqlException">40P01: the wait would close a circle. 55P03: it lasted too long.</exception>
    internal async ValueTask WaitAsync(Wait wait, Task released, CancellationToken cancellation)
    {
        Begin(wait);
        try
        {
            if (wait.Waiter.Refusal is { } refusal) // after it can be interrupted
                throw refusal;
            await WaitAsync(wait, released, wait.Waiter.LockPatience, time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            throw new SqlException(SqlState.LockNotAvailable, "canceling statement due to lock timeout", cause: late);
        }
        finally
        {
            End(wait.Waiter);
        }
    }

    /// <summary>Lets all who wait look whether they may go on at all.</summary>
    public void Interrupt()
    {
        lock (Sync)
        {
            foreach (Wait wait in _waits.Values)
                wait.Signal.Set();
        }
    }

    /// <summary>Who waits for whom at this moment.</summary>
    public List<(TransactionId Waiter, TransactionId Blocker)> List()
    {
        List<(TransactionId, TransactionId)> edges = [];
        List<Transaction> blockers = [];
        lock (Sync)
        {
            foreach ((Transaction waiter, Wait wait) in _waits)
            {
                blockers.Clear();
                wait.AddBlockers(blockers);
                foreach (Transaction blocker in blockers)
                    edges.Add((waiter.Id, blocker.Id));
            }
        }
        return edges;
    }

    /// <summary>The same of transactions that have names beyond this engine.</summary>
    public List<WaitEdge> ListNamed()
    {
        List<WaitEdge> edges = [];
        List<Transaction> blockers = [];
        lock (Sync)
        {
            foreach ((Transaction waiter, Wait wait) in _waits)
            {
                if (waiter.GlobalName is not { } name)
                    continue;
                blockers.Clear();
                wait.AddBlockers(blockers);
                foreach (Transaction blocker in blockers)
                {
                    if (blocker.GlobalName is { } other)
                        edges.Add(new WaitEdge(name, other, wait.Number));
                }
            }
        }
        return edges;
    }

    /// <summary>Has a wait fail.</summary>
    /// <returns>False if it is over.</returns>
    public bool TryEnd(long number, SqlException error)
    {
        lock (Sync)
        {
            if (_waits.Values.FirstOrDefault(wait => wait.Number == number) is not { } found)
                return false;
            found.Failure = error;
            found.Signal.Set();
            return true;
        }
    }

    /// <exception cref="TimeoutException">It was not released in time.</exception>
    private static async ValueTask WaitAsync(Wait wait, Task released, TimeSpan patience, TimeProvider time, CancellationToken cancellation)
    {
        Signal signal = wait.Signal;
        _ = released.ContinueWith(static (_, signal) => ((Signal)signal!).Set(), signal, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        using CancellationTokenRegistration cancelled = cancellation.UnsafeRegister(static signal => ((Signal)signal!).Set(), signal);
        using ITimer? timer = patience == Timeout.InfiniteTimeSpan
            ? null
            : time.CreateTimer(static signal => ((Signal)signal!).Set(), signal, patience, Timeout.InfiniteTimeSpan);
        await signal;
        if (wait.Waiter.Refusal is { } refusal)
            throw refusal;
        if (released.IsCompleted)
            return;
        if (wait.Failure is { } failure)
            throw failure;
        cancellation.ThrowIfCancellationRequested();
        throw new TimeoutException();
    }

    private void Begin(Wait wait)
    {
        lock (Sync)
        {
            wait.Number = Interlocked.Increment(ref _lastNumber);
            _waits[wait.Waiter] = wait;
            List<Step> path = [];
            if (!ReachesWaiter(wait.Waiter, wait.Waiter, path, []))
                return;
            _waits.Remove(wait.Waiter);
            throw Deadlock(path);
        }
    }

    private void End(Transaction waiter)
    {
        lock (Sync)
            _waits.Remove(waiter);
    }

    private bool ReachesWaiter(Transaction from, Transaction target, List<Step> path, HashSet<Transaction> seen)
    {
        if (!_waits.TryGetValue(from, out Wait? wait))
            return false;
        List<Transaction> blockers = [];
        wait.AddBlockers(blockers);
        foreach (Transaction blocker in blockers)
        {
            path.Add(new Step(wait, blocker));
            if (blocker == target || (seen.Add(blocker) && ReachesWaiter(blocker, target, path, seen)))
                return true;
            path.RemoveAt(path.Count - 1);
        }
        return false;
    }

    private static SqlException Deadlock(List<Step> path)
    {
        StringBuilder detail = new();
        foreach (Step step in path)
        {
            if (detail.Length > 0)
                detail.Append('\n');
            detail.Append($"Transaction {step.Wait.Waiter.Id.Value} waits for {step.Wait.What}; ");
            detail.Append($"blocked by transaction {step.Blocker.Id.Value}.");
        }
        return new SqlException(SqlState.DeadlockDetected, "deadlock detected",
            hint: "See server log for query details.")
        {
            Detail = detail.ToString(),
        };
    }

    private readonly record struct Step(Wait Wait, Transaction Blocker);

    private sealed class TransactionWait(Transaction waiter, Transaction blocker, Task released) : Wait(waiter)
    {
        internal override string What => $"ShareLock on transaction {blocker.Id.Value}";

        // Released, it is in nobody's way, though the waiter may not have gone on yet: a blocker that rolled back to a
        // savepoint may already wait for something of the waiter's.
        internal override void AddBlockers(List<Transaction> target)
        {
            if (!released.IsCompleted)
                target.Add(blocker);
        }
    }

    private sealed class OutcomeWait(Transaction waiter, PreparedTransaction prepared) : Wait(waiter)
    {
        internal override string What => $"the outcome of prepared transaction \"{prepared.GlobalId}\"";

        // It waits for nobody here: a circle that it is part of goes through other nodes.
        internal override void AddBlockers(List<Transaction> target)
        {
            if (prepared.Transaction is { } blocker && !prepared.Decided.IsCompleted)
                target.Add(blocker);
        }
    }
}

/// <summary>A transaction that waits.</summary>
internal abstract class Wait(Transaction waiter)
{
    internal Transaction Waiter { get; } = waiter;

    /// <summary>Set when the wait may be over.</summary>
    internal Signal Signal { get; } = new();

    internal long Number { get; set; }

    /// <summary>Why it ends, if others end it.</summary>
    internal SqlException? Failure { get; set; }

    /// <summary>What it waits for, in PostgreSQL's words.</summary>
    internal abstract string What { get; }

    /// <summary>The transactions in its way at this moment; called under <see cref="WaitGraph.Sync"/>.</summary>
    internal abstract void AddBlockers(List<Transaction> target);
}
