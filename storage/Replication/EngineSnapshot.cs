using System.Buffers.Binary;
using VecSQL.Catalog.Placement;
using VecSQL.Storage.Compaction;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;

namespace VecSQL.Storage.Replication;

/// <summary>What an engine holds durably as bytes: the manifest, and the files that it names, with the indexes that were built over its segments.</summary>
/// <remarks>
/// Cost:    a frame is read from disk, and its checksum made, when it is asked for.
/// Files:   are open while it is, so that nothing that happens to their names matters.
/// </remarks>
internal sealed class EngineSnapshot : IMachineSnapshot
{
    private readonly List<IFile> _files = [];
    private readonly List<long> _starts = []; // of each file
    private readonly byte[] _head;
    private readonly SnapshotLayout _layout;

    private EngineSnapshot(SegmentFiles segments, Manifest manifest)
    {
        Position = manifest.Position;
        bool isOpen = false;
        try
        {
            List<(string, long)> list = [];
            foreach (string name in NamesOf(segments, manifest))
            {
                if (TryOpen(segments, name) is not { } file)
                    continue;
                _files.Add(file);
                list.Add((name, file.Length));
            }
            _layout = new SnapshotLayout(list, manifest.Encode());
            _head = _layout.Encode();
            Length = _head.Length;
            foreach ((_, long length) in list)
            {
                _starts.Add(Length);
                Length += SnapshotLayout.FramedLength(length);
            }
            Checksum = Storage.Files.Checksum.Crc32C(_head);
            isOpen = true;
        }
        finally
        {
            if (!isOpen)
                Dispose();
        }
    }

    public LogPosition Position { get; }

    public long Length { get; }

    /// <summary>Of the head: the files' bytes have their own.</summary>
    public uint Checksum { get; }

    public static EngineSnapshot Open(SegmentFiles segments, Checkpointer checkpoints) =>
        checkpoints.WithWritten(manifest => new EngineSnapshot(segments, manifest));

    public ReadOnlyMemory<byte> Read(long offset, int lengthMax)
    {
        if (offset < _head.Length)
            return _head.AsMemory((int)offset, (int)Math.Min(lengthMax, _head.Length - offset));
        int number = _starts.FindLastIndex(start => start <= offset); // of files that are empty, the one behind them
        long within = offset - _starts[number], frame = within / (SnapshotLayout.FrameBytes + SnapshotLayout.ChecksumBytes);
        long at = frame * SnapshotLayout.FrameBytes;
        byte[] bytes = new byte[(int)Math.Min(SnapshotLayout.FrameBytes, _layout.Files[number].Length - at) + SnapshotLayout.ChecksumBytes];
        Span<byte> content = bytes.AsSpan(0, bytes.Length - SnapshotLayout.ChecksumBytes);
        _files[number].ReadExactly(at, content);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(content.Length), Storage.Files.Checksum.Crc32C(content));
        int start = (int)(within - (frame * (SnapshotLayout.FrameBytes + SnapshotLayout.ChecksumBytes)));
        return bytes.AsMemory(start, Math.Min(lengthMax, bytes.Length - start));
    }

    public void Dispose()
    {
        foreach (IFile file in _files)
            file.Dispose();
    }

    /// <remarks>Files that still come by the log may be missing: who was to name them has given up. So may indexes that were just dropped.</remarks>
    private static IFile? TryOpen(SegmentFiles segments, string name)
    {
        try
        {
            return segments.Files.Open(Path.Combine(segments.Directory, name), FileOpening.Read);
        }
        catch (FileFaultException fault) when (fault.Fault == FileFault.NotFound)
        {
            return null;
        }
    }

    private static List<string> NamesOf(SegmentFiles segments, Manifest manifest)
    {
        List<string> names = [];
        HashSet<string> starts = [];
        foreach (ManifestSegment segment in manifest.Tables.SelectMany(static table => table.Segments))
        {
            names.Add(segment.Info.Id.ArrowName);
            names.Add(segment.Info.Id.SidecarName);
            if (segment.DeleteFile != 0)
                names.Add(DeleteFile.NameOf(segment.DeleteFile));
            starts.Add(segment.Info.Id.ToString());
        }
        foreach (string name in segments.Files.ListFiles(segments.Directory))
        {
            if (SegmentIndexFile.IsFinished(name) && starts.Contains(name[..16]))
                names.Add(name);
        }
        foreach (long prepared in manifest.Prepared)
        {
            names.Add(PreparedFile.NameOf(prepared));
            IEnumerable<SegmentInfo> named = new ReplayedRecord(Prepare: PreparedFile.Read(segments.Files, segments.Directory, prepared).Record).Segments;
            names.AddRange(named.SelectMany(static segment => (string[])[segment.Id.ArrowName, segment.Id.SidecarName]));
        }
        names.AddRange(manifest.Arriving.SelectMany(static file => (string[])[file.Segment.ArrowName, file.Segment.SidecarName]));
        return names;
    }
}
