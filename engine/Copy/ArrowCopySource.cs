using VecSQL.Columnar.Ipc;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Copy;

/// <summary>Turns a file's bytes, in pieces cut anywhere, into Arrow's batches: the formats whose values lie in columns or rows of one
/// length.</summary>
/// <remarks>Memory: in proportion to what has come, never to what the data claims. Threads: one at a time.</remarks>
internal abstract class ArrowCopySource
{
    /// <summary>What batches have; null until it has been read.</summary>
    internal abstract ArrowSchema? Schema { get; }

    internal abstract void Add(ReadOnlySpan<byte> piece);

    /// <summary>The next rows among what has come; null where more must come first.</summary>
    /// <exception cref="SqlException">22P04: the data is malformed.</exception>
    internal abstract ArrowBatch? TryRead();

    /// <summary>Nothing more comes, and all batches were taken.</summary>
    /// <exception cref="SqlException">22P04: the data is cut off.</exception>
    internal abstract void Complete();

    /// <summary>Which field each of the columns takes.</summary>
    internal abstract int[] FieldsOf(ReadOnlySpan<CopyColumn> columns);

    private protected static SqlException Bad(string message) => new(SqlState.BadCopyFileFormat, message);
}

/// <summary>An Arrow stream, or an Arrow file from its front; columns take the fields of their names.</summary>
internal sealed class ArrowStreamSource : ArrowCopySource
{
    private readonly IpcStreamReader _reader = new("arrow");

    internal override ArrowSchema? Schema => _reader.Schema;

    internal override void Add(ReadOnlySpan<byte> piece) => _reader.Add(piece);

    internal override ArrowBatch? TryRead()
    {
        try
        {
            return _reader.TryRead();
        }
        catch (IpcException damage)
        {
            throw Bad($"invalid Arrow data at offset {damage.Offset}: {damage.Reason}");
        }
    }

    internal override void Complete()
    {
        try
        {
            _reader.Complete();
        }
        catch (IpcException damage)
        {
            throw Bad($"invalid Arrow data at offset {damage.Offset}: {damage.Reason}");
        }
    }

    internal override int[] FieldsOf(ReadOnlySpan<CopyColumn> columns)
    {
        IReadOnlyList<ArrowField> fields = Schema?.Fields ?? [];
        int[] places = new int[columns.Length];
        bool[] isTaken = new bool[fields.Count];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = -1;
            for (int field = 0; field < fields.Count; field++)
            {
                if (fields[field].Name != columns[i].Name)
                    continue;
                if (places[i] >= 0)
                    throw Bad($"the Arrow data has more than one field \"{columns[i].Name}\"");
                places[i] = field;
                isTaken[field] = true;
            }
            if (places[i] < 0)
                throw Bad($"missing data for column \"{columns[i].Name}\"");
        }
        int extra = Array.IndexOf(isTaken, false);
        return extra < 0 ? places
            : throw Bad($"field \"{fields[extra].Name}\" of the Arrow data is not among the columns copied");
    }
}
