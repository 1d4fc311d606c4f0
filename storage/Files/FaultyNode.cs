namespace VecSQL.Storage.Files;

/// <summary>A file's bytes as programs see them, as the disk would keep them, and what lies between the two.</summary>
internal sealed class FaultyNode
{
    private const int SectorBytes = 512; // a disk writes whole sectors: a torn write ends at one

    private readonly List<Change> _unflushed = [];
    private Bytes _seen = new(), _durable = new();

    internal long Length => _seen.Length;

    internal int Read(long offset, Span<byte> target)
    {
        int count = (int)Math.Clamp(_seen.Length - offset, 0, target.Length);
        _seen.Array.AsSpan((int)Math.Min(offset, _seen.Length), count).CopyTo(target);
        return count;
    }

    internal void Write(long offset, ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            return;
        Change change = new((int)offset, source.ToArray());
        change.ApplyTo(_seen);
        _unflushed.Add(change);
    }

    internal void Truncate(long length)
    {
        Change change = new((int)length, null);
        change.ApplyTo(_seen);
        _unflushed.Add(change);
    }

    internal void Flush()
    {
        foreach (Change change in _unflushed)
            change.ApplyTo(_durable);
        _unflushed.Clear();
    }

    /// <summary>Some of the changes reach the disk; the others never will, though programs go on seeing them.</summary>
    internal void FailFlush(Random random) => KeepSome(random, keep: 0.5);

    internal void Crash(Random random, double keep)
    {
        KeepSome(random, keep);
        _seen = _durable.Copy();
    }

    internal void Damage(long offset, byte mask)
    {
        _seen.Array[offset] ^= mask;
        if (offset < _durable.Length)
            _durable.Array[offset] ^= mask;
    }

    /// <summary>A copy that later writes do not change: like a map of a file that is complete.</summary>
    internal unsafe MappedFile Map(string path)
    {
        byte[] pinned = GC.AllocateUninitializedArray<byte>(_seen.Length + 64, pinned: true);
        nint address = System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
        int skip = (int)(-address & 63); // a map starts on a page, so at least on a cache line
        _seen.Array.AsSpan(0, _seen.Length).CopyTo(pinned.AsSpan(skip));
        return new MappedFile(path, pinned, (byte*)address + skip, _seen.Length);
    }

    private void KeepSome(Random random, double keep)
    {
        foreach (Change change in _unflushed)
        {
            double fate = keep == 0 ? 1 : random.NextDouble();
            if (fate < keep * 0.8)
                change.ApplyTo(_durable);
            else if (fate < keep && change.Source is not null)
                change.Torn(random.Next(change.Source.Length / SectorBytes + 1) * SectorBytes).ApplyTo(_durable);
        }
        _unflushed.Clear();
    }

    private sealed class Bytes
    {
        internal byte[] Array = [];
        internal int Length;

        internal Bytes Copy() => new() { Array = Array.AsSpan(0, Length).ToArray(), Length = Length };
    }

    /// <summary>Bytes written at an offset; or, without bytes, the file cut or extended to that length.</summary>
    private sealed record Change(int Offset, byte[]? Source)
    {
        internal Change Torn(int length) => this with { Source = Source?[..length] };

        internal void ApplyTo(Bytes bytes)
        {
            int end = Offset + (Source?.Length ?? 0);
            if (Source is null && end < bytes.Length)
                bytes.Array.AsSpan(end, bytes.Length - end).Clear();
            if (end > bytes.Array.Length)
                System.Array.Resize(ref bytes.Array, Math.Max(end, bytes.Array.Length * 2));
            bytes.Length = Source is null ? end : Math.Max(bytes.Length, end);
            Source?.CopyTo(bytes.Array, Offset);
        }
    }
}
