using System.Text;
using VecSQL.Catalog.Metadata;

namespace VecSQL.Cluster.Etcd;

/// <summary>Keys and entries in etcd's form and back.</summary>
internal static class EtcdKeys
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static byte[] Of(string key) => Strict.GetBytes(key);

    /// <summary>All keys with the prefix, as etcd names them: from it up to what follows the last of them.</summary>
    public static EtcdRangeRequest Under(string prefix)
    {
        byte[] key = Of(prefix), end = [.. key];
        int last = end.AsSpan().LastIndexOfAnyExcept((byte)0xFF);
        if (last < 0)
            return new EtcdRangeRequest(key.Length == 0 ? [0] : key, [0]); // no key follows
        end[last]++;
        return new EtcdRangeRequest(key, end[..(last + 1)]);
    }

    /// <exception cref="InvalidDataException">It is nothing that etcd says.</exception>
    public static MetadataEntry Entry(EtcdKeyValue? source)
    {
        if (source is not { Key.Length: > 0, CreateRevision: > 0 } || source.ModRevision < source.CreateRevision)
            throw new InvalidDataException("a key without a name or revision");
        return new MetadataEntry(Text(source.Key), source.Value ?? [], source.CreateRevision, source.ModRevision, new LeaseId(source.Lease));
    }

    /// <exception cref="InvalidDataException">It is nothing that etcd says, or not what was asked for.</exception>
    public static MetadataRange Range(EtcdRangeAnswer? answer, string prefix, long revision)
    {
        MetadataEntry[] entries = [.. (answer?.Kvs ?? []).Select(Entry)];
        for (int i = 0; i < entries.Length; i++)
        {
            bool isInOrder = i == 0 || KeyOrder.Instance.Compare(entries[i - 1].Key, entries[i].Key) < 0;
            if (!isInOrder || !entries[i].Key.StartsWith(prefix, StringComparison.Ordinal) || entries[i].Modified > revision)
                throw new InvalidDataException($"key \"{entries[i].Key}\" is out of place");
        }
        return new MetadataRange(revision, entries);
    }

    /// <exception cref="InvalidDataException">The key is no text.</exception>
    public static string Text(byte[] key)
    {
        try
        {
            return Strict.GetString(key);
        }
        catch (DecoderFallbackException cause)
        {
            throw new InvalidDataException($"key {Convert.ToHexString(key)} is no UTF-8", cause);
        }
    }
}
