using System.Globalization;
using Google.Protobuf;
using VecSQL.Catalog.Metadata;
using VecSQL.Catalog.Snapshots;
using VecSQL.Cluster.Protocol;

namespace VecSQL.Cluster.Catalog;

/// <summary>The keys that the catalog is in, and their values.</summary>
/// <remarks>
/// <code>
/// catalog/head                       the newest version, 16 hex digits: each transaction compares and puts it
/// catalog/log/{version}              a CatalogLogRecord, made once
/// catalog/base/{version}/{number}    parts of a whole catalog, so that the log up to it can go
/// catalog/parts/{name}/{number}      parts of a record that is too large for one value
/// catalog/decisions/{global id}      a transaction whose shards have prepared it: committed with its definitions, or given up
/// oids                               object ids below it have been given to nodes
/// </code>
/// </remarks>
internal static class CatalogKeys
{
    public const string Prefix = "catalog/", Head = "catalog/head", Oids = "oids", Log = "catalog/log/", Base = "catalog/base/", Parts = "catalog/parts/",
        Decisions = "catalog/decisions/";

    /// <summary>Bytes of a part: a few of them with their keys are within what a store takes at once.</summary>
    public const int PartBytes = 256 << 10;

    public static string LogOf(long version) => Log + Text(version);

    public static string BaseOf(long version, int number) => $"{Base}{Text(version)}/{number:x4}";

    public static string PartOf(string name, int number) => $"{Parts}{name}/{number:x4}";

    public static string DecisionOf(string globalId) => Decisions + globalId;

    public static string Text(long version) => version.ToString("x16", CultureInfo.InvariantCulture);

    /// <exception cref="InvalidDataException">The text is no version.</exception>
    public static long Version(ReadOnlySpan<char> text) =>
        text.Length == 16 && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long version) && version > 0
            ? version : throw new InvalidDataException($"a catalog's key has version \"{text}\"");

    /// <summary>Bytes as the values of part keys.</summary>
    public static byte[][] Cut(ReadOnlyMemory<byte> bytes)
    {
        int count = Math.Max(1, (bytes.Length + PartBytes - 1) / PartBytes);
        byte[][] parts = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            ReadOnlyMemory<byte> data = bytes.Slice(i * PartBytes, Math.Min(PartBytes, bytes.Length - i * PartBytes));
            parts[i] = new CatalogPart { Count = count, Data = UnsafeByteOperations.UnsafeWrap(data) }.ToByteArray();
        }
        return parts;
    }

    /// <summary>What parts are of; null while some are missing.</summary>
    /// <param name="prefix">Of their keys.</param>
    /// <exception cref="InvalidDataException">They do not fit together.</exception>
    public static byte[]? Join(IEnumerable<MetadataEntry> parts, string prefix)
    {
        using MemoryStream all = new();
        int number = 0, count = 0;
        foreach (MetadataEntry entry in parts)
        {
            CatalogPart part = Read(CatalogPart.Parser, entry);
            if (entry.Key != $"{prefix}{number:x4}")
                return null; // one before it is missing
            all.Write(part.Data.Span);
            (number, count) = (number + 1, part.Count);
        }
        return number > 0 && number == count ? all.ToArray() : null;
    }

    /// <summary>The changes that a record has.</summary>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public static CatalogChange[] ChangesOf(CatalogLogRecord record) => [.. record.Changes.Select(static change => CatalogCodec.Decode(change.Span))];

    /// <exception cref="InvalidDataException">The value is no such record.</exception>
    public static T Read<T>(MessageParser<T> parser, MetadataEntry entry) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(entry.Value.Span);
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new InvalidDataException($"metadata key {entry.Key} cannot be read: {damage.Message}", damage);
        }
    }
}
