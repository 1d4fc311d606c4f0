using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Columnar.Ipc;

/// <summary>Writes FlatBuffers, from the end backwards, as far as Arrow's metadata needs them.</summary>
/// <remarks>
/// A "place" is a distance from the end of the buffer, which stays right while the front grows. Children are written
/// before the tables that refer to them; one table at a time is open.
/// Source: the FlatBuffers project's description of its binary format.
/// </remarks>
internal sealed class FlatBufferBuilder
{
    private readonly List<int> _fieldPlaces = [];
    private byte[] _bytes = new byte[1024];
    private int _used;
    private int _tableEnd;
    private int _alignmentMax = 4;

    internal void Clear()
    {
        _used = 0;
        _alignmentMax = 4;
    }

    internal int String(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        Align(4, length + 1);
        Push(1)[0] = 0;
        Encoding.UTF8.GetBytes(value, Push(length));
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), length);
        return _used;
    }

    /// <summary>A vector of references to tables written before.</summary>
    internal int References(ReadOnlySpan<int> places)
    {
        Align(4, places.Length * 4);
        for (int i = places.Length - 1; i >= 0; i--)
            PushReference(places[i]);
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), places.Length);
        return _used;
    }

    /// <summary>A vector of structs, given as their bytes; structs of Arrow's metadata are aligned to 8.</summary>
    internal int Structs(ReadOnlySpan<byte> bytes, int count)
    {
        Align(8, bytes.Length);
        bytes.CopyTo(Push(bytes.Length));
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), count);
        return _used;
    }

    internal int Int32s(ReadOnlySpan<int> values)
    {
        Align(4, values.Length * 4);
        for (int i = values.Length - 1; i >= 0; i--)
            BinaryPrimitives.WriteInt32LittleEndian(Push(4), values[i]);
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), values.Length);
        return _used;
    }

    /// <summary>A vector of int64.</summary>
    internal int Int64s(ReadOnlySpan<long> values)
    {
        Align(8, values.Length * 8);
        for (int i = values.Length - 1; i >= 0; i--)
            BinaryPrimitives.WriteInt64LittleEndian(Push(8), values[i]);
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), values.Length);
        return _used;
    }

    internal void StartTable()
    {
        _fieldPlaces.Clear();
        _tableEnd = _used;
    }

    internal void Byte(int field, byte value)
    {
        Push(1)[0] = value;
        Mark(field);
    }

    internal void Int16(int field, short value)
    {
        Align(2, 0);
        BinaryPrimitives.WriteInt16LittleEndian(Push(2), value);
        Mark(field);
    }

    internal void Int32(int field, int value)
    {
        Align(4, 0);
        BinaryPrimitives.WriteInt32LittleEndian(Push(4), value);
        Mark(field);
    }

    internal void Int64(int field, long value)
    {
        Align(8, 0);
        BinaryPrimitives.WriteInt64LittleEndian(Push(8), value);
        Mark(field);
    }

    internal void Reference(int field, int place)
    {
        Align(4, 0);
        PushReference(place);
        Mark(field);
    }

    /// <summary>Ends the open table; returns its place.</summary>
    internal int EndTable()
    {
        Align(4, 0);
        Push(4); // where the distance to the field list goes, once it is known
        int table = _used, tableBytes = _used - _tableEnd;
        for (int field = _fieldPlaces.Count - 1; field >= 0; field--)
        {
            int place = _fieldPlaces[field];
            BinaryPrimitives.WriteUInt16LittleEndian(Push(2), (ushort)(place == 0 ? 0 : table - place));
        }
        BinaryPrimitives.WriteUInt16LittleEndian(Push(2), (ushort)tableBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(Push(2), (ushort)((_fieldPlaces.Count + 2) * 2));
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_bytes.Length - table, 4), _used - table);
        return table;
    }

    /// <summary>Ends the buffer with a reference to its root; valid until the next call.</summary>
    internal ReadOnlySpan<byte> Finish(int rootTable)
    {
        Align(_alignmentMax, 4);
        PushReference(rootTable);
        return _bytes.AsSpan(_bytes.Length - _used);
    }

    private void Mark(int field)
    {
        while (_fieldPlaces.Count <= field)
            _fieldPlaces.Add(0);
        _fieldPlaces[field] = _used;
    }

    private void PushReference(int place) => BinaryPrimitives.WriteInt32LittleEndian(Push(4), _used - place);

    /// <summary>Puts zeros so that after so many further bytes the front is aligned.</summary>
    private void Align(int alignment, int bytesToCome)
    {
        _alignmentMax = Math.Max(_alignmentMax, alignment);
        Push(-(_used + bytesToCome) & (alignment - 1)).Clear();
    }

    /// <summary>Room of so many bytes before all that was written.</summary>
    private Span<byte> Push(int count)
    {
        while (_used + count > _bytes.Length)
        {
            byte[] grown = new byte[_bytes.Length * 2];
            _bytes.AsSpan(_bytes.Length - _used).CopyTo(grown.AsSpan(grown.Length - _used));
            _bytes = grown;
        }
        _used += count;
        return _bytes.AsSpan(_bytes.Length - _used, count);
    }
}
