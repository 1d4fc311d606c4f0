using System.Text;

namespace VecSQL.Catalog.Metadata;

/// <summary>Puts and deletions that are done together if all comparisons hold.</summary>
/// <remarks>No key is put or deleted twice. Size: see <see cref="Check"/>.</remarks>
public sealed record MetadataTransaction
{
    /// <summary>Comparisons, and puts with deletions, that one may have: what etcd takes unless told otherwise.</summary>
    public const int OperationsMax = 128;

    /// <summary>Bytes of all keys and values: what etcd takes (1.5 MiB), less what writing them as a message adds.</summary>
    public const int BytesMax = 1 << 20;

    public const int KeyBytesMax = 1024;

    public IReadOnlyList<MetadataCompare> Compares { get; init; } = [];

    public IReadOnlyList<MetadataPut> Puts { get; init; } = [];

    public IReadOnlyList<string> Deletes { get; init; } = [];

    /// <summary>Prefixes whose keys are told where a comparison does not hold, as of then.</summary>
    public IReadOnlyList<string> ReadsOnFailure { get; init; } = [];

    /// <summary>Refuses a transaction that some store would not take, before anything is sent.</summary>
    /// <exception cref="MetadataLimitException">More comparisons or changes than <see cref="OperationsMax"/>, more than <see cref="BytesMax"/> in all.</exception>
    /// <exception cref="ArgumentException">A key that is changed twice, or is no text.</exception>
    public void Check()
    {
        AtMost(Compares.Count, "comparisons");
        AtMost(Puts.Count + Deletes.Count, "changes");
        AtMost(ReadsOnFailure.Count, "reads");
        HashSet<string> changed = new(StringComparer.Ordinal);
        long bytes = 0;
        foreach (MetadataPut put in Puts)
            bytes += Changed(changed, put.Key) + put.Value.Length;
        foreach (string key in Deletes)
            bytes += Changed(changed, key);
        foreach (MetadataCompare compare in Compares)
            bytes += KeyBytes(compare.Key);
        foreach (string prefix in ReadsOnFailure)
            bytes += prefix.Length == 0 ? 0 : KeyBytes(prefix);
        if (bytes > BytesMax)
            throw new MetadataLimitException($"a metadata transaction of {bytes} bytes is larger than one may be ({BytesMax})");
    }

    private static void AtMost(int count, string what)
    {
        if (count > OperationsMax)
            throw new MetadataLimitException($"a metadata transaction of {count} {what} has more than one may have ({OperationsMax})");
    }

    private static int Changed(HashSet<string> changed, string key) =>
        changed.Add(key) ? KeyBytes(key) : throw new ArgumentException($"metadata key \"{key}\" is changed twice in a transaction");

    private static int KeyBytes(string key)
    {
        if (key.Length == 0)
            throw new ArgumentException("a metadata key is empty");
        int bytes = Strict.GetByteCount(key);
        return bytes <= KeyBytesMax ? bytes : throw new MetadataLimitException($"a metadata key of {bytes} bytes is longer than one may be ({KeyBytesMax})");
    }

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);
}

/// <summary>Holds while the key is as it was in a revision: last put by it, or 0: not there.</summary>
public readonly record struct MetadataCompare(string Key, long Modified)
{
    public static MetadataCompare IsMissing(string key) => new(key, 0);

    public static MetadataCompare IsUnchanged(MetadataEntry entry) => new(entry.Key, entry.Modified);
}

/// <param name="Lease">The lease that the key goes with; 0 for none.</param>
public readonly record struct MetadataPut(string Key, ReadOnlyMemory<byte> Value, LeaseId Lease = default);

/// <param name="Revision">That the transaction made, or in which a comparison did not hold, or nothing was to be changed.</param>
/// <param name="Found">What was to be read where it did not: one for each prefix.</param>
public sealed record MetadataOutcome(bool IsDone, long Revision, IReadOnlyList<MetadataRange> Found);
