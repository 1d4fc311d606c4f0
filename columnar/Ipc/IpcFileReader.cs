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
    private readonly string _name;
    private readonly IpcSource _source;
    private readonly IpcLimits _limits;
    private readonly IpcDictionaries _dictionaries;
    private readonly ArrowType[] _types;

    /// <summary>Reads the footer.</summary>
    /// <param name="name">The file, for messages.</param>
    /// <param name="length">The file's length; the source is asked for nothing beyond.</param>
    /// <exception cref="IpcException">It is not an Arrow file, or one that is not supported.</exception>
    public IpcFileReader(string name, long length, IpcSource source, IpcLimits? limits = null)
    {
        _name = name;
        _source = source;
        _limits = limits ?? IpcLimits.Default;
        if (length < IpcFormat.Magic.Length + 2 + IpcFormat.TailBytes)
            throw new IpcException(name, 0, $"{length} bytes are too few");
        if (!source(0, IpcFormat.Magic.Length).Bytes.SequenceEqual(IpcFormat.Magic))
            throw new IpcException(name, 0, "it does not begin with ARROW1");
        long tailAt = length - IpcFormat.TailBytes;
        ReadOnlySpan<byte> tail = source(tailAt, IpcFormat.TailBytes).Bytes;
        if (!tail[4..].SequenceEqual(IpcFormat.Magic))
            throw new IpcException(name, tailAt, "it does not end with ARROW1; it may be cut off");
        int footerBytes = BinaryPrimitives.ReadInt32LittleEndian(tail);
        if (footerBytes is <= 0 or > IpcLimits.MetadataBytesMax || footerBytes > tailAt - IpcFormat.Magic.Length)
            throw new IpcException(name, tailAt, $"a footer of {footerBytes} bytes is impossible");
        FooterOffset = tailAt - footerBytes;
        try
        {
            FlatTable footer = FlatTable.Root(source(FooterOffset, footerBytes).Bytes);
            Schema = SchemaReader.Read(footer.Table(IpcFormat.Field.FooterSchema));
            _dictionaries = new IpcDictionaries(name, Schema, _limits);
            _types = [.. Schema.Fields.Select(static field => field.Type)];
            Blocks = ReadBlocks(footer, IpcFormat.Field.FooterBatches);
            foreach (IpcBlock block in ReadBlocks(footer, IpcFormat.Field.FooterDictionaries))
                _dictionaries.Add(block, Message(block, IpcFormat.DictionaryMessage), source);
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
        try
        {
            FlatTable batch = Message(block, IpcFormat.RecordBatchMessage);
            return IpcBatch.Read(_name, block, _source, _types, batch, _limits, _dictionaries.Known);
        }
        catch (FlatBufferException damage)
        {
            throw new IpcException(_name, block.Offset, damage.Message);
        }
    }

    /// <summary>The header of a block's message.</summary>
    private FlatTable Message(IpcBlock block, byte kind)
    {
        ReadOnlySpan<byte> message = _source(block.Offset, block.MetadataBytes).Bytes;
        int prefix = BinaryPrimitives.ReadInt32LittleEndian(message) == -1 ? IpcFormat.PrefixBytes
            : IpcFormat.PrefixBytes / 2;
        int flatBytes = BinaryPrimitives.ReadInt32LittleEndian(message[(prefix - 4)..]);
        if (flatBytes < 8 || flatBytes > message.Length - prefix)
            throw new FlatBufferException($"metadata of {flatBytes} bytes does not fit its block");
        FlatTable root = FlatTable.Root(message.Slice(prefix, flatBytes));
        if (root.Byte(IpcFormat.Field.MessageKind) != kind)
            throw new FlatBufferException("the message is of another kind than the footer says");
        if (root.Int64(IpcFormat.Field.MessageBodyLength) != block.BodyBytes)
            throw new FlatBufferException("footer and message disagree about the body's length");
        return root.Table(IpcFormat.Field.MessageHeader);
    }

    private IpcBlock[] ReadBlocks(FlatTable footer, int field)
    {
        ReadOnlySpan<byte> bytes = footer.Structs(field, IpcFormat.BlockBytes, out int count);
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
                throw new FlatBufferException($"block {i} lies outside the file");
            blocks[i] = new IpcBlock(offset, metadata, body);
        }
        return blocks;
    }
}
