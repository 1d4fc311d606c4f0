using System.Globalization;
using VecSQL.Storage.Files;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Log;
using VecSQL.Storage.Segments;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Compaction;

/// <summary>The files of all segments in a data directory: their numbers, and which are still wanted.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class SegmentFiles(
    IFileSystem files, string directory, ColumnCache cache, VectorCodeBudget codes, FileNumbers numbers)
{

    public string Directory => directory;

    /// <summary>Threads that build one index.</summary>
    public int BuildThreads { get; init; } = Environment.ProcessorCount;

    public IFileSystem Files => files;

    /// <summary>What coded vectors of all segments may take.</summary>
    public VectorCodeBudget CodeBudget => codes;

    /// <summary>File numbers from here on were never given out by this node.</summary>
    public long NextNumber => numbers.Next;

    /// <summary>Numbers below this were given out, if they are of this node.</summary>
    public void RaiseNextNumber(long next) => numbers.Raise(next);

    /// <summary>Begins in a directory that may have been lost.</summary>
    public void BeginNumbersAnew(DateTimeOffset now) => numbers.BeginAnew(now);

    public long TakeNumber() => numbers.Take();

    public SegmentWriter Begin(SegmentSchema schema) => new(files, directory, new SegmentId(TakeNumber()), schema);

    public SegmentSlot Open(SegmentInfo info, DeleteMap? deletes = null) =>
        new(SegmentReader.Open(files, directory, info, cache), info, deletes ?? new DeleteMap(info.RowCount), codes);

    /// <summary>Whether the segment's files are there.</summary>
    public bool Has(SegmentId segment) =>
        files.FileExists(Path.Combine(directory, segment.ArrowName)) && files.FileExists(Path.Combine(directory, segment.SidecarName));

    /// <summary>Deletes a segment's files; readers that have it open go on.</summary>
    public void Delete(SegmentId segment)
    {
        TryDelete(segment.ArrowName);
        TryDelete(segment.SidecarName);
        DeleteIndexesOf(segment);
        cache.Forget(segment);
    }

    /// <summary>Deletes a segment's indexes.</summary>
    public void DeleteIndexesOf(SegmentId segment) =>
        DeleteIndexes(name => name.StartsWith($"{segment}.", StringComparison.Ordinal));

    /// <summary>Deletes one index's file over a segment.</summary>
    public void DeleteIndex(SegmentId segment, SegmentIndexDefinition index) =>
        TryDelete(SegmentIndexFile.NameOf(segment, index.Oid, index.Extension));

    /// <summary>Deletes the files of indexes, finished or not, whose names are not wanted.</summary>
    public void DeleteIndexes(Predicate<string> isUnwanted)
    {
        foreach (string name in files.ListFiles(directory))
        {
            if (SegmentIndexFile.IsName(name) && isUnwanted(name))
                TryDelete(name);
        }
    }

    public void DeletePrepared(long number) => TryDelete(PreparedFile.NameOf(number));

    public void DeleteDeletions(long number)
    {
        if (number != 0)
            TryDelete(DeleteFile.NameOf(number));
    }

    /// <summary>Deletes what a crash has left: files that nothing names.</summary>
    /// <param name="wanted">Segments of tables.</param>
    /// <param name="retired">Segments of no table any more that the log names.</param>
    /// <param name="manifest">What the next start begins with, until another takes its place: it must find all of it, also of
    /// tables that the log after it drops.</param>
    public void DeleteUnnamed(
        IEnumerable<SegmentSlot> wanted, IEnumerable<SegmentId> retired, Manifest manifest)
    {
        HashSet<string> names = [];
        foreach (SegmentId segment in retired)
        {
            names.Add(segment.ArrowName);
            names.Add(segment.SidecarName);
        }
        foreach (long prepared in manifest.Prepared)
            names.Add(PreparedFile.NameOf(prepared));
        foreach ((SegmentId arriving, _) in manifest.Arriving)
        {
            names.Add(arriving.ArrowName);
            names.Add(arriving.SidecarName);
        }
        foreach (ManifestTable table in manifest.Tables)
        {
            foreach (ManifestSegment segment in table.Segments)
            {
                names.Add(segment.Info.Id.ArrowName);
                names.Add(segment.Info.Id.SidecarName);
                names.Add(DeleteFile.NameOf(segment.DeleteFile));
            }
        }
        foreach (SegmentSlot segment in wanted)
        {
            names.Add(segment.Info.Id.ArrowName);
            names.Add(segment.Info.Id.SidecarName);
            names.Add(DeleteFile.NameOf(segment.WrittenDeletes.File));
        }
        foreach (string name in files.ListFiles(directory))
        {
            if (long.TryParse(name.AsSpan(0, Math.Min(16, name.Length)), NumberStyles.HexNumber, null, out long number))
                RaiseNextNumber(number + 1);
            bool isIndex = SegmentIndexFile.IsFinished(name)
                && names.Contains(new SegmentId(number).ArrowName); // whether the index still exists is seen later
            if (!isIndex && !names.Contains(name))
                TryDelete(name);
        }
    }

    /// <remarks>A file that cannot be deleted now (another process maps it) is deleted at the next start.</remarks>
    private void TryDelete(string name)
    {
        try
        {
            files.Delete(Path.Combine(directory, name));
        }
        catch (FileFaultException)
        {
        }
    }
}
