using System.Buffers.Binary;
using VecSQL.Storage.Files;

namespace VecSQL.Storage.Segments;

/// <summary>A mapped sidecar: its head is checked when it is opened, its sections block by block when they are
/// touched.</summary>
/// <remarks>Layout: see <see cref="SidecarFormat"/>. Threads: any.</remarks>
internal sealed class SidecarFile
{
    private readonly Dictionary<(SidecarSectionKind, uint), SidecarSection> _sections = [];

    /// <exception cref="CorruptFileException">Magic, version, a length or a checksum is not what it must
    /// be.</exception>
    internal SidecarFile(MappedFile file, ushort fileKind = SidecarFormat.SegmentKind)
    {
        if (file.Length < SidecarFormat.HeadBytes || !file.Span(0, 4).SequenceEqual(SidecarFormat.Magic))
            throw new CorruptFileException(file.Path, 0, "it is not a VecSQL sidecar");
        ReadOnlySpan<byte> head = file.Span(0, SidecarFormat.HeadBytes);
        ushort version = BinaryPrimitives.ReadUInt16LittleEndian(head[4..]);
        if (version != SidecarFormat.Version)
            throw new CorruptFileException(
                file.Path, 4, $"version {version}, this build reads {SidecarFormat.Version}");
        int count = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        int headBytes = SidecarFormat.HeadBytes + (count * SidecarFormat.SectionBytes);
        if (count is < 0 or > SidecarFormat.SectionsMax || headBytes + sizeof(uint) > file.Length)
            throw new CorruptFileException(file.Path, 8, $"{count} sections are impossible");
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(file.Span(headBytes, sizeof(uint)));
        uint actual = Checksum.Crc32C(file.Span(0, headBytes));
        if (stored != actual)
            throw new CorruptFileException(
                file.Path, headBytes, $"checksum of the head is {actual:x8}, the file says {stored:x8}");
        if (BinaryPrimitives.ReadUInt16LittleEndian(head[6..]) != fileKind)
            throw new CorruptFileException(file.Path, 6, "it is a sidecar of another kind");
        long length = BinaryPrimitives.ReadInt64LittleEndian(head[24..]);
        if (length != file.Length)
            throw new CorruptFileException(file.Path, 24, $"it has {file.Length} bytes and should have {length}");
        ArrowBytes = BinaryPrimitives.ReadInt64LittleEndian(head[16..]);
        for (int i = 0; i < count; i++)
        {
            int at = SidecarFormat.HeadBytes + (i * SidecarFormat.SectionBytes);
            ReadOnlySpan<byte> entry = file.Span(at, SidecarFormat.SectionBytes);
            SidecarSectionKind kind = (SidecarSectionKind)BinaryPrimitives.ReadInt32LittleEndian(entry);
            uint argument = BinaryPrimitives.ReadUInt32LittleEndian(entry[4..]);
            _sections[(kind, argument)] = SidecarSection.Open(file, entry, at);
        }
    }

    internal long ArrowBytes { get; }

    /// <summary>A section; null where the sidecar has none such.</summary>
    internal SidecarSection? Find(SidecarSectionKind kind, uint argument = 0) =>
        _sections.GetValueOrDefault((kind, argument));
}
