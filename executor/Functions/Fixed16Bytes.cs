using System.Runtime.InteropServices;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions;

/// <summary>Sixteen-byte values as bytes.</summary>
internal static class Fixed16Bytes
{
    public static ReadOnlySpan<byte> AsBytes(this in Fixed16 value) =>
        MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1));
}
