using System.Buffers.Binary;
using VecSQL.Storage.Files;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>A copy of another engine on its way in: lies beside what is there until it is whole.</summary>
/// <remarks>
/// Step:   files of segments have the same names everywhere, and the same rows: they are moved to where the others are, and then the manifest replaces the one
///         that is there. Until then the old one holds; from then on files that it alone named go.
/// Memory: a frame.
/// </remarks>
internal sealed class EngineInstall : IMachineInstall
{
    private readonly IFileSystem _files;
    private readonly string _directory;
    private readonly Action<Manifest> _take;
    private readonly MemoryStream _waiting = new(); // bytes of what is not whole yet
    private SnapshotLayout? _layout;
    private uint _headChecksum;
    private IFile? _file;
    private int _number = -1; // of the file
    private long _at;
    private bool _isDamaged;

    /// <param name="directory">Where the copy lies meanwhile; made anew.</param>
    /// <param name="take">Moves the files to their place, and replaces the manifest.</param>
    public EngineInstall(IFileSystem files, string directory, Action<Manifest> take)
    {
        _files = files;
        _directory = directory;
        _take = take;
        files.DeleteDirectory(directory);
        files.CreateDirectory(directory);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_isDamaged)
        {
            long wanted = Wanted();
            int taken = (int)Math.Min(wanted - _waiting.Length, bytes.Length);
            _waiting.Write(bytes[..taken]);
            bytes = bytes[taken..];
            if (_waiting.Length == Wanted())
                TakeWhole();
        }
    }

    public bool Complete(uint checksum)
    {
        if (_isDamaged || _layout is not { } layout || _number < layout.Files.Count || _headChecksum != checksum)
            return false;
        Manifest manifest;
        try
        {
            manifest = Manifest.Decode(Path.Combine(_directory, Manifest.FileName), layout.Manifest);
        }
        catch (InvalidDataException)
        {
            return false;
        }
        _take(manifest);
        return true;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        _files.DeleteDirectory(_directory);
    }

    /// <summary>Bytes of the next whole thing.</summary>
    private long Wanted()
    {
        if (_layout is { } layout)
            return _number < layout.Files.Count ? FrameBytes(layout) + SnapshotLayout.ChecksumBytes : long.MaxValue;
        if (_waiting.Length < SnapshotLayout.HeadBytes)
            return SnapshotLayout.HeadBytes;
        return Math.Max(SnapshotLayout.HeadBytes, SnapshotLayout.LengthByHead(_waiting.GetBuffer().AsSpan(0, SnapshotLayout.HeadBytes)));
    }

    private long FrameBytes(SnapshotLayout layout) => Math.Min(SnapshotLayout.FrameBytes, layout.Files[_number].Length - _at);

    private void TakeWhole()
    {
        ReadOnlySpan<byte> bytes = _waiting.GetBuffer().AsSpan(0, (int)_waiting.Length);
        try
        {
            if (_layout is null)
                TakeHead(bytes);
            else
                TakeFrame(bytes);
        }
        catch (InvalidDataException)
        {
            _isDamaged = true;
        }
    }

    private void TakeHead(ReadOnlySpan<byte> bytes)
    {
        long length = SnapshotLayout.LengthByHead(bytes);
        if (length == 0)
            throw new InvalidDataException("the head is none");
        if (bytes.Length < length)
            return;
        _layout = SnapshotLayout.Decode(bytes);
        _headChecksum = Checksum.Crc32C(bytes);
        _waiting.SetLength(0);
        Next();
    }

    private void TakeFrame(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> content = bytes[..^SnapshotLayout.ChecksumBytes];
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[content.Length..]) != Checksum.Crc32C(content) || _file is null || _layout is null)
            throw new InvalidDataException("the checksum of a frame is wrong");
        _file.Write(_at, content);
        _at += content.Length;
        _waiting.SetLength(0);
        if (_at < _layout.Files[_number].Length)
            return;
        _file.Flush();
        Next();
    }

    /// <summary>Begins the next file that has bytes.</summary>
    private void Next()
    {
        _file?.Dispose();
        _file = null;
        _at = 0;
        while (_layout is { } layout && ++_number < layout.Files.Count)
        {
            (string name, long length) = layout.Files[_number];
            IFile file = _files.Open(Path.Combine(_directory, name), FileOpening.Replace);
            if (length > 0)
            {
                _file = file;
                return;
            }
            file.Dispose();
        }
    }
}
