using System.Buffers.Binary;
using VecSQL.Columnar.Columns;

namespace VecSQL.Columnar.Ipc;

/// <summary>Gives a part of a file: of a mapped file without a copy.</summary>
public delegate ColumnBuffer IpcSource(long offset, int length);

/// <summary>Where a record batch's message lies in a file.</summary>
public readonly record struct IpcBlock(long Offset, int MetadataBytes, long BodyBytes);

/// <summary>Reads an Arrow IPC file. Nothing in it is believed before it is checked.</summary>
/// <remarks>
/// Layout:  see <see cref="IpcFormat"/>.
/// Threads: any; a reader has no state but what it read when it was opened.
/// </remarks>
public sealed class IpcFileReader
{
    private const int MetadataBytesMax = 1 << 28;

    private readonly string _name;
    private readonly IpcSource _source;

    /// <summary>Reads the footer.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="length">The file's length; the source is asked for nothing beyond.</param>
    /// <exception cref="IpcException">It is not an Arrow file, or one that is not supported.</exception>
    public IpcFileReader(string name, long length, IpcSource source)
    {
        _name = name;
        _source = source;
        if (length < IpcFormat.Magic.Length + 2 + IpcFormat.TailBytes)
            throw new IpcException(name, 0, $"{length} bytes are too few");
        if (!source(0, IpcFormat.Magic.Length).Bytes.SequenceEqual(IpcFormat.Magic))
            throw new IpcException(name, 0, "it does not begin with ARROW1");
        long tailAt = length - IpcFormat.TailBytes;
        ReadOnlySpan<byte> tail = source(tailAt, IpcFormat.TailBytes).Bytes;
        if (!tail[4..].SequenceEqual(IpcFormat.Magic))
            throw new IpcException(name, tailAt, "it does not end with ARROW1; it may be cut off");
        int footerBytes = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (footerBytes is <= 0 or > MetadataBytesMax || footerBytes > tailAt - IpcFormat.Magic.Length)
            throw new IpcException(name, tailAt, $"a footer of {footerBytes} bytes is impossible");
        FooterOffset = tailAt - footerBytes;
        try
        {
            FlatTable footer = FlatTable.Root(source(FooterOffset, footerBytes).Bytes);
            Schema = SchemaCodec.Read(footer.Table(IpcFormat.Field.FooterSchema));
            Blocks = ReadBlocks(footer);
        }
        catch (FlatBufferException damage)
        {
            throw new IpcException(name, FooterOffset, damage.Message);
        }
    }

    public ArrowSchema Schema { get; }

    public IReadOnlyList<IpcBlock> Blocks { get; }

    /// <summary>Where the footer begins.</summary>
    public long FooterOffset { get; }

    /// <summary>Reads a record batch's metadata; its columns are read when asked for.</summary>
    /// <exception cref="IpcException">The metadata is damaged.</exception>
    public IpcBatch ReadBatch(int index)
    {
        IpcBlock block = Blocks[index];
        ReadOnlySpan<byte> message = _source(block.Offset, block.MetadataBytes).Bytes;
        int prefix = BinaryPrimitives.ReadInt32LittleEndian(message) == -1 ? IpcFormat.PrefixBytes
            : IpcFormat.PrefixBytes / 2;
        int flatBytes = BinaryPrimitives.ReadInt32LittleEndian(message[(prefix - 4)..]);
        if (flatBytes < 8 || flatBytes > message.Length - prefix)
            throw new IpcException(_name, block.Offset, $"metadata of {flatBytes} bytes does not fit its block");
        try
        {
            FlatTable root = FlatTable.Root(message.Slice(prefix, flatBytes));
            if (root.Byte(IpcFormat.Field.MessageKind) != IpcFormat.RecordBatchMessage)
                throw new FlatBufferException("the message is not a record batch");
            if (root.Int64(IpcFormat.Field.MessageBodyLength) != block.BodyBytes)
                throw new FlatBufferException("footer and message disagree about the body's length");
            return IpcBatch.Read(_name, block, _source, Schema, root.Table(IpcFormat.Field.MessageHeader));
        }
        catch (FlatBufferException damage)
        {
            throw new IpcException(_name, block.Offset, damage.Message);
        }
    }

    private IpcBlock[] ReadBlocks(FlatTable footer)
    {
        if (footer.Count(IpcFormat.Field.FooterDictionaries) != 0)
            throw new FlatBufferException("dictionaries are not supported");
        ReadOnlySpan<byte> bytes = footer.Structs(IpcFormat.Field.FooterBatches, IpcFormat.BlockBytes, out int count);
        IpcBlock[] blocks = new IpcBlock[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> block = bytes.Slice(i * IpcFormat.BlockBytes, IpcFormat.BlockBytes);
            long offset = BinaryPrimitives.ReadInt64LittleEndian(block);
            int metadata = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
            long body = BinaryPrimitives.ReadInt64LittleEndian(block[16..]);
            bool fits = offset >= IpcFormat.Magic.Length && offset <= FooterOffset && (offset & 7) == 0
                && metadata >= IpcFormat.PrefixBytes && metadata <= FooterOffset - offset
                && body >= 0 && body <= FooterOffset - offset - metadata;
            if (!fits)
                throw new FlatBufferException($"record batch {i} lies outside the file");
            blocks[i] = new IpcBlock(offset, metadata, body);
        }
        return blocks;
    }
}
