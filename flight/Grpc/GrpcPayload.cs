namespace VecSQL.Flight.Grpc;

/// <summary>A message to be sent: its bytes in pieces, in order, which are read where they lie.</summary>
/// <remarks>Ownership: the sender's; the pieces stay as they are until the call that sends them has returned.</remarks>
public readonly struct GrpcPayload
{
    private readonly ReadOnlyMemory<byte> _first;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _rest;

    public GrpcPayload(ReadOnlyMemory<byte> bytes)
        : this(bytes, [])
    {
    }

    public GrpcPayload(ReadOnlyMemory<byte> first, IReadOnlyList<ReadOnlyMemory<byte>> rest)
    {
        (_first, _rest) = (first, rest);
        Length = first.Length;
        foreach (ReadOnlyMemory<byte> piece in rest)
            Length += piece.Length;
    }

    public long Length { get; }

    public int PieceCount => _rest.Count + 1;

    public ReadOnlyMemory<byte> Piece(int index) => index == 0 ? _first : _rest[index - 1];

    /// <summary>The pieces, behind another.</summary>
    internal ReadOnlyMemory<byte>[] Behind(ReadOnlyMemory<byte> prefix)
    {
        ReadOnlyMemory<byte>[] pieces = new ReadOnlyMemory<byte>[PieceCount + 1];
        pieces[0] = prefix;
        for (int i = 0; i < PieceCount; i++)
            pieces[i + 1] = Piece(i);
        return pieces;
    }

    /// <summary>All pieces in one array.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        int at = 0;
        for (int i = 0; i < PieceCount; i++)
        {
            Piece(i).Span.CopyTo(bytes.AsSpan(at));
            at += Piece(i).Length;
        }
        return bytes;
    }
}
