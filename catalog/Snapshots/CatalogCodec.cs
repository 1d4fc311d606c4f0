using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;

namespace VecSQL.Catalog.Snapshots;

/// <summary>Catalog changes and whole snapshots as bytes, for the log and for checkpoints.</summary>
/// <remarks>
/// Layout of a change: version, now 8 (one byte); kind (one byte); JSON of the object, of the dropped object id, or of
/// the next id. Layout of a snapshot, integers little-endian: version (one byte); the snapshot's version int64; next
/// object id uint32; then per
/// object the length int32 of its change and the change that puts it.
/// Older versions are read too. Version 7 had no shards but by hash, version 6 none, version 5 no models. Version 4 had another id for the first database.
/// Version 3 had no types and functions, versions 1 and 2 no databases, version 1 no roles: such catalogs have those that
/// all begin with.
/// Fields that a build does not know are refused rather than lost; fields that bytes lack have their defaults.
/// </remarks>
public static class CatalogCodec
{
    private const byte FormatVersion = 8, FirstVersion = 1, RenumberedVersion = 5;
    private const uint EarlierFirstDatabase = 13600;
    private const byte Reserve = 0, Drop = 1, PutSchema = 2, PutTable = 3, PutSequence = 4, PutRole = 5, PutDatabase = 6, PutEnum = 7, PutFunction = 8, PutModel = 9,
        PutShardGroup = 10;
    private const int SnapshotHeaderBytes = 1 + sizeof(long) + sizeof(uint);

    public static byte[] Encode(CatalogChange change)
    {
        (byte kind, byte[] json) = change switch
        {
            ReserveOids reserve => (Reserve, JsonSerializer.SerializeToUtf8Bytes(reserve.NextOid,
                CatalogJson.Default.UInt32)),
            DropObject drop => (Drop, JsonSerializer.SerializeToUtf8Bytes(drop.Oid, CatalogJson.Default.UInt32)),
            PutObject { Object: SchemaEntry schema } =>
                (PutSchema, JsonSerializer.SerializeToUtf8Bytes(schema, CatalogJson.Default.SchemaEntry)),
            PutObject { Object: TableEntry table } =>
                (PutTable, JsonSerializer.SerializeToUtf8Bytes(table, CatalogJson.Default.TableEntry)),
            PutObject { Object: SequenceEntry sequence } =>
                (PutSequence, JsonSerializer.SerializeToUtf8Bytes(sequence, CatalogJson.Default.SequenceEntry)),
            PutObject { Object: RoleEntry role } =>
                (PutRole, JsonSerializer.SerializeToUtf8Bytes(role, CatalogJson.Default.RoleEntry)),
            PutObject { Object: DatabaseEntry database } =>
                (PutDatabase, JsonSerializer.SerializeToUtf8Bytes(database, CatalogJson.Default.DatabaseEntry)),
            PutObject { Object: EnumTypeEntry type } =>
                (PutEnum, JsonSerializer.SerializeToUtf8Bytes(type, CatalogJson.Default.EnumTypeEntry)),
            PutObject { Object: FunctionDefinition function } =>
                (PutFunction, JsonSerializer.SerializeToUtf8Bytes(function, CatalogJson.Default.FunctionDefinition)),
            PutObject { Object: ModelEntry model } =>
                (PutModel, JsonSerializer.SerializeToUtf8Bytes(model, CatalogJson.Default.ModelEntry)),
            PutObject { Object: ShardGroupEntry group } =>
                (PutShardGroup, JsonSerializer.SerializeToUtf8Bytes(group, CatalogJson.Default.ShardGroupEntry)),
            _ => throw new ArgumentException($"unknown change {change}", nameof(change)),
        };
        return [FormatVersion, kind, .. json];
    }

