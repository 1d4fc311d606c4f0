using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using VecSQL.Clients.Tests.Wire;
using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Security;

/// <summary>Who is let into a node with rules, by real clients, plain and over TLS.</summary>
[Collection(SecureCollection.Name)]
public sealed class LoginTests(SecureNode node)
{
    private const string Password = "p\u00E4ss w\u00F6rd";

    private int Port => node.Server.Port;

    [Theory]
    [InlineData("joe", Password, "Disable", "joe|False")]
    [InlineData("joe", Password, "Require", "joe|True")]
    [InlineData("joe", Password, "VerifyFull", "joe|True")]
    [InlineData("joe", Password, "Require;Channel Binding=Require", "joe|True")]
    [InlineData("joe", Password, "Require;Channel Binding=Disable", "joe|True")]
    [InlineData("paul", "clear", "Require", "paul|True")]
    [InlineData("tess", "tls", "Require", "tess|True")]
    [InlineData("vecsql", "", "Disable", "vecsql|False")]
    [InlineData("joe", "wrong", "Disable", "28P01: password authentication failed for user \"joe\"")]
    [InlineData("joe", "wrong", "Require", "28P01: password authentication failed for user \"joe\"")]
    [InlineData("paul", "wrong", "Require", "28P01: password authentication failed for user \"paul\"")]
    [InlineData("old", "x", "Disable", "28P01: password authentication failed for user \"old\"")]
    [InlineData("nopass", "x", "Disable", "28P01: password authentication failed for user \"nopass\"")]
    [InlineData("nobody", "x", "Disable", "28P01: password authentication failed for user \"nobody\"")]
    [InlineData("nologin", "x", "Disable", "28000: role \"nologin\" is not permitted to log in")]
    [InlineData("plain", "", "Disable", "28000: role \"plain\" does not exist")]
    [InlineData("tess", "tls", "Disable",
        "28000: no pg_hba.conf entry for host \"127.0.0.1\", user \"tess\", database \"vecsql\", no encryption")]
    [InlineData("mallory", "x", "Require",
        "28000: pg_hba.conf rejects connection for host \"127.0.0.1\", user \"mallory\", database \"vecsql\", SSL encryption")]
    [InlineData("carl", "", "Require", "28000: connection requires a valid client certificate")]
    public async Task Npgsql_is_let_in_by_the_rules(string user, string password, string mode, string outcome) =>
        Assert.Equal(outcome, await ConnectAsync($"Username={user};Password={password};Ssl Mode={mode}"));

    [Fact]
    public async Task A_certificate_lets_in_whom_it_names()
    {
        string files = $"Ssl Certificate={node.ClientFiles}.crt;Ssl Key={node.ClientFiles}.key;Ssl Mode=Require";
        Assert.Equal("carl|True", await ConnectAsync($"Username=carl;{files}"));
        Assert.Equal("28000: certificate authentication failed for user \"eve\"", await ConnectAsync($"Username=eve;{files}"));
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using TestCertificates others = new();
        string files = others.Issue("client", "carl");
        string outcome = await ConnectAsync($"Username=carl;Ssl Certificate={files}.crt;Ssl Key={files}.key;Ssl Mode=Require");
        Assert.DoesNotContain("carl", outcome, StringComparison.Ordinal);
    }

