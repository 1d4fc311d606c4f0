namespace VecSQL.Executor.Fragments;

/// <summary>Bytes to plans, of records that may travel and values that their members can have; whether the plan makes sense says <see cref="PlanCheck"/>.</summary>
/// <exception cref="InvalidDataException">The bytes are no plan.</exception>
internal sealed class PlanReader(ReadOnlyMemory<byte> bytes)
{
    private int _depth;

    internal ByteReader Bytes { get; } = new(bytes);

    internal object? Record()
    {
        uint number = Bytes.UInt32();
        if (number == 0)
            return null;
        RecordShape shape = PlanRecords.Shape(number) ?? throw ByteReader.Wrong($"a part of kind {number}, of which this version knows nothing");
        if (_depth == PlanWriter.DepthMax)
            throw ByteReader.Wrong("too many steps below each other");
        _depth++;
        object record = shape.Read(this);
        _depth--;
        return record;
    }
}
