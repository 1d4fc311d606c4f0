namespace VecSQL.Columnar.Ipc;

/// <summary>The dictionaries of a stream or file: what fields have them, and their values as last sent.</summary>
/// <remarks>Memory: the values of all dictionaries together are held to the limit for one message.</remarks>
internal sealed class IpcDictionaries
{
    /// <summary>Each addition to a dictionary copies what is there.</summary>
    private const int AdditionsMax = 4096;

    private readonly string _name;
    private readonly IpcLimits _limits;
    private readonly Dictionary<long, ArrowType> _types = [];
    private readonly Dictionary<long, ArrowArray> _known = [];
    private readonly Dictionary<long, int> _additions = [];

    /// <exception cref="FlatBufferException">Two fields have one dictionary of different types.</exception>
    internal IpcDictionaries(string name, ArrowSchema schema, IpcLimits limits)
    {
        _name = name;
        _limits = limits;
        foreach (ArrowField field in schema.Fields)
            Declare(field.Type);
    }

    internal IReadOnlyDictionary<long, ArrowArray> Known => _known;

    /// <summary>Takes the message of a dictionary.</summary>
    /// <param name="source">What gives the body; arrays point into what it gives.</param>
    /// <exception cref="FlatBufferException">The message is damaged.</exception>
    /// <exception cref="IpcException">A buffer is damaged.</exception>
    internal void Add(IpcBlock block, FlatTable message, IpcSource source)
    {
        long id = message.Int64(IpcFormat.Field.DictionaryBatchId);
        if (!_types.TryGetValue(id, out ArrowType? type))
            throw new FlatBufferException($"no field has dictionary {id}");
        FlatTable data = message.Table(IpcFormat.Field.DictionaryBatchData);
        ArrowArray values = IpcBatch.Read(_name, block, source, [type], data, _limits, _known).ReadArray(0);
        if (message.Byte(IpcFormat.Field.DictionaryBatchIsDelta) != 0 && _known.TryGetValue(id, out ArrowArray? before))
        {
            int additions = _additions.GetValueOrDefault(id) + 1;
            _additions[id] = additions;
            if (additions > AdditionsMax)
                throw new FlatBufferException($"more than {AdditionsMax} additions to a dictionary are not supported");
            if ((long)before.Length + values.Length > IpcLimits.RowsMax)
                throw new FlatBufferException($"a dictionary of more than {IpcLimits.RowsMax} values is not supported");
            values = ArrowJoin.Of(before, values)
                ?? throw new FlatBufferException($"additions to a dictionary of {type} are not supported");
        }
        _known[id] = values;
        long total = 0;
        foreach (ArrowArray array in _known.Values)
            total += array.SizeBytes;
        if (total > _limits.DecodedBytesMax)
            throw new FlatBufferException($"dictionaries of more than {_limits.DecodedBytesMax} bytes are not supported");
    }

    private void Declare(ArrowType type)
    {
        if (type.Kind == ArrowTypeKind.Dictionary && !_types.TryAdd(type.DictionaryId, type.Children[0].Type)
            && !_types[type.DictionaryId].Equals(type.Children[0].Type))
        {
            throw new FlatBufferException($"fields of different types have dictionary {type.DictionaryId}");
        }
        foreach (ArrowField child in type.Children)
            Declare(child.Type);
    }
}
