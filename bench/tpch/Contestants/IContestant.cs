using VecSQL.Bench.Tpch.Queries;

namespace VecSQL.Bench.Tpch.Contestants;

/// <summary>A query's answer: rows as text, and the time it took.</summary>
/// <param name="Rows">A row's columns with bars between; null where the contestant shows none.</param>
internal sealed record Answer(double Milliseconds, IReadOnlyList<string>? Rows);

/// <summary>What answers the queries over the loaded tables.</summary>
internal interface IContestant : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Loads what is not there, and says how long that took.</summary>
    Task<TimeSpan> PrepareAsync(CancellationToken cancellation);

    /// <exception cref="ContestantException">It could not.</exception>
    Task<Answer> AskAsync(Query query, CancellationToken cancellation);
}

/// <summary>A contestant has no answer.</summary>
internal sealed class ContestantException(string message, Exception? inner = null) : Exception(message, inner);
