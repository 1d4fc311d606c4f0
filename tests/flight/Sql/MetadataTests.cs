using VecSQL.Columnar.Ipc;
using VecSQL.Flight.Protocol;
using VecSQL.Flight.Protocol.Sql;
using VecSQL.Flight.Transport;

namespace VecSQL.Flight.Tests.Sql;

public sealed class MetadataTests : FlightTest
{
    public override Task InitializeAsync() =>
        Node.RunAsync(
            """
            CREATE SCHEMA shop;
            CREATE TABLE shop.customers (country text, number int, name text NOT NULL, PRIMARY KEY (country, number));
            CREATE TABLE shop.orders (id bigint PRIMARY KEY, country text, number int, embedding vector(3), "At" timestamptz,
                CONSTRAINT who FOREIGN KEY (country, number) REFERENCES shop.customers ON DELETE CASCADE ON UPDATE SET NULL);
            CREATE VIEW shop.recent AS SELECT * FROM shop.orders;
            """);

    [Fact]
    public async Task Catalogs_schemas_and_types_of_tables_are_told()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(["postgres", "template1", "vecsql"], await client.ReadAsync(new CommandGetCatalogs()));
        Assert.Equal(["vecsql|shop"], await client.ReadAsync(new CommandGetDbSchemas { DbSchemaFilterPattern = "sh%" }));
        Assert.Contains("vecsql|pg_catalog", await client.ReadAsync(new CommandGetDbSchemas { Catalog = "vecsql" }));
        Assert.Empty(await client.ReadAsync(new CommandGetDbSchemas { Catalog = "" }));
        Assert.Contains("TABLE", await client.ReadAsync(new CommandGetTableTypes()));
    }

    [Fact]
    public async Task Tables_are_told_by_pattern_and_type_and_with_their_schemas()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(["vecsql|shop|customers|TABLE", "vecsql|shop|orders|TABLE", "vecsql|shop|recent|VIEW"],
            await client.ReadAsync(new CommandGetTables { DbSchemaFilterPattern = "shop" }));
        Assert.Equal(["vecsql|shop|recent|VIEW"],
            await client.ReadAsync(new CommandGetTables { DbSchemaFilterPattern = "shop", TableTypes = { "VIEW", "SYSTEM VIEW" } }));
        Assert.Contains("vecsql|pg_catalog|pg_class|SYSTEM TABLE",
            await client.ReadAsync(new CommandGetTables { TableNameFilterPattern = "pg\\_cl%" }));
        string row = Assert.Single(await client.ReadAsync(
            new CommandGetTables { DbSchemaFilterPattern = "shop", TableNameFilterPattern = "ord%", IncludeSchema = true }));
        byte[] schema = Convert.FromHexString(row[(row.LastIndexOf('|') + 1)..]);
        Assert.Equal(["id", "country", "number", "embedding", "At"],
            FlightSqlClient.SchemaOf(Google.Protobuf.ByteString.CopyFrom(schema)).Fields.Select(field => field.Name));
    }

    [Fact]
    public async Task Keys_are_told_with_their_rules()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(["vecsql|shop|customers|country|customers_pkey|1", "vecsql|shop|customers|number|customers_pkey|2"],
            await client.ReadAsync(new CommandGetPrimaryKeys { DbSchema = "shop", Table = "customers" }));
        string[] keys =
        [
            "vecsql|shop|customers|country|vecsql|shop|orders|country|1|who|customers_pkey|2|0",
            "vecsql|shop|customers|number|vecsql|shop|orders|number|2|who|customers_pkey|2|0",
        ];
        Assert.Equal(keys, await client.ReadAsync(new CommandGetImportedKeys { Table = "orders" }));
        Assert.Equal(keys, await client.ReadAsync(new CommandGetExportedKeys { Table = "customers" }));
        Assert.Equal(keys, await client.ReadAsync(new CommandGetCrossReference { PkTable = "customers", FkTable = "orders" }));
        Assert.Empty(await client.ReadAsync(new CommandGetImportedKeys { Table = "customers" }));
    }

    [Fact]
    public async Task What_the_server_can_do_is_a_union_of_types()
    {
        using FlightClient client = Node.Connect();
        Assert.Equal(["0|VecSQL", "3|false", "8|1", "504|\""], await client.ReadAsync(new CommandGetSqlInfo { Info = { 0, 3, 8, 504 } }));
        string[] all = await client.ReadAsync(new CommandGetSqlInfo());
        Assert.True(all.Length > 60);
        Assert.Contains(all, info => info.StartsWith("508|[", StringComparison.Ordinal) && info.Contains("SELECT", StringComparison.Ordinal));
        Assert.Contains(all, info => info.StartsWith("510|[", StringComparison.Ordinal) && info.Contains("btrim", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Types_are_told_in_order()
    {
        using FlightClient client = Node.Connect();
        string[] all = await client.ReadAsync(new CommandGetXdbcTypeInfo());
        Assert.Equal("boolean|-7|1|NULL|NULL|NULL|1|false|2|NULL|false|NULL|boolean|NULL|NULL|-7|NULL|NULL|NULL", all[0]);
        Assert.Equal("numeric|2|1000|NULL|NULL|[precision,scale]|1|false|2|false|false|false|numeric|0|1000|2|NULL|10|NULL",
            Assert.Single(await client.ReadAsync(new CommandGetXdbcTypeInfo { DataType = 2 })));
        Assert.Equal(all.OrderBy(row => int.Parse(row.Split('|')[1])).ThenBy(row => row.Split('|')[0], StringComparer.Ordinal), all);
    }

    [Fact]
    public async Task Schemas_are_told_without_running_anything()
    {
        using FlightClient client = Node.Connect();
        SchemaResult result = await client.GetSchemaAsync(FlightNode.Command(
            new CommandStatementQuery { Query = "SELECT id, embedding FROM shop.orders" }), CancellationToken.None);
        ArrowSchema schema = FlightSqlClient.SchemaOf(result.Schema);
        Assert.Equal(["id", "embedding"], schema.Fields.Select(field => field.Name));
        Assert.Equal(ArrowTypeKind.FixedSizeList, schema.Fields[1].Type.Kind);
        PollInfo poll = await client.PollInfoAsync(FlightNode.Command(new CommandStatementQuery { Query = "SELECT 1" }), CancellationToken.None);
        Assert.Equal(1, poll.Progress);
        Assert.Single(poll.Info.Endpoint);
    }
}
