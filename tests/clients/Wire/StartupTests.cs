using VecSQL.Kit;

namespace VecSQL.Clients.Tests.Wire;

/// <summary>How a session begins.</summary>
[Collection(ServerCollection.Name)]
public sealed class StartupTests(ServerFixture node)
{
    private int Port => node.Server.Port;

    [Theory]
    [InlineData(80877103)]
    [InlineData(80877104)]
    public async Task Requests_for_encryption_are_declined_on_the_same_socket(int code)
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        await client.SendBytesAsync([.. RawClient.Int32(8), .. RawClient.Int32(code)]);
        byte[] answer = new byte[1];
        await client.Stream.ReadExactlyAsync(answer);
        Assert.Equal((byte)'N', answer[0]);
        await client.SendStartupAsync("user", "vecsql");
        Assert.Equal("ready I", (await client.UntilReadyAsync())[^1].ToString());
    }

    [Fact]
    public async Task Settings_that_clients_rely_on_are_reported()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port, "application_name", "raw", "TimeZone", "Europe/Berlin");
        Assert.StartsWith("15.", client.Settings["server_version"], StringComparison.Ordinal);
        Assert.Equal("UTF8", client.Settings["server_encoding"]);
        Assert.Equal("UTF8", client.Settings["client_encoding"]);
        Assert.Equal("on", client.Settings["integer_datetimes"]);
        Assert.Equal("on", client.Settings["standard_conforming_strings"]);
        Assert.Equal("ISO, MDY", client.Settings["DateStyle"]);
        Assert.Equal("Europe/Berlin", client.Settings["TimeZone"]);
        Assert.Equal("raw", client.Settings["application_name"]);
        Assert.Contains("IntervalStyle", client.Settings);
        Assert.Contains("is_superuser", client.Settings);
        Assert.NotEqual(0, client.BackendId);
    }

    [Fact]
    public async Task Startup_options_are_settings_whatever_their_case()
    {
        await using RawClient client = await RawClient.ConnectAsync(
            Port, "options", @"-c statement_timeout=7s --search-path=a,\ public", "datestyle", "ISO", "client_encoding", "'utf-8'");
        Assert.Equal("columns | row(7s) | SHOW | ready I", await client.AskAsync("SHOW statement_timeout"));
        Assert.Equal("columns | row(a, public) | SHOW | ready I", await client.AskAsync("SHOW search_path"));
    }

    [Theory]
    [InlineData("no_such_setting", "1", "42704")]
    [InlineData("DateStyle", "Mayan", "22023")]
    [InlineData("options", "-x", "42601")]
    public async Task Bad_startup_options_are_fatal(string name, string value, string state)
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        await client.SendStartupAsync("user", "vecsql", name, value);
        List<RawMessage> messages = await client.UntilReadyAsync();
        Assert.Equal($"FATAL {state}", RawClient.Draw(messages));
    }

    [Fact]
    public async Task A_changed_setting_is_reported_again()
    {
        await using RawClient client = await RawClient.ConnectAsync(Port);
        string answer = await client.AskAsync("SET TimeZone = 'Asia/Tokyo'");
        Assert.Contains("TimeZone=Asia/Tokyo", answer, StringComparison.Ordinal);
        await client.AskAsync("BEGIN");
        Assert.Contains("application_name=inner", await client.AskAsync("SET application_name = 'inner'"), StringComparison.Ordinal);
        Assert.Contains("application_name=", await client.AskAsync("ROLLBACK"), StringComparison.Ordinal);
        Assert.Equal("", client.Settings["application_name"]);
        Assert.Equal("Asia/Tokyo", client.Settings["TimeZone"]);
    }

    [Fact]
    public async Task Newer_minor_versions_and_protocol_options_are_negotiated_down()
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        byte[] body = [0, 3, 0, 2, .. new[] { "user", "vecsql", "_pq_.news", "1" }.SelectMany(RawClient.Zero), 0];
        await client.SendBytesAsync([.. RawClient.Int32(body.Length + 4), .. body]);
        List<RawMessage> messages = await client.UntilReadyAsync();
        Assert.Equal('v', messages[0].Type);
        Assert.Equal((0, 1), (messages[0].Int32(0), messages[0].Int32(4)));
        Assert.Equal("ready I", messages[^1].ToString());
    }

    [Fact]
    public async Task Another_protocol_is_refused()
    {
        await using RawClient client = await RawClient.OpenAsync(Port);
        await client.SendBytesAsync([.. RawClient.Int32(9), 0, 2, 0, 0, 0]);
        Assert.Equal("FATAL 0A000", RawClient.Draw(await client.UntilReadyAsync()));
    }
}
