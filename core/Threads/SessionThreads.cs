namespace VecSQL.Core.Threads;

/// <summary>Threads that run sessions' statements, which go on with them after a wait (<see cref="Signal"/>).</summary>
public abstract class SessionThreads
{
    [ThreadStatic]
    private static SessionThreads? t_current;

    /// <summary>Those that the calling thread is one of; null if it is none.</summary>
    public static SessionThreads? Current
    {
        get => t_current;
        protected set => t_current = value;
    }

    /// <summary>Whether the calling thread, one of these, has served others lately, who would wait if it waited for a disk.</summary>
    public abstract bool HasOthers { get; }

    /// <summary>Has something done by one of the threads. Never does it itself.</summary>
    public abstract void Post(Action action);
}
