using System.Diagnostics;
using System.Runtime.InteropServices;
using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Recall.Curves;

/// <summary>Somebody else's index in this process: a native library with a few functions, such as <c>peers/hnswlib.cpp</c>.</summary>
/// <remarks>A call costs some tens of nanoseconds more than from native code.</remarks>
internal sealed class PeerContestant : IContestant
{
    private static readonly int[] EffortValues = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 160, 200, 240, 320, 480, 640];

    private readonly DataSet _data;
    private readonly int _wanted;
    private readonly IReadOnlyList<int> _threadCounts;
    private readonly nint _library;
    private readonly string _effortWord;
    private nint _index;

    /// <exception cref="ArgumentException">There is no such library, or it lacks a function.</exception>
    public PeerContestant(string path, DataSet data, int wanted, IReadOnlyList<int> threadCounts)
    {
        (_data, _wanted, _threadCounts) = (data, wanted, threadCounts);
        if (!NativeLibrary.TryLoad(Path.GetFullPath(path), out _library))
            throw new ArgumentException($"{path} cannot be loaded");
        Name = Marshal.PtrToStringUTF8(Function<Text>("peer_name")()) ?? path;
        _effortWord = Marshal.PtrToStringUTF8(Function<Text>("peer_effort")()) ?? "effort";
    }

    private delegate nint Text();

    private delegate nint Build(float[] rows, int count, int dimensions, int metric, int threads);

    private delegate void SetEffort(nint index, int effort);

    private delegate int Search(nint index, in float query, int wanted, int[] found);

    private delegate void Free(nint index);

    public string Name { get; }

    public string WorkerWord => "thread";

    public IReadOnlyList<int> WorkerCounts => _threadCounts;

    public IReadOnlyList<string> Efforts => [.. EffortValues.Select(value => $"{_effortWord} {value}")];

    public Task<IReadOnlyList<BuildFigure>> BuildAsync(CancellationToken cancellation)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Stopwatch clock = Stopwatch.StartNew();
        _index = Function<Build>("peer_build")(
            _data.Rows.Values, _data.Rows.Count, _data.Dimensions, (int)_data.Metric, _threadCounts.Max());
        return Task.FromResult<IReadOnlyList<BuildFigure>>([new BuildFigure("build",
            $"{clock.Elapsed.TotalSeconds:F2} s, {(Environment.CpuUsage.TotalTime - before).TotalSeconds:F2} s of processors")]);
    }

    public IWorker OpenWorker() => new Worker(
        _data, _index, _wanted, Function<SetEffort>("peer_set_effort"), Function<Search>("peer_search"));

    public ValueTask DisposeAsync()
    {
        if (_index != 0)
            Function<Free>("peer_free")(_index);
        NativeLibrary.Free(_library);
        return ValueTask.CompletedTask;
    }

    private T Function<T>(string name) where T : Delegate => NativeLibrary.TryGetExport(_library, name, out nint address)
        ? Marshal.GetDelegateForFunctionPointer<T>(address) : throw new ArgumentException($"the library has no {name}");

    private sealed class Worker(DataSet data, nint index, int wanted, SetEffort setEffort, Search search) : IWorker
    {
        private readonly int[] _found = new int[wanted];

        public void SetEffort(int effort) => setEffort(index, EffortValues[effort]);

        public ReadOnlySpan<int> Ask(int query) =>
            _found.AsSpan(0, search(index, in data.Queries[query][0], wanted, _found));

        public void Dispose()
        {
        }
    }
}
