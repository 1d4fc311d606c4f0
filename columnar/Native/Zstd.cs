using System.Runtime.InteropServices;

namespace VecSQL.Columnar.Native;

/// <summary>Zstandard, by the system's library. Output never exceeds the room that the caller gives.</summary>
/// <remarks>
/// Threads: any; each thread keeps a context of its own (about 1 MiB for compression at low levels, 160 KiB otherwise),
///          which is freed some time after the thread has ended.
/// </remarks>
public static unsafe class Zstd
{
    /// <summary>About 500 MB/s, and for columns within a few percent of the default level 3.</summary>
    public const int FastLevel = 1;

    [ThreadStatic]
    private static CompressorHandle? t_compressor;

    [ThreadStatic]
    private static DecompressorHandle? t_decompressor;

    /// <summary>Room in which compression of so many bytes always succeeds.</summary>
    /// <exception cref="ZstdMissingException">The library is not installed.</exception>
    public static int BoundOf(int sourceBytes) => checked((int)ZstdNative.CompressBound((nuint)sourceBytes));

    /// <summary>Compresses; false where the result would not fit.</summary>
    /// <exception cref="ZstdMissingException">The library is not installed.</exception>
    public static bool TryCompress(
        ReadOnlySpan<byte> source, Span<byte> target, out int writtenBytes, int level = FastLevel)
    {
        CompressorHandle context = t_compressor ??= CompressorHandle.Create();
        fixed (byte* from = source, to = target)
        {
            nuint result = ZstdNative.Compress(context, to, (nuint)target.Length, from, (nuint)source.Length, level);
            bool fits = ZstdNative.IsError(result) == 0; // with valid arguments the only failure is a target too small
            writtenBytes = fits ? (int)result : 0;
            return fits;
        }
    }

    /// <summary>Decompresses exactly as many bytes as the target holds.</summary>
    /// <param name="problem">Why it failed; null on success.</param>
    /// <exception cref="ZstdMissingException">The library is not installed.</exception>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target, out string? problem)
    {
        DecompressorHandle context = t_decompressor ??= DecompressorHandle.Create();
        fixed (byte* from = source, to = target)
        {
            nuint result = ZstdNative.Decompress(context, to, (nuint)target.Length, from, (nuint)source.Length);
            problem = ZstdNative.IsError(result) != 0 ? Marshal.PtrToStringUTF8((nint)ZstdNative.ErrorName(result))
                : result != (nuint)target.Length ? $"{result} bytes where {target.Length} should be"
                : null;
            return problem is null;
        }
    }

    private sealed class CompressorHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        internal static CompressorHandle Create()
        {
            CompressorHandle made = new();
            made.SetHandle(ZstdNative.CreateCompressor());
            return made.IsInvalid ? throw new InsufficientMemoryException("no memory for a compression context") : made;
        }

        protected override bool ReleaseHandle() => ZstdNative.FreeCompressor(handle) == 0;
    }

    private sealed class DecompressorHandle() : SafeHandle(0, ownsHandle: true)
    {
        public override bool IsInvalid => handle == 0;

        internal static DecompressorHandle Create()
        {
            DecompressorHandle made = new();
            made.SetHandle(ZstdNative.CreateDecompressor());
            return made.IsInvalid ? throw new InsufficientMemoryException("no memory for a decompression context")
                : made;
        }

        protected override bool ReleaseHandle() => ZstdNative.FreeDecompressor(handle) == 0;
    }
}
