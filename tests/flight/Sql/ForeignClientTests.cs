using VecSQL.Engine.Access;
using VecSQL.Flight.Sql;
using VecSQL.Kit;

namespace VecSQL.Flight.Tests.Sql;

/// <summary>Clients that this project did not write, against a node that asks for passwords.</summary>
public sealed class ForeignClientTests
{
    [NodeFact(NodePackage.FlightSql, NodePackage.Arrow)]
    public async Task A_flight_sql_client_queries_and_asks_what_there_is()
    {
        await using FlightNode node = await StartAsync(null);
        Assert.Contains("all as expected", await NodePackage.RunAsync("flight_sql.js", node.Port.ToString(), "joe", "p@ss wörd"), StringComparison.Ordinal);
    }

    [NodeFact(NodePackage.Grpc, NodePackage.Arrow)]
    public async Task A_client_made_by_hand_reads_and_writes()
    {
        await using FlightNode node = await StartAsync(null);
        Assert.Contains("all as expected", await NodePackage.RunAsync("flight.js", node.Port.ToString(), "joe", "p@ss wörd"), StringComparison.Ordinal);
    }

    [NodeFact(NodePackage.Grpc, NodePackage.Arrow, NodePackage.Zstd)]
    public async Task Every_type_goes_out_and_comes_back_by_rows_and_by_parameters()
    {
        await using FlightNode node = await StartAsync(null);
        Assert.Contains("all as expected", await NodePackage.RunAsync("types.js", node.Port.ToString(), "joe", "p@ss wörd"), StringComparison.Ordinal);
    }

    [NodeFact(NodePackage.Grpc, NodePackage.Arrow)]
    public async Task A_client_made_by_hand_reads_and_writes_over_tls()
    {
        using TestCertificates certificates = new();
        TlsIdentity identity = TlsIdentity.Read(await File.ReadAllTextAsync(certificates.ServerFile),
            await File.ReadAllTextAsync(certificates.ServerKeyFile), authorities: null, onlyTls13: false);
        await using FlightNode node = await StartAsync(identity);
        Assert.Contains("all as expected",
            await NodePackage.RunAsync("flight.js", node.Port.ToString(), "joe", "p@ss wörd", certificates.AuthorityFile), StringComparison.Ordinal);
    }

    private static async Task<FlightNode> StartAsync(TlsIdentity? tls)
    {
        HostRules rules = HostRules.Parse($"{(tls is null ? "host" : "hostssl")} all joe 127.0.0.1/32 scram-sha-256", "rules");
        FlightNode node = FlightNode.Start(new FlightOptions
        {
            Security = () => new DoorSecurity(rules, tls),
            StopTimeout = TimeSpan.FromSeconds(1),
        });
        await node.RunAsync("CREATE USER joe SUPERUSER PASSWORD 'p@ss wörd'");
        return node;
    }
}
