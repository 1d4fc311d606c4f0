using System.Buffers.Binary;

namespace VecSQL.Text.Inverted;

/// <summary>What is known of a block of <see cref="Rows"/> postings without unpacking it.</summary>
/// <remarks><code>
/// offset  size  field
///      0     4  document of its last posting
///      4     4  bytes from the first of the term's postings to the block's
///      8     1  bits of a number: the gap between two documents, less one
///      9     1  bits of a number: the frequency, less one
///     10     2  greatest frequency; 65,535 for any from there on
///     12     8  least length of the documents with frequency 1, 2, 3, and 4 or more: uint16, at most 65,534; 65,535 for none
/// </code>
/// The lengths bound a block's scores whatever the mean length is: a score grows with the frequency and falls with the length.
/// </remarks>
internal readonly record struct PostingBlock(
    int LastDocument, int Offset, byte GapBits, byte FrequencyBits, ushort FrequencyMax, ulong LeastLengths)
{
    internal const int SizeBytes = 20, Rows = 128, Classes = 4;

    internal const ushort NoLength = ushort.MaxValue;

    internal const ulong NoLengths = ulong.MaxValue;

    /// <summary>The least length of documents with a frequency of <paramref name="class"/> + 1; of the last class, or more.</summary>
    internal static int LengthOf(ulong lengths, int @class) => (ushort)(lengths >> (16 * @class));

    /// <summary>The lengths with another document's.</summary>
    internal static ulong With(ulong lengths, int frequency, int length)
    {
        int shift = 16 * (Math.Min(frequency, Classes) - 1);
        ulong kept = Math.Min((ulong)Math.Min(length, NoLength - 1), (lengths >> shift) & NoLength);
        return (lengths & ~((ulong)NoLength << shift)) | (kept << shift);
    }

    internal static PostingBlock Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]), bytes[8], bytes[9],
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[12..]));

    internal void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes, LastDocument);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[4..], Offset);
        bytes[8] = GapBits;
        bytes[9] = FrequencyBits;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[10..], FrequencyMax);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[12..], LeastLengths);
    }
}
