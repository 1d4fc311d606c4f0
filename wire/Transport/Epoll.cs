using System.ComponentModel;
using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Linux's epoll: waits until one of many sockets can be read, and tells one thread.</summary>
/// <remarks>
/// Sockets are named by numbers of the caller's. Each is told once for each <see cref="Arm"/> (EPOLLONESHOT), the first that could
/// be read first.
/// Threads: any; <see cref="Dispose"/> when nobody waits any more.
/// Source:  epoll(7), epoll_ctl(2), eventfd(2), poll(2).
/// </remarks>
internal sealed class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000, NonBlocking = 0x800, Add = 1, Modify = 3, Interrupted = 4;

    private const uint Readable = 0x1, LeftByPeer = 0x2000, Once = 1u << 30, Edge = 1u << 31;

    private const long Stop = -1, Call = -2;

    private readonly int _queue, _stop, _call;

    /// <exception cref="Win32Exception">The process may open no more files.</exception>
    internal Epoll()
    {
        _queue = Checked(epoll_create1(CloseOnExec));
        _stop = Checked(eventfd(0, CloseOnExec | NonBlocking));
        Set(Add, _stop, Readable, Stop);
        _call = Checked(eventfd(0, CloseOnExec | NonBlocking));
        Set(Add, _call, Readable | Edge, Call); // each call is told once
    }

    internal static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>Asks to be told when a socket can be read, or has been left.</summary>
    internal void Arm(SafeHandle socket, long number, bool isNew)
    {
        bool isHeld = false;
        socket.DangerousAddRef(ref isHeld);
        try
        {
            Set(isNew ? Add : Modify, (int)socket.DangerousGetHandle(), Readable | LeftByPeer | Once, number);
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    /// <summary>Takes the next socket.</summary>
    /// <param name="waits">Whether to wait, until there is one or <see cref="EndWait"/> is called.</param>
    internal Ready Take(bool waits, out long number)
    {
        Event first = default;
        int count;
        do
            count = epoll_wait(_queue, ref first, 1, waits ? -1 : 0);
        while (WasInterrupted(count));
        number = first.Number;
        return count == 0 || number == Call ? Ready.Nothing : number == Stop ? Ready.Stopped : Ready.Socket;
    }

    /// <summary>Waits until a socket, which need not be armed, or any that is armed can be read, or <see cref="EndWait"/> is called.</summary>
    /// <param name="limitMs">For how long; negative for as long as it takes.</param>
    /// <returns>What it is; the socket only if it is that alone.</returns>
    internal Either WaitForEither(int descriptor, int limitMs)
    {
        Polls polls = default;
        (polls.Socket.Descriptor, polls.Socket.Events) = (descriptor, (short)(Readable | LeftByPeer));
        (polls.Queue.Descriptor, polls.Queue.Events) = (_queue, (short)Readable);
        int count;
        do
            count = poll(ref polls, 2, limitMs);
        while (WasInterrupted(count));
        return count == 0 ? Either.Neither : polls.Queue.Found == 0 ? Either.Socket : Either.Queue;
    }

    /// <summary>Lets all waits end, now and from now on.</summary>
    internal void StopWaits() => Signal(_stop);

    /// <summary>Lets one wait end, now or the next, and perhaps others.</summary>
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

    private void Set(int operation, int descriptor, uint events, long number)
    {
        Event wanted = default;
        wanted.Events = events;
        wanted.Number = number;
        Checked(epoll_ctl(_queue, operation, descriptor, ref wanted));
    }

    private static bool WasInterrupted(int result)
    {
        if (result >= 0)
            return false;
        int error = Marshal.GetLastPInvokeError();
        return error == Interrupted ? true : throw new Win32Exception(error);
    }

    private static int Checked(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Events, Found;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Polls
    {
        public Poll Socket, Queue;
    }

    /// <summary>struct epoll_event, which is packed on x86-64 alone.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Event
    {
        public uint Events;

        private uint _low, _middle, _high;

        private static bool IsPacked => RuntimeInformation.ProcessArchitecture == Architecture.X64;

        public long Number
        {
            readonly get => IsPacked ? _low | ((long)_middle << 32) : _middle | ((long)_high << 32);
            set
            {
                uint low = unchecked((uint)value), high = unchecked((uint)(value >> 32));
                (_low, _middle, _high) = IsPacked ? (low, high, 0u) : (0u, low, high);
            }
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_create1(int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_ctl(int queue, int operation, int descriptor, ref Event wanted);

    [DllImport("libc", SetLastError = true)]
    private static extern int epoll_wait(int queue, ref Event first, int countMax, int timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern int poll(ref Polls polls, nuint count, int timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern int eventfd(uint value, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint write(int descriptor, ref ulong value, nint count);

    [DllImport("libc")]
    private static extern int close(int descriptor);
}

/// <summary>What <see cref="Epoll.Take"/> found.</summary>
internal enum Ready
{
    Nothing,
    Socket,

    /// <summary><see cref="Epoll.StopWaits"/> was called.</summary>
    Stopped,
}

/// <summary>What <see cref="Epoll.WaitForEither"/> found.</summary>
internal enum Either
{
    Neither,
    Socket,
    Queue,
}
