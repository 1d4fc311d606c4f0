using System.Runtime.CompilerServices;

namespace VecSQL.Core.Threads;

/// <summary>Something that one waiter awaits and another thread tells it of.</summary>
/// <remarks>
/// The waiter goes on with the <see cref="SessionThreads"/> that it waited on, or with the thread pool, and never inside
/// <see cref="Set"/>, so that locks may be held there.
/// Threads: any; awaited once.
/// </remarks>
public sealed class Signal : ICriticalNotifyCompletion
{
    private static readonly Action s_isSet = static () => { };

    private Action? _waiter;
    private SessionThreads? _threads;

    public bool IsCompleted => ReferenceEquals(Volatile.Read(ref _waiter), s_isSet);

    public Signal GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation)
    {
        _threads = SessionThreads.Current;
        if (Interlocked.CompareExchange(ref _waiter, continuation, null) is not null)
            GoOn(continuation);
    }

    /// <summary>Lets the waiter go on, now or as soon as it comes to wait; again, it does nothing.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _waiter, s_isSet) is { } waiter && !ReferenceEquals(waiter, s_isSet))
            GoOn(waiter);
    }

    private void GoOn(Action waiter)
    {
        if (_threads is { } threads)
            threads.Post(waiter);
        else
            ThreadPool.UnsafeQueueUserWorkItem(static waiter => waiter(), waiter, preferLocal: false);
    }
}
