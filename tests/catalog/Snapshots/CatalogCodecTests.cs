using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Placement;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Tests.Snapshots;

public sealed class CatalogCodecTests
{
    private static readonly TableEntry Table = new(20_001, CatalogSnapshot.PublicOid, "items \"é\"")
    {
        Columns =
        [
            new ColumnEntry(1, "id", SqlType.Int8) { IsNotNull = true, Identity = IdentityKind.ByDefault,
                SequenceOid = 20_005 },
            new ColumnEntry(2, "v", new SqlType(TypeOid.Vector, 3)) { DefaultSql = "'[1,2,3]'",
                MissingValue = "[1,2,3]" },
            new ColumnEntry(3, "gone", SqlType.Text) { IsDropped = true },
        ],
        Indexes = [new IndexEntry(20_002, "items_pkey", [1]) { IsUnique = true, IsPrimary = true,
            ConstraintOid = 20_003 }],
        Checks = [new CheckEntry(20_004, "positive", "id > 0")],
        Options = [new("fillfactor", "70"), new("x", "")],
        Comment = "rows",
    };

    // Zeros where the property's own default is not zero: they must not turn into the default.
    private static readonly SequenceEntry Sequence = new(20_005, CatalogSnapshot.PublicOid, "items_id_seq")
    {
        Type = SqlType.Int4, Start = 0, Increment = -1, MinValue = 0, MaxValue = 0, Cycles = true, OwnerTable = 20_001,
            OwnerColumn = 1,
    };

