using Npgsql;

namespace VecSQL.Bench.Chaos;

/// <summary>Rows that one client each raises and all read: every read must be of a moment between its call and its answer.</summary>
internal sealed class Registers
{
    public const int KeyCount = 16;

    private readonly List<RegisterCall>[] _writes = [.. Enumerable.Range(0, KeyCount).Select(static _ => new List<RegisterCall>())];
    private readonly List<RegisterCall>[] _reads = [.. Enumerable.Range(0, KeyCount).Select(static _ => new List<RegisterCall>())];

    /// <param name="with">Storage parameters of tables.</param>
    public static string[] Setup(string with) =>
    [
        $"CREATE TABLE registers (k int PRIMARY KEY, v bigint NOT NULL) {with}",
        $"INSERT INTO registers SELECT g, 0 FROM generate_series(0, {KeyCount - 1}) g",
    ];

    public void Note(int key, bool isWrite, RegisterCall call)
    {
        List<RegisterCall> calls = (isWrite ? _writes : _reads)[key];
        lock (calls)
            calls.Add(call);
    }

    /// <summary>What cannot have been, if all was right.</summary>
    public IEnumerable<string> Check()
    {
        for (int key = 0; key < KeyCount; key++)
        {
            foreach (string wrong in Check(_writes[key], _reads[key]))
                yield return $"register {key}: {wrong}";
        }
    }

    /// <summary>What is wrong with the reads of one key: values only grow, and each is written once.</summary>
    /// <remarks>So a read is right that is not older than what was done or seen before it began, and not newer than what had begun before it ended.</remarks>
    internal static IEnumerable<string> Check(List<RegisterCall> writes, List<RegisterCall> reads)
    {
        Dictionary<long, RegisterCall> written = writes.ToDictionary(static write => write.Value);
        (TimeSpan End, long Value)[] floors =
        [
            .. writes.Where(static write => write.Outcome == CallOutcome.Done).Concat(reads).Select(static call => (call.End, call.Value)).OrderBy(static call => call.End),
        ];
        int next = 0;
        long floor = 0;
        foreach (RegisterCall read in reads.OrderBy(static read => read.Start))
        {
            for (; next < floors.Length && floors[next].End < read.Start; next++)
                floor = Math.Max(floor, floors[next].Value);
            if (read.Value < floor)
                yield return $"{read.Value} was read at {read.Start} after {floor} was known";
            if (read.Value == 0)
                continue;
            if (!written.TryGetValue(read.Value, out RegisterCall? write) || write.Start > read.End)
                yield return $"{read.Value} was read at {read.Start}, which nobody had written";
            else if (write.Outcome == CallOutcome.Refused)
                yield return $"{read.Value} was read at {read.Start}, whose write was refused";
        }
    }
}

/// <summary>A read or write of a register.</summary>
internal sealed record RegisterCall(long Value, TimeSpan Start, TimeSpan End, CallOutcome Outcome);

internal sealed class RegisterWriter(Registers registers, int writer, int writers, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random)
    : Worker("register writes", cluster, findings, gaps, random)
{
    private long _value;
    private int _key;

    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        _value++;
        do
            _key = Random.Next(Registers.KeyCount);
        while (_key % writers != writer);
        if (await ExecuteAsync(connection, "UPDATE registers SET v = $1 WHERE k = $2 AND v < $1", _value, _key) != 1)
            Findings.Violation($"register {_key} was not raised to {_value} by the only one who raises it");
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end) => registers.Note(_key, isWrite: true, new RegisterCall(_value, start, end, outcome));
}

internal sealed class RegisterReader(Registers registers, ChaosCluster cluster, Findings findings, GapWatch gaps, Random random)
    : Worker("register reads", cluster, findings, gaps, random)
{
    private long _value;
    private int _key;

    protected override async Task DoAsync(NpgsqlConnection connection)
    {
        _key = Random.Next(Registers.KeyCount);
        _value = await AskAsync<long>(connection, "SELECT v FROM registers WHERE k = $1", _key);
    }

    protected override void Note(CallOutcome outcome, TimeSpan start, TimeSpan end)
    {
        if (outcome == CallOutcome.Done)
            registers.Note(_key, isWrite: false, new RegisterCall(_value, start, end, outcome));
    }
}
