using VecSQL.Columnar.Columns;
using VecSQL.Storage.Segments;
using VecSQL.Text.Inverted;

namespace VecSQL.Storage.Indexes;

/// <summary>Makes the inverted indexes of a segment's texts, one column after the other.</summary>
/// <remarks>Threads: one builds; any may ask how far it is.</remarks>
internal sealed class TextIndexBuilder(SegmentReader segment, TextIndexDefinition definition)
{
    private long _rowsDone;

    public bool IsWriting { get; private set; }

    /// <summary>Rows that are done; where there are several columns, on average.</summary>
    public long RowsDone => Interlocked.Read(ref _rowsDone) / definition.Columns.Length;

    public IReadOnlyList<IReadOnlyList<(InvertedIndexPart Part, ReadOnlyMemory<byte> Content)>> Build(CancellationToken cancellation)
    {
        List<IReadOnlyList<(InvertedIndexPart Part, ReadOnlyMemory<byte> Content)>> images = [];
        foreach (short column in definition.Columns)
        {
            InvertedIndexBuilder builder = new(definition.Analyzer);
            for (int batch = 0; batch < segment.BatchCount; batch++)
            {
                cancellation.ThrowIfCancellationRequested();
                var texts = (BinaryColumn)segment.ReadColumn(batch, column).Expand();
                for (int row = 0; row < texts.Length; row++)
                    builder.Add(texts.IsNull(row) ? default : texts[row]);
                Interlocked.Add(ref _rowsDone, texts.Length);
            }
            images.Add(builder.Build());
        }
        IsWriting = true;
        return images;
    }
}
