using System.Buffers.Binary;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>Writes a sidecar from its finished sections; see <see cref="SidecarFormat"/>.</summary>
internal sealed class SidecarWriter(ushort fileKind = SidecarFormat.SegmentKind)
{
    private readonly List<(SidecarSectionKind Kind, uint Argument, ReadOnlyMemory<byte> Content)> _sections = [];

    /// <summary>Adds a section; the content must not change until <see cref="Write"/>.</summary>
    internal void Add(SidecarSectionKind kind, uint argument, ReadOnlyMemory<byte> content) =>
        _sections.Add((kind, argument, content));

    /// <summary>Writes the file and flushes it; returns its length.</summary>
    internal long Write(IFileSystem files, string path, long arrowBytes)
    {
        int headBytes = SidecarFormat.HeadBytes + (_sections.Count * SidecarFormat.SectionBytes);
        byte[] head = new byte[headBytes + sizeof(uint)];
        byte[][] lists = new byte[_sections.Count][];
        long[] offsets = new long[_sections.Count];
        long end = head.Length;
        for (int i = 0; i < _sections.Count; i++)
        {
            (SidecarSectionKind kind, uint argument, ReadOnlyMemory<byte> content) = _sections[i];
            lists[i] = ListChecksums(content.Span);
            // An empty section has no place to be aligned: at the end of the file nothing would be written up to there.
            offsets[i] = content.IsEmpty ? end : (end + SidecarFormat.Alignment - 1) & -SidecarFormat.Alignment;
            end = offsets[i] + content.Length + lists[i].Length;
            Span<byte> entry = head.AsSpan(SidecarFormat.HeadBytes + (i * SidecarFormat.SectionBytes));
            BinaryPrimitives.WriteInt32LittleEndian(entry, (int)kind);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], argument);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], offsets[i]);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], content.Length);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[24..], Checksum.Crc32C(lists[i]));
        }
        SidecarFormat.Magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(4), SidecarFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(6), fileKind);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), _sections.Count);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(16), arrowBytes);
        BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(24), end);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(headBytes), Checksum.Crc32C(head.AsSpan(0, headBytes)));

        using IFile file = files.Open(path, FileOpening.Create);
        file.Write(0, head);
        for (int i = 0; i < _sections.Count; i++)
        {
            file.Write(offsets[i], _sections[i].Content.Span);
            file.Write(offsets[i] + _sections[i].Content.Length, lists[i]);
        }
        file.Flush();
        return end;
    }

    private static byte[] ListChecksums(ReadOnlySpan<byte> content)
    {
        int count = (content.Length + SidecarFormat.BlockBytes - 1) / SidecarFormat.BlockBytes;
        byte[] list = new byte[count * sizeof(uint)];
        for (int i = 0; i < count; i++)
        {
            int start = i * SidecarFormat.BlockBytes;
            ReadOnlySpan<byte> block = content.Slice(start, Math.Min(SidecarFormat.BlockBytes, content.Length - start));
            BinaryPrimitives.WriteUInt32LittleEndian(list.AsSpan(i * sizeof(uint)), Checksum.Crc32C(block));
        }
        return list;
    }
}