    [ClientTheory(ForeignClients.Psql)]
    [InlineData("sslmode=disable", "joe|f||")]
    [InlineData("sslmode=verify-full channel_binding=require sslrootcert={ca}", "joe|t|TLSv1.3|256")]
    [InlineData("sslmode=require ssl_max_protocol_version=TLSv1.2", "joe|t|TLSv1.2|256")]
    public async Task Psql_is_let_in(string options, string row)
    {
        options = options.Replace("{ca}", node.Certificates.AuthorityFile, StringComparison.Ordinal);
        ProgramResult result = await Programs.RunAsync("psql",
        [
            "-XAt", $"host=localhost port={Port} user=joe dbname=vecsql {options}",
            "-c", "SELECT current_user, ssl, version, bits FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        ], environment: new Dictionary<string, string> { ["PGPASSWORD"] = Password, ["PGHOSTADDR"] = "127.0.0.1" });
        Assert.Equal(row, result.Output.Trim() + result.Error);
    }

    [ClientFact(ForeignClients.Psycopg3)]
    public async Task Psycopg_is_let_in()
    {
        const string Script =
            """
            import os, psycopg
            for mode in "disable", "require":
                with psycopg.connect(host="127.0.0.1", port=os.environ["PORT"], user="joe", dbname="vecsql", password=os.environ["PASS"], sslmode=mode) as c:
                    print(c.execute("SELECT ssl, current_user FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone())
            try:
                psycopg.connect(host="127.0.0.1", port=os.environ["PORT"], user="joe", dbname="vecsql", password="no")
            except psycopg.OperationalError as error:
                print("password authentication failed" in str(error))
            """;
        ProgramResult result = await Programs.RunAsync(ForeignClients.Python, ["-c", Script], environment: ScriptVariables());
        Assert.Equal("(False, 'joe')\n(True, 'joe')\nTrue\n", result.Output + result.Error);
    }

    [ClientFact(ForeignClients.Node)]
    public async Task Node_postgres_is_let_in()
    {
        const string Script =
            """
            const { Client } = require(process.env.PACKAGES + '/pg');
            (async () => {
              for (const [password, ssl] of [[process.env.PASS, false], [process.env.PASS, { rejectUnauthorized: false }], ['no', false]]) {
                const client = new Client({ host: '127.0.0.1', port: +process.env.PORT, user: 'joe', database: 'vecsql', password, ssl });
                try {
                  await client.connect();
                  const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
                  console.log(rows[0].ssl);
                  await client.end();
                } catch (error) { console.log(error.code); }
              }
            })();
            """;
        ProgramResult result = await Programs.RunAsync("node", ["-e", Script], environment: ScriptVariables());
        Assert.Equal("false\ntrue\n28P01\n", result.Output + result.Error);
    }

    [Fact]
    public async Task What_was_sent_before_tls_is_never_taken_as_sent_over_it()
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        byte[] body = [0, 3, 0, 0, .. new[] { "user", "vecsql" }.SelectMany(RawClient.Zero), 0];
        await client.SendBytesAsync([.. RawClient.Int32(8), .. RawClient.Int32(80877103), .. RawClient.Int32(body.Length + 4), .. body]);
        Assert.Equal("FATAL 08P01", RawClient.Draw(await client.UntilReadyAsync()));
    }

    [Theory]
    [InlineData('Q', "select 1\0")]
    [InlineData('P', "\0select 1\0\0\0")]
    [InlineData('X', "")]
    [InlineData('p', "MD5\0\0\0\0\0")]
    [InlineData('p', "SCRAM-SHA-256\0\0\0\0\u007Fx")]
    [InlineData('p', "")]
    public async Task Before_the_password_nothing_else_is_listened_to(char type, string text)
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        await client.SendStartupAsync("user", "joe", "database", "vecsql");
        Assert.Equal('R', (await client.ReadAsync())?.Type);
        await client.Add(type, System.Text.Encoding.Latin1.GetBytes(text)).SendAsync();
        Assert.Equal("FATAL 08P01", RawClient.Draw(await client.UntilReadyAsync()));
    }

    [Theory]
    [InlineData("postgresql", true)]
    [InlineData("http/1.1", false)]
    [InlineData(null, false)]
    public async Task Tls_may_begin_at_once_with_the_protocols_name(string? protocol, bool isServed)
    {
        using TcpClient socket = new();
        await socket.ConnectAsync("127.0.0.1", Port);
        await using SslStream encrypted = new(socket.GetStream(), leaveInnerStreamOpen: false,
            static (_, certificate, _, _) => certificate?.Issuer == "CN=test authority");
        byte[] answer = new byte[1];
        try
        {
            await encrypted.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)],
            });
            byte[] body = [0, 3, 0, 0, .. new[] { "user", "vecsql" }.SelectMany(RawClient.Zero), 0];
            await encrypted.WriteAsync((byte[])[.. RawClient.Int32(body.Length + 4), .. body]);
            await encrypted.ReadAtLeastAsync(answer, 1, throwOnEndOfStream: false);
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            answer[0] = 0;
        }
        Assert.Equal(isServed ? (byte)'R' : (byte)0, answer[0]);
    }

    [Fact]
    public async Task Large_results_and_statements_go_over_tls_whole()
    {
        await using NpgsqlConnection connection = new($"Host=127.0.0.1;Port={Port};Database=vecsql;Username=tess;Password=tls;Ssl Mode=Require;Pooling=false");
        await connection.OpenAsync();
        string text = new('x', 3_000_000);
        await using NpgsqlCommand command = new("SELECT $1, sum(length(repeat('y', 1000))) FROM generate_series(1, 1000)", connection);
        command.Parameters.AddWithValue(text);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal((text, 1_000_000), (reader.GetString(0), reader.GetInt64(1)));
    }

    private Dictionary<string, string> ScriptVariables() => new()
    {
        ["PORT"] = Port.ToString(), ["PASS"] = Password, ["PACKAGES"] = ForeignClients.NodePackages, ["NODE_NO_WARNINGS"] = "1",
    };

    /// <summary>The user and whether the connection is encrypted; or the error.</summary>
    private async Task<string> ConnectAsync(string options)
    {
        try
        {
            await using NpgsqlConnection connection = new(
                $"Host=localhost;Port={Port};Database=vecsql;Pooling=false;Root Certificate={node.Certificates.AuthorityFile};{options}");
            await connection.OpenAsync();
            await using NpgsqlCommand command = new(
                "SELECT current_user || '|' || CASE WHEN ssl THEN 'True' ELSE 'False' END FROM pg_stat_ssl WHERE pid = pg_backend_pid()", connection);
            return (string?)await command.ExecuteScalarAsync() ?? "";
        }
        catch (PostgresException refused)
        {
            return $"{refused.SqlState}: {refused.MessageText}";
        }
        catch (NpgsqlException refused)
        {
            return refused.GetType().Name;
        }
    }
}