    public static TheoryData<CatalogChange> Changes => new()
    {
        new PutObject(new SchemaEntry(20_000, "s") { Comment = "c" }), new PutObject(Table), new PutObject(Sequence),
        new DropObject(20_001), new ReserveOids(uint.MaxValue),
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_change_survives_its_bytes(CatalogChange change)
    {
        byte[] bytes = CatalogCodec.Encode(change);
        Assert.Equal(bytes, CatalogCodec.Encode(CatalogCodec.Decode(bytes)));
        if (change is PutObject { Object: TableEntry })
        {
            var table = (TableEntry)((PutObject)CatalogCodec.Decode(bytes)).Object;
            Assert.Equal(Table.Columns.AsEnumerable(), table.Columns);
            Assert.Equal(Table.Options.AsEnumerable(), table.Options);
            Assert.Equal(Table.PrimaryKey!.Columns.AsEnumerable(), table.PrimaryKey!.Columns);
        }
        else
        {
            Assert.Equal(change, CatalogCodec.Decode(bytes));
        }
    }

    [Fact]
    public void An_index_written_before_operator_classes_has_none()
    {
        byte[] bytes = CatalogCodec.Encode(new PutObject(Table));
        string json = Encoding.UTF8.GetString(bytes.AsSpan(2)), without = json.Replace("\"OperatorClasses\":[],", "", StringComparison.Ordinal);
        Assert.NotEqual(json, without);
        var table = (TableEntry)((PutObject)CatalogCodec.Decode([.. bytes[..2], .. Encoding.UTF8.GetBytes(without)])).Object;
        Assert.Empty(table.Indexes[0].OperatorClasses);
    }

    [Fact]
    public void Statistics_survive_their_bytes()
    {
        ColumnStatistics found = new()
        {
            NullShare = 0.25, AverageWidth = 4, Distinct = -0.5, CommonValues = ["a,b", "\"é\""], CommonShares = [0.5f, 0.1f],
            Bounds = ["c", "z"],
        };
        TableEntry table = Table with { Columns = [Table.Columns[0] with { Statistics = found }] };
        byte[] bytes = CatalogCodec.Encode(new PutObject(table));
        ColumnStatistics? read = ((TableEntry)((PutObject)CatalogCodec.Decode(bytes)).Object).Columns[0].Statistics;
        Assert.NotNull(read);
        Assert.Equal((found.NullShare, found.AverageWidth, found.Distinct), (read.NullShare, read.AverageWidth, read.Distinct));
        Assert.Equal(found.CommonValues.AsEnumerable(), read.CommonValues);
        Assert.Equal(found.CommonShares.AsEnumerable(), read.CommonShares);
        Assert.Equal(found.Bounds.AsEnumerable(), read.Bounds);
    }

    [Fact]
    public void A_snapshot_survives_its_bytes()
    {
        CatalogSnapshot snapshot = CatalogSnapshot.Initial.Apply([
            new PutObject(Table), new PutObject(Sequence), new PutObject(new SchemaEntry(20_009, "s")),
            new DropObject(CatalogSnapshot.PublicOid), new ReserveOids(30_000),
        ]);
        byte[] bytes = CatalogCodec.EncodeSnapshot(snapshot);
        CatalogSnapshot back = CatalogCodec.DecodeSnapshot(bytes);
        Assert.Equal((snapshot.Version, snapshot.NextOid), (back.Version, back.NextOid));
        Assert.Equal(bytes, CatalogCodec.EncodeSnapshot(back));
        Assert.Null(back.InDatabase(DatabaseEntry.FirstOid).FindSchema("public"));
        Assert.Equal("s", back.InDatabase(DatabaseEntry.FirstOid).FindSchema("s")?.Name);
        Assert.NotNull(back.FindRelation(CatalogSnapshot.PublicOid, "items_pkey") ?? back.Find(20_001));
    }

    [Fact]
    public void A_role_survives_its_bytes()
    {
        RoleEntry role = new(20_010, "joe")
        {
            LogsIn = true, Inherits = false, ConnectionsMax = 0, Verifier = "SCRAM-SHA-256$…", ValidUntil = long.MaxValue,
            Settings = [new("work_mem", "1MB")], Comment = "c",
        };
        RoleEntry back = (RoleEntry)((PutObject)CatalogCodec.Decode(CatalogCodec.Encode(new PutObject(role)))).Object;
        Assert.Equal(role.Settings.AsEnumerable(), back.Settings);
        Assert.Equal(role, back with { Settings = role.Settings });
    }

    [Fact]
    public void An_enumerated_type_survives_its_bytes_and_is_found_by_its_names()
    {
        uint oid = UserTypeOid.OfEnum(20_013);
        EnumTypeEntry mood = new(oid, CatalogSnapshot.PublicOid, "mood")
        {
            ArrayName = "_mood", Comment = "c", LastFirstOid = 20_014,
            Labels = [new EnumLabel(20_014, "sad", -5, 1), new EnumLabel(20_015, "ö", 7, 1.5f)],
        };
        CatalogSnapshot back = CatalogCodec.DecodeSnapshot(
            CatalogCodec.EncodeSnapshot(CatalogSnapshot.Initial.Apply([new PutObject(mood)])));
        Assert.Equal(20_014u, back.NextOid);
        Assert.Equal(oid, back.FindType(CatalogSnapshot.PublicOid, "mood"));
        Assert.Equal(BuiltinTypes.ArrayOf(oid), back.FindType(CatalogSnapshot.PublicOid, "_mood"));
        EnumTypeEntry read = Assert.IsType<EnumTypeEntry>(back.FindType(BuiltinTypes.ArrayOf(oid)));
        Assert.Equal(mood.Labels.AsEnumerable(), read.Labels);
        Assert.Equal((mood.Comment, mood.LastFirstOid), (read.Comment, read.LastFirstOid));
        Assert.Equal(7, read.FindLabel("ö")?.Key);
        Assert.Equal("sad", read.FindLabel(-5)?.Name);
        Assert.Null(read.FindLabel(6));
        Assert.Null(back.InDatabase(DatabaseEntry.PostgresOid).FindType(oid));
    }

    [Fact]
    public void A_catalog_from_before_there_were_roles_has_the_first_one()
    {
        byte[] bytes = CatalogCodec.EncodeSnapshot(CatalogSnapshot.Initial.Apply([new DropObject(RoleEntry.BootstrapOid)]));
        bytes[0] = 1;
        Assert.True(CatalogCodec.DecodeSnapshot(bytes).FindRole("vecsql") is { IsSuperuser: true, LogsIn: true });
        Assert.Equal(new DropObject(5), CatalogCodec.Decode([1, .. CatalogCodec.Encode(new DropObject(5)).AsSpan(1)]));
    }

    [Fact]
    public void A_database_survives_its_bytes_and_so_does_its_absence()
    {
        DatabaseEntry app = new(20_011, "app")
        {
            AllowsConnections = false, ConnectionsMax = 7, IsTemplate = true, Settings = [new("work_mem", "1MB")], Comment = "c",
        };
        CatalogSnapshot snapshot = CatalogSnapshot.Initial.Apply(
            [.. CatalogSnapshot.WithPublic(app, 20_012), new DropObject(DatabaseEntry.PostgresOid), new DropObject(13601)]);
        CatalogSnapshot back = CatalogCodec.DecodeSnapshot(CatalogCodec.EncodeSnapshot(snapshot));
        DatabaseEntry read = Assert.Single(back.Databases, static database => database.Name == "app");
        Assert.Equal(app.Settings.AsEnumerable(), read.Settings);
        Assert.Equal(app, read with { Settings = app.Settings });
        Assert.Equal(20_012u, back.InDatabase(20_011).FindSchema("public")?.Oid);
        Assert.Equal(CatalogSnapshot.PublicOid, back.InDatabase(DatabaseEntry.FirstOid).FindSchema("public")?.Oid);
        Assert.Null(back.FindDatabase("postgres"));
    }

    [Fact]
    public void The_first_database_of_earlier_catalogs_has_todays_id()
    {
        static CatalogChange Earlier(CatalogChange change) => CatalogCodec.Decode([4, .. CatalogCodec.Encode(change).AsSpan(1)]);
        Assert.Equal(new DropObject(DatabaseEntry.FirstOid), Earlier(new DropObject(13600)));
        Assert.Equal(DatabaseEntry.FirstOid, ((PutObject)Earlier(new PutObject(new DatabaseEntry(13600, "vecsql")))).Object.Oid);
        Assert.Equal(new PutObject(new SchemaEntry(20_009, "s") { DatabaseOid = DatabaseEntry.FirstOid }),
            Earlier(new PutObject(new SchemaEntry(20_009, "s") { DatabaseOid = 13600 })));
        Assert.Equal(new DropObject(13600), CatalogCodec.Decode(CatalogCodec.Encode(new DropObject(13600))));
    }

    [Fact]
    public void A_catalog_from_before_there_were_databases_is_the_first_one_beside_the_usual_ones()
    {
        const string schema = """{"Comment":null,"Oid":20009,"Name":"s"}""";
        CatalogSnapshot back = CatalogCodec.Restore(
        [
            .. CatalogSnapshot.Initial.Objects.Where(static item => item is not (DatabaseEntry or SchemaEntry { DatabaseOid: not 0 })),
            ((PutObject)CatalogCodec.Decode([2, 2, .. System.Text.Encoding.UTF8.GetBytes(schema)])).Object,
        ], nextOid: 20_010);
        Assert.Equal(["postgres", "template0", "template1", "vecsql"], back.Databases.Select(static database => database.Name).Order());
        Assert.Equal("s", back.InDatabase(DatabaseEntry.FirstOid).FindSchema("s")?.Name);
        Assert.Null(back.InDatabase(DatabaseEntry.FirstOid).FindSchema("public")); // which had been dropped
        Assert.NotNull(back.InDatabase(DatabaseEntry.PostgresOid).FindSchema("public"));
        Assert.Null(back.InDatabase(DatabaseEntry.PostgresOid).FindSchema("s"));
    }

    [Fact]
    public void Other_versions_and_unknown_kinds_and_fields_are_named()
    {
        byte[] bytes = CatalogCodec.Encode(new DropObject(5));
        Assert.Equal("a catalog of format version 9; this build reads 1 to 8",
            Assert.Throws<InvalidDataException>(() => CatalogCodec.Decode([9, .. bytes[1..]])).Message);
        Assert.Equal("a catalog change of unknown kind 77",
            Assert.Throws<InvalidDataException>(() => CatalogCodec.Decode([2, 77, .. bytes[2..]])).Message);
        Assert.Throws<InvalidDataException>(
            () => CatalogCodec.Decode([1, 2, .. Encoding.UTF8.GetBytes("{\"Oid\":1,\"Name\":\"a\",\"Future\":true}")]));
    }

    [Fact]
    public void Bounds_of_ranges_and_centroids_of_cells_come_back_and_groups_of_before_there_were_any_have_none()
    {
        ShardGroupEntry group = new(20_010, "range (bigint): (10)", [new ShardId(4), new ShardId(5)], [])
        {
            Method = ShardMethod.Range, Bounds = [new RangeBound([1, 0x80, 10], "(10)")],
        };
        ShardGroupEntry read = Assert.IsType<ShardGroupEntry>(Assert.IsType<PutObject>(CatalogCodec.Decode(CatalogCodec.Encode(new PutObject(group)))).Object);
        RangeBound bound = Assert.Single(read.Bounds);
        Assert.Equal((ShardMethod.Range, "(10)", "01800A"), (read.Method, bound.Text, Convert.ToHexString(bound.Key)));

        ShardGroupEntry cells = group with { Method = ShardMethod.Vector, Slots = [1, 0, 1], Centroids = new byte[] { 1, 2, 3, 4, 250, 6, 7, 8, 9, 10, 11, 12 } };
        read = Assert.IsType<ShardGroupEntry>(Assert.IsType<PutObject>(CatalogCodec.Decode(CatalogCodec.Encode(new PutObject(cells)))).Object);
        Assert.Equal((ShardMethod.Vector, "01020304FA060708090A0B0C"), (read.Method, Convert.ToHexString(read.Centroids.Span)));

        byte[] earlier = Encoding.UTF8.GetBytes("""{"Shards":[{"Value":4}],"Slots":[0],"Method":0,"Oid":20009,"Name":"hash 1"}""");
        read = Assert.IsType<ShardGroupEntry>(Assert.IsType<PutObject>(CatalogCodec.Decode([7, 10, .. earlier])).Object);
        Assert.Equal((ShardMethod.Hash, 0, 0), (read.Method, read.Bounds.Length, read.Centroids.Length));
    }

    [Fact]
    public void Shard_groups_and_places_of_tables_come_back_as_they_were()
    {
        ShardGroupEntry group = ShardGroupEntry.Even(20_009, "hash 3", [new ShardId(4), new ShardId(5), new ShardId(9)]);
        PutObject put = Assert.IsType<PutObject>(CatalogCodec.Decode(CatalogCodec.Encode(new PutObject(group))));
        ShardGroupEntry read = Assert.IsType<ShardGroupEntry>(put.Object);
        Assert.Equal((group.Oid, group.Name, group.Method), (read.Oid, read.Name, read.Method));
        Assert.Equal(group.Shards.ToArray(), read.Shards.ToArray());
        Assert.Equal(group.Slots.ToArray(), read.Slots.ToArray());
        Assert.Equal([new ShardId(4), new ShardId(5), new ShardId(9)],
            Enumerable.Range(0, ShardGroupEntry.SlotCount).Select(slot => read.Shards[read.PlaceOf((ulong)slot)]).Distinct());
        TableEntry table = Table with { Placement = new TablePlacement(20_009, [1, 2]) };
        put = Assert.IsType<PutObject>(CatalogCodec.Decode(CatalogCodec.Encode(new PutObject(table))));
        TablePlacement place = Assert.IsType<TablePlacement>(Assert.IsType<TableEntry>(put.Object).Placement);
        Assert.Equal(20_009u, place.GroupOid);
        Assert.Equal([1, 2], place.KeyColumns.ToArray());
        Assert.Equal([group.Oid], CatalogSnapshot.Initial.Apply([put, new PutObject(group)]).ShardGroups.Select(static found => found.Oid));
    }

    [Fact]
    public void Models_come_back_as_they_were()
    {
        ModelEntry model = new(20_007, "minilm")
        {
            DatabaseOid = DatabaseEntry.FirstOid,
            Versions =
            [
                new ModelVersion(1) { Dimensions = 384, Source = "file:a.onnx", OnnxSha256 = "ab", OnnxBytes = 7, Pooling = "cls", QueryPrefix = "query: " },
                new ModelVersion(3) { Dimensions = 768, IsNormalized = false, Device = "cuda", Threads = 2 },
            ],
            DefaultVersion = 3,
            Comment = "small",
        };
        TableEntry table = Table with { Columns = [.. Table.Columns[..^1], Table.Columns[^1] with { Model = new ModelUse(20_007, 3) }] };
        CatalogSnapshot back = CatalogCodec.DecodeSnapshot(CatalogCodec.EncodeSnapshot(
            CatalogSnapshot.Initial.Apply([new PutObject(model), new PutObject(table)]))).InDatabase(DatabaseEntry.FirstOid);
        ModelEntry read = Assert.IsType<ModelEntry>(back.FindModel("minilm"));
        Assert.Equal(model.Versions.ToArray(), read.Versions.ToArray());
        Assert.Equal(model with { Versions = [] }, read with { Versions = [] });
        Assert.Equal(new ModelUse(20_007, 3), back.TryFindTable(table.Id, out TableEntry? found) ? found.Columns[^1].Model : null);
        Assert.Null(back.InDatabase(DatabaseEntry.PostgresOid).FindModel("minilm"));
        Assert.Equal(ModelEntry.BuiltIn, back.InDatabase(DatabaseEntry.PostgresOid).FindModel("words"));
    }

    [Fact]
    public void Damaged_bytes_are_refused_without_other_exceptions()
    {
        var random = new Random(6);
        byte[] snapshot = CatalogCodec.EncodeSnapshot(
            CatalogSnapshot.Initial.Apply([new PutObject(Table), new PutObject(Sequence)]));
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = snapshot[..random.Next(snapshot.Length + 1)];
            for (int n = random.Next(4); n > 0 && damaged.Length > 0; n--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                CatalogCodec.DecodeSnapshot(damaged);
            }
            catch (InvalidDataException)
            {
                // refused, as it should be
            }
        }
    }
}
