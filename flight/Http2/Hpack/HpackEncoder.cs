using System.Buffers;
using System.Text;

namespace VecSQL.Flight.Http2.Hpack;

/// <summary>Writes the header blocks of one direction of a connection.</summary>
/// <remarks>
/// Source:  RFC 7541. It keeps no table: a call's headers are some hundred bytes beside its messages, and what keeps nothing has nothing to agree
///          on; the first block says so.
/// Threads: one at a time, in the order in which the blocks are sent.
/// </remarks>
internal sealed class HpackEncoder
{
    private const byte NoTable = 0x20, Indexed = 0x80, NeverKept = 0x10;

    private bool _hasBegun;

    /// <summary>Writes a block.</summary>
    public void Encode(IEnumerable<HeaderField> fields, ArrayBufferWriter<byte> block)
    {
        if (!_hasBegun)
        {
            _hasBegun = true;
            block.Write([NoTable]);
        }
        foreach (HeaderField field in fields)
        {
            if (StaticTable.Find(field) is > 0 and int whole)
            {
                WriteInteger(block, Indexed, 7, whole);
                continue;
            }
            int name = StaticTable.FindName(field.Name);
            WriteInteger(block, field.Name == "authorization" ? NeverKept : (byte)0, 4, name);
            if (name == 0)
                WriteText(block, field.Name);
            WriteText(block, field.Value);
        }
    }

    private static void WriteText(ArrayBufferWriter<byte> block, string text)
    {
        WriteInteger(block, 0, 7, text.Length);
        block.Advance(Encoding.Latin1.GetBytes(text, block.GetSpan(text.Length)));
    }

    private static void WriteInteger(ArrayBufferWriter<byte> block, byte first, int prefixBits, int value)
    {
        int most = (1 << prefixBits) - 1;
        if (value < most)
        {
            block.Write([(byte)(first | value)]);
            return;
        }
        block.Write([(byte)(first | most)]);
        for (value -= most; value >= 0x80; value >>= 7)
            block.Write([(byte)(value | 0x80)]);
        block.Write([(byte)value]);
    }
}