    /// <exception cref="InvalidDataException">
    /// The bytes are no change, or of a version that this build does not read.
    /// </exception>
    public static CatalogChange Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2)
            throw new InvalidDataException("a catalog change of less than two bytes");
        CheckVersion(bytes[0]);
        ReadOnlySpan<byte> json = bytes[2..];
        try
        {
            CatalogChange change = bytes[1] switch
            {
                Reserve => new ReserveOids(JsonSerializer.Deserialize(json, CatalogJson.Default.UInt32)),
                Drop => new DropObject(JsonSerializer.Deserialize(json, CatalogJson.Default.UInt32)),
                PutSchema => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.SchemaEntry)),
                PutTable => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.TableEntry)),
                PutSequence => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.SequenceEntry)),
                PutRole => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.RoleEntry)),
                PutDatabase => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.DatabaseEntry)),
                PutEnum => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.EnumTypeEntry)),
                PutFunction => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.FunctionDefinition)),
                PutModel => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.ModelEntry)),
                PutShardGroup => Put(JsonSerializer.Deserialize(json, CatalogJson.Default.ShardGroupEntry)),
                _ => throw new InvalidDataException($"a catalog change of unknown kind {bytes[1]}"),
            };
            return bytes[0] < RenumberedVersion ? Renumbered(change) : change;
        }
        catch (JsonException cause)
        {
            throw new InvalidDataException($"a damaged catalog change: {cause.Message}", cause);
        }
    }

    private static CatalogChange Renumbered(CatalogChange change) => change switch
    {
        DropObject { Oid: EarlierFirstDatabase } => new DropObject(DatabaseEntry.FirstOid),
        PutObject { Object: DatabaseEntry { Oid: EarlierFirstDatabase } database } => new PutObject(database with { Oid = DatabaseEntry.FirstOid }),
        PutObject { Object: SchemaEntry { DatabaseOid: EarlierFirstDatabase } schema } =>
            new PutObject(schema with { DatabaseOid = DatabaseEntry.FirstOid }),
        _ => change,
    };

    public static byte[] EncodeSnapshot(CatalogSnapshot snapshot)
    {
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[SnapshotHeaderBytes], length = stackalloc byte[sizeof(int)];
        header[0] = FormatVersion;
        BinaryPrimitives.WriteInt64LittleEndian(header[1..], snapshot.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header[(1 + sizeof(long))..], snapshot.NextOid);
        stream.Write(header);
        foreach (CatalogObject item in snapshot.Objects.OrderBy(item => item.Oid)) // equal catalogs have equal bytes
        {
            byte[] change = Encode(new PutObject(item));
            BinaryPrimitives.WriteInt32LittleEndian(length, change.Length);
            stream.Write(length);
            stream.Write(change);
        }
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">
    /// The bytes are no snapshot, or of a version that this build does not read.
    /// </exception>
    public static CatalogSnapshot DecodeSnapshot(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < SnapshotHeaderBytes)
            throw new InvalidDataException("a catalog snapshot without its head");
        CheckVersion(bytes[0]);
        long version = BinaryPrimitives.ReadInt64LittleEndian(bytes[1..]);
        uint nextOid = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(1 + sizeof(long))..]);
        var objects = new List<CatalogObject>();
        ReadOnlySpan<byte> rest = bytes[SnapshotHeaderBytes..];
        while (!rest.IsEmpty)
        {
            int length = rest.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32LittleEndian(rest);
            if (length < 0 || length > rest.Length - sizeof(int))
                throw new InvalidDataException("a catalog snapshot that ends within an object");
            if (Decode(rest.Slice(sizeof(int), length)) is not PutObject put)
                throw new InvalidDataException("a catalog snapshot that does more than hold objects");
            objects.Add(put.Object);
            rest = rest[(sizeof(int) + length)..];
        }
        return Restore(objects, nextOid).WithVersion(version);
    }

    /// <summary>The catalog of just these objects, with what every catalog has that is as old as they are.</summary>
    public static CatalogSnapshot Restore(IReadOnlyCollection<CatalogObject> objects, uint nextOid)
    {
        HashSet<uint> kept = [.. objects.Select(static item => item.Oid)];
        // The first role cannot be dropped: a catalog that lacks it is older than roles, as one without any database is older than these.
        bool hasDatabases = objects.Any(static item => item is DatabaseEntry);
        IEnumerable<CatalogObject> dropped = CatalogSnapshot.Initial.Objects.Where(item => !kept.Contains(item.Oid)
            && (hasDatabases || item is SchemaEntry { DatabaseOid: 0 or DatabaseEntry.FirstOid }) && item is not RoleEntry);
        return CatalogSnapshot.Initial.Apply(
        [
            .. nextOid > Types.TypeOid.FirstUser ? [new ReserveOids(nextOid)] : Array.Empty<CatalogChange>(),
            .. dropped.Select(static item => new DropObject(item.Oid)), .. objects.Select(static item => new PutObject(item)),
        ]);
    }

    private static PutObject Put(CatalogObject? item) =>
        new(item ?? throw new InvalidDataException("a catalog change without its object"));

    private static void CheckVersion(byte version)
    {
        if (version is < FirstVersion or > FormatVersion)
        {
            throw new InvalidDataException(
                $"a catalog of format version {version}; this build reads {FirstVersion} to {FormatVersion}");
        }
    }
}

[JsonSourceGenerationOptions(
    IgnoreReadOnlyProperties = true,
    // a default value is not always the property's own default
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(OptionConverter)])]
[JsonSerializable(typeof(uint))]
[JsonSerializable(typeof(SchemaEntry))]
[JsonSerializable(typeof(TableEntry))]
[JsonSerializable(typeof(SequenceEntry))]
[JsonSerializable(typeof(RoleEntry))]
[JsonSerializable(typeof(DatabaseEntry))]
[JsonSerializable(typeof(EnumTypeEntry))]
[JsonSerializable(typeof(FunctionDefinition))]
[JsonSerializable(typeof(ModelEntry))]
[JsonSerializable(typeof(ShardGroupEntry))]
internal sealed partial class CatalogJson : JsonSerializerContext;

/// <summary>A storage parameter as <c>["name","value"]</c>.</summary>
internal sealed class OptionConverter : JsonConverter<KeyValuePair<string, string>>
{
    public override KeyValuePair<string, string> Read(ref Utf8JsonReader reader, Type typeToConvert,
        JsonSerializerOptions options)
    {
        string name = ReadString(ref reader), value = ReadString(ref reader);
        return reader.Read() && reader.TokenType == JsonTokenType.EndArray
            ? new KeyValuePair<string, string>(name, value)
            : throw new JsonException("an option that is not a name and a value");
    }

    public override void Write(Utf8JsonWriter writer, KeyValuePair<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(value.Key);
        writer.WriteStringValue(value.Value);
        writer.WriteEndArray();
    }

    private static string ReadString(ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String && reader.GetString() is { } text
            ? text
            : throw new JsonException("an option that is not a name and a value");
}
