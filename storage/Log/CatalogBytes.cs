using System.Text.Json;
using System.Text.Json.Serialization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;

namespace VecSQL.Storage.Log;

/// <summary>Catalog changes as bytes: a byte for the kind, then JSON.</summary>
internal static class CatalogBytes
{
    private const byte Reserve = 0, Drop = 1, PutSchema = 2, PutTable = 3, PutSequence = 4;

    private static readonly JsonSerializerOptions Options = new()
    {
        IgnoreReadOnlyProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    public static byte[] Encode(CatalogChange change) => change switch
    {
        ReserveOids reserve => [Reserve, .. JsonSerializer.SerializeToUtf8Bytes(reserve.NextOid)],
        DropObject drop => [Drop, .. JsonSerializer.SerializeToUtf8Bytes(drop.Oid)],
        PutObject { Object: SchemaEntry schema } =>
            [PutSchema, .. JsonSerializer.SerializeToUtf8Bytes(schema, Options)],
        PutObject { Object: TableEntry table } => [PutTable, .. JsonSerializer.SerializeToUtf8Bytes(table, Options)],
        PutObject { Object: SequenceEntry sequence } =>
            [PutSequence, .. JsonSerializer.SerializeToUtf8Bytes(sequence, Options)],
        _ => throw new ArgumentException($"unknown change {change}", nameof(change)),
    };

    /// <exception cref="InvalidDataException">The bytes are no change.</exception>
    public static CatalogChange Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            throw new InvalidDataException("an empty catalog change");
        ReadOnlySpan<byte> json = bytes[1..];
        try
        {
            return bytes[0] switch
            {
                Reserve => new ReserveOids(JsonSerializer.Deserialize<uint>(json)),
                Drop => new DropObject(JsonSerializer.Deserialize<uint>(json)),
                PutSchema => new PutObject(Object<SchemaEntry>(json)),
                PutTable => new PutObject(Object<TableEntry>(json)),
                PutSequence => new PutObject(Object<SequenceEntry>(json)),
                _ => throw new InvalidDataException($"catalog change of kind {bytes[0]}"),
            };
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException(cause.Message, cause);
        }
    }

    private static T Object<T>(ReadOnlySpan<byte> json) where T : CatalogObject =>
        JsonSerializer.Deserialize<T>(json, Options) ?? throw new InvalidDataException("an empty catalog object");
}
