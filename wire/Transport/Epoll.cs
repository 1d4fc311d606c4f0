using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Linux's epoll: tells one thread which of many sockets can be read.</summary>
/// <remarks>
/// Sockets are named by numbers of the caller's. Each is told once for all that has arrived until it is told (EPOLLET), and again once more
/// arrives: who is told reads until nothing is left, or remembers that something may be.
/// Threads: <see cref="Take"/>, <see cref="Number"/> and <see cref="HasLeft"/> from one at a time, the others from any;
/// <see cref="Dispose"/> when nobody uses it any more.
/// Source:  epoll(7), epoll_ctl(2), eventfd(2).
/// </remarks>
internal sealed class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800, AddCall = 1, RemoveCall = 2, Interrupted = 4;

    private const uint Readable = 0x1, Failed = 0x8, Closed = 0x10, LeftByPeer = 0x2000, Edge = 1u << 31;

    private const long Stop = -1, Call = -2;

    private const int TakenMax = 16;

    /// <summary>struct epoll_event: the events, then a number of the caller's, without a gap on x86-64 alone.</summary>
    private static readonly int s_numberAt = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static readonly int s_eventBytes = s_numberAt + sizeof(long);

    private readonly int _queue, _stop, _call;
    private readonly byte[] _taken = GC.AllocateArray<byte>(TakenMax * s_eventBytes, pinned: true);

    /// <exception cref="Win32Exception">The process may open no more files.</exception>
    internal Epoll()
    {
        _queue = Checked(epoll_create1(CloseOnExec));
        _stop = Checked(eventfd(0, CloseOnExec | NonBlocking));
        Set(AddCall, _stop, Readable, Stop);
        _call = Checked(eventfd(0, CloseOnExec | NonBlocking));
        Set(AddCall, _call, Readable | Edge, Call); // each call is told once
    }

    internal static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Asks to be told of a socket, also of what it holds already.</summary>
    internal void Add(SafeHandle socket, long number) => Set(AddCall, socket, Readable | LeftByPeer | Edge, number);

    /// <summary>Asks to be told of a socket no more, though what is being told at this moment still is.</summary>
    internal void Remove(SafeHandle socket) => Set(RemoveCall, socket, 0, 0);

    /// <summary>Takes the sockets that have waited longest, some at most.</summary>
    /// <param name="waits">Whether to wait, until there is one or <see cref="EndWait"/> is called.</param>
    /// <returns>How many.</returns>
    internal int Take(bool waits)
    {
        int count;
        do
            count = epoll_wait(_queue, ref _taken[0], TakenMax, waits ? -1 : 0);
        while (WasInterrupted(count));
        return count;
    }

    /// <summary>The number of the socket that was taken as the i-th; negative if it is none.</summary>
    internal long Number(int i) => BitConverter.ToInt64(_taken, (i * s_eventBytes) + s_numberAt);

    /// <summary>Whether nothing arrives from the socket any more, which is not told again.</summary>
    internal bool HasLeft(int i) => (BitConverter.ToUInt32(_taken, i * s_eventBytes) & (LeftByPeer | Closed | Failed)) != 0;

    /// <summary>Lets all waits end, now and from now on.</summary>
    internal void StopWaits() => Signal(_stop);

    /// <summary>Lets one wait end, now or the next.</summary>
    internal void EndWait() => Signal(_call);

    public void Dispose()
    {
        _ = close(_stop);
        _ = close(_call);
        _ = close(_queue);
    }

    private static void Signal(int counter)
    {
        ulong one = 1;
        _ = write(counter, ref one, sizeof(ulong));
    }

    private void Set(int operation, SafeHandle socket, uint events, long number)
    {
        bool isHeld = false;
        socket.DangerousAddRef(ref isHeld);
        try
        {
            Set(operation, (int)socket.DangerousGetHandle(), events, number);
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    private void Set(int operation, int descriptor, uint events, long number)
    {
        Span<byte> wanted = stackalloc byte[s_eventBytes];
        wanted.Clear();
        BitConverter.TryWriteBytes(wanted, events);
        BitConverter.TryWriteBytes(wanted[s_numberAt..], number);
        Checked(epoll_ctl(_queue, operation, descriptor, ref wanted[0]));
    }

    private static bool WasInterrupted(int result)
    {
        if (result >= 0)
            return false;
        int error = Marshal.GetLastPInvokeError();
        return error == Interrupted ? true : throw new Win32Exception(error);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_create1(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_ctl(int queue, int operation, int descriptor, ref byte wanted);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_wait(int queue, ref byte taken, int countMax, int timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern int eventfd(uint value, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int descriptor, ref ulong value, nint count);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}
