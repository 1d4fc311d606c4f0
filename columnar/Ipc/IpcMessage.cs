using System.Buffers.Binary;

namespace VecSQL.Columnar.Ipc;

/// <summary>One message of an Arrow IPC stream.</summary>
/// <remarks>Ownership: valid until the next one is asked of what gave it.</remarks>
/// <param name="Metadata">The FlatBuffer, without what is put before it in a stream.</param>
/// <param name="Body">The body in pieces, in order, padding included; pieces may lie in mapped files.</param>
/// <param name="BodyBytes">Bytes of all pieces.</param>
/// <param name="RowCount">Rows of a record batch, else 0.</param>
public sealed record IpcMessage(
    ReadOnlyMemory<byte> Metadata, IReadOnlyList<ReadOnlyMemory<byte>> Body, long BodyBytes, int RowCount = 0)
{
    /// <summary>What ends a stream.</summary>
    public static readonly ReadOnlyMemory<byte> EndOfStream = new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0 };

    /// <summary>The metadata as a stream has it before the body: a mark, its length with padding, itself, padding to
    /// <paramref name="alignment"/>.</summary>
    public byte[] Head(int alignment = 8)
    {
        byte[] head = new byte[IpcFormat.Aligned(IpcFormat.PrefixBytes + Metadata.Length, alignment)];
        BinaryPrimitives.WriteInt32LittleEndian(head, -1);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), head.Length - IpcFormat.PrefixBytes);
        Metadata.Span.CopyTo(head.AsSpan(IpcFormat.PrefixBytes));
        return head;
    }
}
