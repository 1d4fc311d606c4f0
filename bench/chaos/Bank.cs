using System.Collections.Concurrent;
using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>Accounts in several shards between which money is moved: however it goes, none is made or lost.</summary>
internal sealed class Bank
{
    public const int AccountCount = 40;
    private const int Initial = 1000;

    private readonly ConcurrentDictionary<long, CallOutcome> _transfers = [];
    private long _last;

    /// <param name="with">Storage parameters of tables.</param>
    public static string[] Setup(string with) =>
    [
        $"CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL) {with}",
        $"INSERT INTO accounts SELECT g, {Initial} FROM generate_series(0, {AccountCount - 1}) g",
        $"CREATE TABLE transfers (id bigint PRIMARY KEY, source int NOT NULL, target int NOT NULL, amount bigint NOT NULL) {with}",
    ];

    public static long Total => (long)Initial * AccountCount;

    public long Next() => Interlocked.Increment(ref _last);

    public void Note(long transfer, CallOutcome outcome) => _transfers[transfer] = outcome;

    /// <param name="balances">Of each account.</param>
    /// <param name="found">The transfers that are there.</param>
    public IEnumerable<string> Check(IReadOnlyDictionary<int, long> balances, IReadOnlyDictionary<long, (int Source, int Target, long Amount)> found)
    {
        foreach ((long transfer, CallOutcome outcome) in _transfers)
        {
            if (outcome == CallOutcome.Done && !found.ContainsKey(transfer))
                yield return $"transfer {transfer}, which was acknowledged, is not there";
            if (outcome == CallOutcome.Refused && found.ContainsKey(transfer))
                yield return $"transfer {transfer}, which was refused, is there";
        }
        for (int account = 0; account < AccountCount; account++)
        {
            long expected = Initial + found.Values.Sum(moved => (moved.Target == account ? moved.Amount : 0) - (moved.Source == account ? moved.Amount : 0));
            if (balances.GetValueOrDefault(account) != expected)
                yield return $"account {account} has {balances.GetValueOrDefault(account)}, not the {expected} that its transfers make";
        }
    }
}

internal sealed class Teller(Bank bank, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random) : Worker("transfers", cluster, findings, gaps, random)
{
    private long _transfer;

    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        _transfer = bank.Next();
        int source = Random.Next(Bank.AccountCount), target = (source + Random.Next(1, Bank.AccountCount)) % Bank.AccountCount, amount = Random.Next(1, 20);
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await ExecuteAsync(connection, "UPDATE accounts SET balance = balance - $1 WHERE id = $2", (long)amount, source);
        await ExecuteAsync(connection, "UPDATE accounts SET balance = balance + $1 WHERE id = $2", (long)amount, target);
        await ExecuteAsync(connection, "INSERT INTO transfers VALUES ($1, $2, $3, $4)", _transfer, source, target, (long)amount);
        await transaction.CommitAsync();
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end) => bank.Note(_transfer, outcome);
}

internal sealed class Auditor(ChaosCluster cluster, Findings findings, GapWatch gaps, Random random) : Worker("sums", cluster, findings, gaps, random)
{
    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        decimal sum = await AskAsync<decimal>(connection, "SELECT sum(balance) FROM accounts");
        if (sum != Bank.Total)
            Findings.Violation($"the accounts had {sum} together, not {Bank.Total}");
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end)
    {
        // What it reads is checked as it is read.
    }
}
