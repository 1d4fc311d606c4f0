namespace VecSQL.Storage.Segments;

/// <summary>What lies where in a sidecar: a file of ours beside a segment's Arrow file. Integers are
/// little-endian.</summary>
/// <remarks><code>
/// head            offset  size  field
///                      0     4  magic "VSQL"
///                      4     2  version, now 1
///                      6     2  kind of sidecar: 1 for a segment's, 2 for a vector index's over a segment,
///                        3 for a full-text index's, 4 for a sparse vector index's,
///                        5 for an index's over arrays of vectors
///                      8     4  count of sections
///                     12     4  0
///                     16     8  length of the Arrow file
///                     24     8  length of this file
///                     32    32  for each section: kind (4), argument (4), offset (8), length (8),
///                               crc32c of its list (4), 0 (4)
///                      …     4  crc32c of all before
///
/// section         at a multiple of 64: its bytes; then its list: a crc32c (4) for every 64 KiB of them, the last
///                 block being shorter
///
/// Schema          table oid (4), rows per batch (4), row count (4), 1 if commit timestamps are stored (4), end of
///   (kind 1)      the last batch in the Arrow file (8), crc32c of that file's bytes before the first batch (4) and
///                 after the last (4), least and greatest row id (8 + 8) and commit timestamp (8 + 8), count of
///                 columns (4), count of keys (4);
///                 for each column: number (2), physical type (2), type oid (4), type modifier (4), name (length 4,
///                 UTF-8);
///                 for each key: index oid (4), 1 if nulls are not distinct (2), count of columns (2), their
///                 numbers (2 each)
/// Batches         for each batch: least and greatest row id (8 + 8), least and greatest commit timestamp (8 + 8),
///   (kind 2)      offset of its message (8), length of its metadata (4), crc32c of that (4), length of its body (8);
///                 then for each Arrow column: offset in the body (8), length (4), crc32c (4)
/// Zones           for each batch, for each table column: null count (4), 1 if there are bounds (4), least and
///   (kind 3)      greatest key (8 + 8)
/// Key table       argument: index oid. Count of slots (4), of entries (4); for each slot: upper half of the key's
///   (kind 4)      hash (4), position + 1, or 0 where it is free (4). An entry is at its hash's share of the slots,
///                 or in the next free one.
/// Key filter      argument: index oid. Blocks of 32 bytes: eight words, in each of which a key sets one bit.
///   (kind 5)
/// Block checksums argument: number of a column whose values are used in place. For each batch a crc32c (4) for every
///   (kind 12)     4 KiB of the Arrow file that its bytes lie in, the first and the last block being shorter; older
///                 segments have none
/// Vector index    segment number (8), its row count (4), index oid (4), metric (4), dimensions (4), indexed rows (4),
///   (kind 6)      cells (4), seed (8)
/// Vector part     argument: the part, as VecSQL.Vectors.Cells.CellIndexPart numbers and lays them out
///   (kind 7)
/// Vector keys     argument: the column; laid out by VecSQL.Vectors.Cells.CellKeys. Indexes of no INCLUDE columns, and older
///   (kind 14)     ones, have none
/// Text index      segment number (8), its row count (4), index oid (4), analyzer (4): 0 simple, 1 english; columns (4)
///   (kind 8)
/// Text part       argument: column of the index · 256 + the part, as VecSQL.Text.Inverted.InvertedIndexPart numbers and
///   (kind 9)      lays them out
/// Sparse index    segment number (8), its row count (4), index oid (4), metric (4), dimensions (4), blocks (4), 0 (4)
///   (kind 10)
/// Sparse block    argument: the block's number, of 4,096 rows each; laid out by VecSQL.Vectors.Sparse.SparseBlock
///   (kind 11)
/// MaxSim efforts  neighbours (4), cells (4), recall as float32 (4), candidates (4), ascending by the first three
///   (kind 13)
/// </code></remarks>
internal static class SidecarFormat
{
    internal const ushort Version = 1, SegmentKind = 1, VectorIndexKind = 2, TextIndexKind = 3, SparseIndexKind = 4, MaxSimIndexKind = 5;
    internal const int HeadBytes = 32, SectionBytes = 32, Alignment = 64, BlockBytes = 1 << 16;
    internal const int SectionsMax = 4096;

    /// <summary>So much is read and verified where one vector is wanted: a page, whatever pages the machine has.</summary>
    internal const int ColumnBlockBytes = 1 << 12;

    internal const int BatchFixedBytes = 56, BatchColumnBytes = 16, ZoneBytes = 24, KeyHeadBytes = 8, SlotBytes = 8;

    /// <summary>The number of a block among those of a column's bytes, which begin at <paramref name="start"/> in the file.</summary>
    internal static int BlockOf(long start, long offset) => (int)((offset / ColumnBlockBytes) - (start / ColumnBlockBytes));

    /// <summary>How many blocks bytes lie in.</summary>
    internal static int BlockCount(long start, int length) => length == 0 ? 0 : BlockOf(start, start + length - 1) + 1;

    /// <summary>Which of a column's bytes a block has.</summary>
    internal static (int First, int Length) BytesOf(long start, int length, int block)
    {
        long first = ((start / ColumnBlockBytes) + block) * ColumnBlockBytes;
        int begin = (int)(Math.Max(start, first) - start);
        return (begin, Math.Min(length, (int)(first + ColumnBlockBytes - start)) - begin);
    }

    internal static ReadOnlySpan<byte> Magic => "VSQL"u8;
}

internal enum SidecarSectionKind
{
    Schema = 1,
    Batches = 2,
    Zones = 3,
    KeyTable = 4,
    KeyFilter = 5,
    VectorIndex = 6,
    VectorIndexPart = 7,
    TextIndex = 8,
    TextIndexPart = 9,
    SparseIndex = 10,
    SparseIndexBlock = 11,

    /// <summary>After the numbers of the kinds of index that came before it.</summary>
    BlockChecksums = 12,
    MaxSimEfforts = 13,

    VectorIndexKeys = 14,
}
