using System.Globalization;
using System.Text;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Jobs;

/// <summary>Puts jobs where the controller finds them.</summary>
public static class JobQueue
{
    /// <summary>Of one transaction: a store takes no more keys at once.</summary>
    public const int JobsMax = 50;

    /// <summary>Gives jobs their numbers, and puts them down.</summary>
    /// <param name="office">Holds while whoever adds them may; null where anybody may.</param>
    /// <returns>Null where others were added at the same time: nothing was done.</returns>
    public static async ValueTask<IReadOnlyList<JobRecord>?> TryAddAsync(
        IMetadataStore metadata, MetadataCompare? office, IReadOnlyList<JobRecord> jobs, CancellationToken cancellation)
    {
        MetadataRange range = await metadata.ReadAsync(JobRecord.LastKey, cancellation);
        MetadataEntry? entry = range.Entries.FirstOrDefault(static entry => entry.Key == JobRecord.LastKey);
        long last = entry is null ? 0 : long.Parse(Encoding.ASCII.GetString(entry.Value.Span), CultureInfo.InvariantCulture);
        List<JobRecord> added = [.. jobs.Take(JobsMax).Select(job => job with { Id = ++last })];
        List<MetadataCompare> compares = [new MetadataCompare(JobRecord.LastKey, entry?.Modified ?? 0)];
        if (office is { } holds)
            compares.Add(holds);
        MetadataOutcome outcome = await metadata.CommitAsync(new MetadataTransaction
        {
            Compares = compares,
            Puts =
            [
                new MetadataPut(JobRecord.LastKey, Encoding.ASCII.GetBytes(last.ToString(CultureInfo.InvariantCulture))),
                .. added.Select(static job => new MetadataPut(JobRecord.KeyOf(job.Id), job.Encode())),
            ],
        }, cancellation);
        return outcome.IsDone ? added : null;
    }
}
