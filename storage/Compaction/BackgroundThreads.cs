using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace VecSQL.Storage.Compaction;

/// <summary>Threads that merge and build when those who serve clients leave them a processor.</summary>
/// <remarks>
/// Work that is not of the thread pool cannot keep a session waiting for a pool thread; and the system gives a processor to these
/// threads last where others want it (see <see cref="Niceness"/>). Loops in parallel inside of the work run on these threads, too.
/// Threads: any may queue. As many threads as processors, made when there is work first.
/// </remarks>
internal sealed partial class BackgroundThreads : TaskScheduler, IDisposable
{
    /// <summary>A third of the share that a thread serving a client has of a contended processor. Higher would starve merges while
    /// many write, and searches would then look through ever more that is not indexed.</summary>
    private const int Niceness = 5;

    [ThreadStatic]
    private static BackgroundThreads? s_current;

    private readonly BlockingCollection<Task> _tasks = [];
    private readonly Lock _lock = new();
    private bool _isStarted;

    public override int MaximumConcurrencyLevel => Environment.ProcessorCount;

    /// <summary>Runs the action on one of these threads.</summary>
    public Task RunAsync(Action action, CancellationToken cancellation) =>
        Task.Factory.StartNew(action, cancellation, TaskCreationOptions.DenyChildAttach, this);

    public void Dispose() => _tasks.CompleteAdding(); // the threads end when they have done what there is

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks.ToArray();

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            for (int i = 0; !_isStarted && i < MaximumConcurrencyLevel; i++)
                new Thread(Work) { IsBackground = true, Name = $"vecsql-background-{i}" }.Start();
            _isStarted = true;
        }
        _tasks.Add(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        s_current == this && TryExecuteTask(task);

    private void Work()
    {
        s_current = this;
        // .NET's thread priorities do nothing on Linux. Where the system refuses, the work is done all the same.
        if (OperatingSystem.IsLinux())
            _ = SetPriority(ThisThread, 0, Niceness);
        foreach (Task task in _tasks.GetConsumingEnumerable())
            TryExecuteTask(task);
    }

    /// <summary>PRIO_PROCESS, which for Linux means a thread: of number 0, the one that calls.</summary>
    private const int ThisThread = 0;

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}
