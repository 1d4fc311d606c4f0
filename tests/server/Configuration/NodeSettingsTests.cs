using Microsoft.Extensions.Logging;
using VecSQL.Server.Configuration;

namespace VecSQL.Server.Tests.Configuration;

/// <summary>Where a node's settings come from, and what is said of those that cannot be used.</summary>
public sealed class NodeSettingsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Without_anything_a_node_listens_on_loopback()
    {
        NodeSettings settings = Load("", [], []);
        Assert.Equal("127.0.0.1:5432", settings.PgListen.ToString());
        Assert.Equal("127.0.0.1:5433", settings.FlightListen?.ToString());
        Assert.Null(Load("flight_listen = none\n", [], []).FlightListen);
        Assert.Equal("127.0.0.1:5480", settings.HttpListen.ToString());
        Assert.Equal(Path.GetFullPath("vecsql-data"), settings.DataDirectory);
        Assert.Equal(10_000, settings.ConnectionsMax);
        Assert.Equal(LogLevel.Warning, settings.LogLevel);
        Assert.Equal(LogLevel.Information, Load("log_level = info\n", [], []).LogLevel);
    }

    [Fact]
    public void Arguments_win_over_the_environment_and_that_over_the_file()
    {
        NodeSettings settings = Load(
            "pg_listen = 127.0.0.1:1001\nhttp_listen = 127.0.0.1:1002\nmax_connections = 11\nquery_memory = '1GB'\n",
            [("VECSQL_HTTP_LISTEN", "127.0.0.1:2002"), ("VECSQL_MAX_CONNECTIONS", "12")],
            [("max_connections", "13")]);
        Assert.Equal(1001, settings.PgListen.Port);
        Assert.Equal(2002, settings.HttpListen.Port);
        Assert.Equal(13, settings.ConnectionsMax);
        Assert.Equal(1L << 30, settings.QueryMemoryBytes);
    }

    [Theory]
    [InlineData("pg_listen", "5432", "must be HOST:PORT with a numeric address")]
    [InlineData("pg_listen", "example.org:5432", "must be HOST:PORT with a numeric address")]
    [InlineData("http_listen", "0.0.0.0:80", "must be a loopback address, since nobody is asked who they are there")]
    [InlineData("max_connections", "0", "must be a number from 1 to 1000000")]
    [InlineData("max_connections", "many", "must be a number from 1 to 1000000")]
    [InlineData("log_level", "verbose", "must be error, warning or info")]
    [InlineData("query_memory", "1KB", "must be a size of at least 16MB, such as 512MB")]
    [InlineData("delta_memory", "8 XB", "must be a size such as 512MB")]
    public void A_bad_value_is_named_with_its_source_and_what_it_must_be(string name, string value, string problem)
    {
        Assert.Equal($"{_file}: {name} = \"{value}\": {problem}", Refused($"{name} = {value}\n", [], []));
        Assert.Equal($"arguments: {name} = \"{value}\": {problem}", Refused("", [], [(name, value)]));
        string variable = Refused("", [($"VECSQL_{name.ToUpperInvariant()}", value)], []);
        Assert.Equal($"environment VECSQL_: {name.ToUpperInvariant()} = \"{value}\": {problem}", variable);
    }

    [Fact]
    public void An_unknown_name_is_an_error_in_the_file_and_somebody_elses_in_the_environment()
    {
        Assert.StartsWith($"{_file}: unknown setting \"colour\"; known are data_dir, ", Refused("colour = red\n", [], []),
            StringComparison.Ordinal);
        Load("", [("VECSQL_COLOUR", "red")], []);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        SettingException missing = Assert.Throws<SettingException>(
            () => NodeSettings.Load("/nowhere/vecsql.conf", new Dictionary<string, string>(), new Dictionary<string, string>()));
        Assert.Equal("/nowhere/vecsql.conf: no such configuration file", missing.Message);
    }

    private string Refused(string file, (string, string)[] environment, (string, string)[] arguments) =>
        Assert.Throws<SettingException>(() => Load(file, environment, arguments)).Message;

    private NodeSettings Load(string file, (string Name, string Value)[] environment, (string Name, string Value)[] arguments)
    {
        File.WriteAllText(_file, file);
        return NodeSettings.Load(_file, environment.ToDictionary(pair => pair.Name, pair => pair.Value),
            arguments.ToDictionary(pair => pair.Name, pair => pair.Value));
    }
}
