using VecSQL.Bench.Recall.Data;
using VecSQL.Bench.Recall.Servers;

namespace VecSQL.Bench.Recall;

/// <summary>What every measurement needs to know.</summary>
/// <param name="Truth">Exact answers to all queries.</param>
/// <param name="Wanted">Nearest rows to ask for.</param>
/// <param name="Servers">The last is the reference.</param>
/// <param name="Connections">How many to measure with.</param>
/// <param name="Threads">Of this process.</param>
/// <param name="Keep">Leave tables, and use those that were left.</param>
internal sealed record Bench(
    DataSet Data, GroundTruth Truth, int Wanted, IReadOnlyList<ServerIndex> Servers, IReadOnlyList<int> Connections, int Threads,
    int Rounds, TimeSpan RoundTime, bool Keep, TextWriter Progress);
