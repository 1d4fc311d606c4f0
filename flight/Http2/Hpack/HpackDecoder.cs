using System.Buffers;
using System.Text;

namespace VecSQL.Flight.Http2.Hpack;

/// <summary>Reads the header blocks of one direction of a connection, in the order in which they come.</summary>
/// <remarks>
/// Source:  RFC 7541.
/// Memory:  the dynamic table, and of a block's fields no more than was allowed; the rest is read, because the table depends on it, and dropped.
/// Threads: one at a time.
/// </remarks>
/// <param name="fieldBytesMax">Of one block's fields, each with <see cref="HeaderField.OverheadBytes"/>.</param>
internal sealed class HpackDecoder(int fieldBytesMax)
{
    /// <summary>What HTTP/2 begins with; we ask for no other.</summary>
    private const int TableBytesMax = 4096;

    private readonly List<HeaderField> _table = []; // the oldest first; its first _dropped have gone
    private int _dropped, _tableBytes, _tableLimit = TableBytesMax;

    /// <summary>Reads a block.</summary>
    /// <returns>Its fields; null where they are longer than allowed.</returns>
    /// <exception cref="Http2Exception">The block is damaged: the connection cannot go on.</exception>
    public List<HeaderField>? Decode(ReadOnlySpan<byte> block)
    {
        List<HeaderField> fields = [];
        int bytes = 0;
        bool hasBegun = false;
        while (!block.IsEmpty)
        {
            byte first = block[0];
            if ((first & 0xE0) == 0x20)
            {
                if (hasBegun)
                    throw Broken("the size of the header table changes within a block");
                Resize(ReadInteger(ref block, 5));
                continue;
            }
            hasBegun = true;
            HeaderField field = ReadField(ref block, first);
            bytes += field.Bytes;
            if (bytes <= fieldBytesMax)
                fields.Add(field);
            else
                bytes = int.MaxValue / 2; // no more of them
        }
        return bytes <= fieldBytesMax ? fields : null;
    }

    private HeaderField ReadField(ref ReadOnlySpan<byte> block, byte first)
    {
        if ((first & 0x80) != 0)
            return Find(ReadInteger(ref block, 7));
        bool isKept = (first & 0x40) != 0;
        int number = ReadInteger(ref block, isKept ? 6 : 4);
        string name = number == 0 ? ReadText(ref block) : Find(number).Name;
        HeaderField field = new(name, ReadText(ref block));
        if (isKept)
            Keep(field);
        return field;
    }

    private HeaderField Find(int number)
    {
        if (number is > 0 && number <= StaticTable.Count)
            return StaticTable.Field(number);
        int place = _table.Count - (number - StaticTable.Count);
        return number > 0 && place >= _dropped ? _table[place] : throw Broken($"there is no header field {number}");
    }

    private void Resize(int bytes)
    {
        if (bytes > TableBytesMax)
            throw Broken($"a header table of {bytes} bytes, where {TableBytesMax} are allowed");
        _tableLimit = bytes;
        Shrink(bytes);
    }

    private void Keep(HeaderField field)
    {
        Shrink(Math.Max(0, _tableLimit - field.Bytes));
        if (field.Bytes > _tableLimit)
            return; // it has emptied the table
        _table.Add(field);
        _tableBytes += field.Bytes;
    }

    private void Shrink(int bytesMax)
    {
        while (_tableBytes > bytesMax)
        {
            _tableBytes -= _table[_dropped].Bytes;
            _table[_dropped++] = default;
        }
        if (_dropped > 64 && _dropped > _table.Count / 2)
        {
            _table.RemoveRange(0, _dropped);
            _dropped = 0;
        }
    }

    private static string ReadText(ref ReadOnlySpan<byte> block)
    {
        if (block.IsEmpty)
            throw CutOff();
        bool isCoded = (block[0] & 0x80) != 0;
        int length = ReadInteger(ref block, 7);
        if (length > block.Length)
            throw CutOff();
        ReadOnlySpan<byte> bytes = block[..length];
        block = block[length..];
        if (!isCoded)
            return Encoding.Latin1.GetString(bytes);
        byte[] text = ArrayPool<byte>.Shared.Rent(HuffmanCode.LengthMax(length));
        int count = HuffmanCode.Decode(bytes, text);
        string read = count < 0 ? "" : Encoding.Latin1.GetString(text, 0, count);
        ArrayPool<byte>.Shared.Return(text);
        return count < 0 ? throw Broken("a header's text is no Huffman code") : read;
    }

    /// <summary>Source: RFC 7541, 5.1.</summary>
    private static int ReadInteger(ref ReadOnlySpan<byte> block, int prefixBits)
    {
        if (block.IsEmpty)
            throw CutOff();
        int most = (1 << prefixBits) - 1;
        int value = block[0] & most;
        block = block[1..];
        if (value < most)
            return value;
        for (int shift = 0; shift <= 21; shift += 7)
        {
            if (block.IsEmpty)
                throw CutOff();
            byte next = block[0];
            block = block[1..];
            value += (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw Broken("a number in a header block is too large");
    }

    private static Http2Exception CutOff() => Broken("a header block is cut off");

    private static Http2Exception Broken(string message) => new(Http2Error.Compression, message);
}
