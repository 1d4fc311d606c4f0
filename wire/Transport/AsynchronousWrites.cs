using System.Runtime.InteropServices;

namespace VecSQL.Wire.Transport;

/// <summary>Linux's asynchronous I/O, as a way to write to several sockets with one call.</summary>
/// <remarks>
/// Threads: one at a time.
/// Source:  io_setup(2), io_submit(2), io_getevents(2); the kernel's include/uapi/linux/aio_abi.h.
/// </remarks>
internal sealed class AsynchronousWrites : IDisposable
{
    private const ushort Write = 1; // IOCB_CMD_PWRITE

    private readonly nint _context;
    private readonly Request[] _requests; // pinned, as are the others
    private readonly nint[] _addresses;
    private readonly Completion[] _completions;
    private readonly int[] _sent;

    private AsynchronousWrites(nint context, int countMax)
    {
        _context = context;
        _requests = GC.AllocateArray<Request>(countMax, pinned: true);
        _addresses = GC.AllocateArray<nint>(countMax, pinned: true);
        _completions = GC.AllocateArray<Completion>(countMax, pinned: true);
        _sent = new int[countMax];
        for (int i = 0; i < countMax; i++)
            _addresses[i] = Marshal.UnsafeAddrOfPinnedArrayElement(_requests, i);
    }

    /// <summary>Null where the system has none, or none is left.</summary>
    public static AsynchronousWrites? TryOpen(int countMax)
    {
        if (!OperatingSystem.IsLinux() || SystemCalls.Setup < 0 || !BitConverter.IsLittleEndian)
            return null;
        nint context = 0;
        return syscall(SystemCalls.Setup, countMax, ref context) == 0 ? new(context, countMax) : null;
    }

    /// <summary>Sets what is to be written; the bytes are pinned and stay until <see cref="Run"/> is over.</summary>
    public void Set(int i, int descriptor, Memory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> segment) || segment.Array is null)
            throw new ArgumentException("not in an array", nameof(bytes));
        _requests[i] = new Request
        {
            Number = i,
            Operation = Write,
            Descriptor = descriptor,
            Buffer = Marshal.UnsafeAddrOfPinnedArrayElement(segment.Array, segment.Offset),
            Length = bytes.Length,
        };
    }

    /// <summary>Writes.</summary>
    /// <returns>How many of the first were tried; <see cref="Sent"/> tells what became of each.</returns>
    public int Run(int count)
    {
        int taken = (int)Math.Max(0, syscall(SystemCalls.Submit, _context, count, ref _addresses[0]));
        Array.Clear(_sent, 0, taken);
        for (int left = taken; left > 0;)
        {
            int ended = (int)syscall(SystemCalls.GetEvents, _context, left, left, ref _completions[0], 0);
            if (ended < 0)
                continue; // interrupted
            for (int i = 0; i < ended; i++)
                _sent[_completions[i].Number] = (int)Math.Max(0, _completions[i].Result);
            left -= ended;
        }
        return taken;
    }

    /// <summary>Bytes that were written of one; 0 also if it failed.</summary>
    public int Sent(int i) => _sent[i];

    public void Dispose() => _ = syscall(SystemCalls.Destroy, _context);

    /// <summary>struct iocb, little-endian.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        public long Number;
        public uint Key, Flags;
        public ushort Operation;
        public short Priority;
        public int Descriptor;
        public long Buffer, Length, Offset, Reserved;
        public uint MoreFlags;
        public int EventDescriptor;
    }

    /// <summary>struct io_event.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Completion
    {
        public long Number;
        public long Request, Result, Result2;
    }

    /// <summary>Numbers of system calls, which the C library does not wrap.</summary>
    private static class SystemCalls
    {
        private static readonly (int Setup, int Destroy, int Submit, int GetEvents) s_numbers = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => (206, 207, 209, 208),
            Architecture.Arm64 => (0, 1, 2, 4),
            _ => (-1, -1, -1, -1),
        };

        public static int Setup => s_numbers.Setup;

        public static int Destroy => s_numbers.Destroy;

        public static int Submit => s_numbers.Submit;

        public static int GetEvents => s_numbers.GetEvents;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint countMax, ref nint context);

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint context, nint count, ref nint requests);

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint context, nint countMin, nint countMax, ref Completion first, nint timeout);

    [DllImport("libc", SetLastError = true)]
    private static extern nint syscall(nint number, nint context);
}
