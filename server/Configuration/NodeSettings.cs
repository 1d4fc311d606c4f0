using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using VecSQL.Storage;

namespace VecSQL.Server.Configuration;

/// <summary>What a node runs with: a file, then environment variables <c>VECSQL_…</c>, then arguments, each over the one before.</summary>
/// <remarks>
/// The file has lines <c>name = value</c> with the names below; the variable of <c>data_dir</c> is <c>VECSQL_DATA_DIR</c>.
/// All values are checked before anything starts.
/// </remarks>
internal sealed record NodeSettings
{
    public string DataDirectory { get; private init; } = "vecsql-data";

    public IPEndPoint PgListen { get; private init; } = new(IPAddress.Loopback, 5432);

    /// <summary>Null where no Flight clients are served.</summary>
    public IPEndPoint? FlightListen { get; private init; } = new(IPAddress.Loopback, 5433);

    public IPEndPoint HttpListen { get; private init; } = new(IPAddress.Loopback, 5480);

    /// <summary>The file of the rules of who may connect; null for the built-in ones.</summary>
    public string? HbaFile { get; private init; }

    public bool HasTls { get; private init; }

    /// <summary>Null for <c>server.crt</c> in the data directory.</summary>
    public string? TlsCertificateFile { get; private init; }

    /// <summary>Null for <c>server.key</c> in the data directory.</summary>
    public string? TlsKeyFile { get; private init; }

    /// <summary>Whose client certificates are good; null where none are asked for.</summary>
    public string? TlsAuthorityFile { get; private init; }

    public bool NeedsTls13 { get; private init; }

    /// <summary>The directory whose files statements may name; null for none.</summary>
    public string? FileRoot { get; private init; }

    public int ConnectionsMax { get; private init; } = 10_000;

    /// <summary>Empty where ONNX Runtime is looked for in the usual places.</summary>
    public string ModelRuntimePath { get; private init; } = "";

    /// <summary>Threads of one run of a model; 0 for as many as there are processors.</summary>
    public int ModelThreads { get; private init; }

    /// <summary>Memory for vectors of texts that come again.</summary>
    public long ModelCacheBytes { get; private init; } = 64L << 20;

    /// <summary>Memory that all running queries together may use.</summary>
    public long QueryMemoryBytes { get; private init; } = DefaultShare(0.25);

    /// <summary>Memory for rows not yet in segments.</summary>
    public long DeltaMemoryBytes { get; private init; } = Math.Min(DefaultShare(0.125), 512L << 20);

    /// <summary>Memory for columns that were decompressed, to be read again.</summary>
    public long ColumnMemoryBytes { get; private init; } = DefaultShare(0.125);

    /// <summary>The least severe of the lines that are logged.</summary>
    public LogLevel LogLevel { get; private init; } = LogLevel.Warning;

    /// <summary>The cluster that the node is part of; null where it is alone.</summary>
    public ClusterSettings? Cluster { get; private init; }

    /// <summary>Whether clusters, which do not share tables yet, may be tried.</summary>
    public bool TriesClusters { get; private init; }

    /// <summary>The settings by name, in the order in which they are documented.</summary>
    internal static IReadOnlyList<NodeSetting> All { get; } =
    [
        new("data_dir", "./vecsql-data", "Where the data lies",
            static (settings, value) => settings with { DataDirectory = Path.GetFullPath(value) }),
        new("pg_listen", "127.0.0.1:5432", "Where PostgreSQL clients connect: HOST:PORT; another address than loopback needs hba_file",
            static (settings, value) => settings with { PgListen = EndPoint(value) }),
        new("flight_listen", "127.0.0.1:5433",
            "Where Arrow Flight SQL clients connect: HOST:PORT, under the same rules as pg_listen; none for nowhere",
            static (settings, value) => settings with { FlightListen = value == "none" ? null : EndPoint(value) }),
        new("http_listen", "127.0.0.1:5480", "Where /healthz and /readyz answer: HOST:PORT, a loopback address",
            static (settings, value) => settings with { HttpListen = Loopback(EndPoint(value)) }),
        new("hba_file", "none: everybody on this machine is trusted", "Who may connect from where and how, as in PostgreSQL's pg_hba.conf",
            static (settings, value) => settings with { HbaFile = FilePath(value) }),
        new("ssl", "off", "Whether TLS is offered to PostgreSQL and Flight clients",
            static (settings, value) => settings with { HasTls = Truth(value) }),
        new("ssl_cert_file", "server.crt in data_dir", "The node's certificate in PEM, and those between it and its authority",
            static (settings, value) => settings with { TlsCertificateFile = FilePath(value) }),
        new("ssl_key_file", "server.key in data_dir", "The certificate's key in PEM, readable by its owner only",
            static (settings, value) => settings with { TlsKeyFile = FilePath(value) }),
        new("ssl_ca_file", "none", "Authorities in PEM whose client certificates are good",
            static (settings, value) => settings with { TlsAuthorityFile = FilePath(value) }),
        new("ssl_min_protocol_version", "TLSv1.2", "The oldest TLS accepted: TLSv1.2 or TLSv1.3",
            static (settings, value) => settings with { NeedsTls13 = IsTls13(value) }),
        new("file_root", "none", "The directory whose files superusers' statements may name, as in COPY; without one they may name none",
            static (settings, value) => settings with { FileRoot = FilePath(value) }),
        new("max_connections", "10000", "Sessions at once, 1 to 1000000; one more is refused with 53300",
            static (settings, value) => settings with { ConnectionsMax = (int)Number(value, 1, 1_000_000) }),
        new("onnxruntime", "found beside the program or where ml/get-onnxruntime puts it", "ONNX Runtime's library, for models",
            static (settings, value) => settings with { ModelRuntimePath = Path.GetFullPath(value) }),
        new("model_threads", "as many as there are processors", "Threads of one run of a model, 1 to 1024",
            static (settings, value) => settings with { ModelThreads = (int)Number(value, 1, 1024) }),
        new("model_cache", "64MB", "Memory for vectors of texts that are embedded again, from 0",
            static (settings, value) => settings with { ModelCacheBytes = Bytes(value, 0) }),
        new("query_memory", "a quarter of the machine's memory", "Memory that all running queries together may use, from 16MB",
            static (settings, value) => settings with { QueryMemoryBytes = Bytes(value, 16L << 20) }),
        new("delta_memory", "an eighth of the machine's memory, 512MB at most", "Memory for rows not yet in segments, from 8MB",
            static (settings, value) => settings with { DeltaMemoryBytes = Bytes(value, 8L << 20) }),
        new("column_memory", "an eighth of the machine's memory", "Memory for columns decompressed from segments, kept to be read again, from 16MB",
            static (settings, value) => settings with { ColumnMemoryBytes = Bytes(value, 16L << 20) }),
        new("log_level", "warning", "The least severe lines of the node's log: error, warning or info",
            static (settings, value) => settings with { LogLevel = Severity(value) }),
        .. ClusterSettings.All.Select(setting => new NodeSetting(setting.Name, setting.Default, setting.Summary,
            (settings, value) => settings with { Cluster = setting.Read(settings.Cluster ?? new ClusterSettings(), value) }) { IsHidden = true }),
        new("experimental_cluster", "off", "Whether a node may be part of a cluster, though it shares no tables with it yet",
            static (settings, value) => settings with { TriesClusters = Truth(value) }) { IsHidden = true },
    ];

    private static readonly Dictionary<string, NodeSetting> ByName =
        All.ToDictionary(setting => setting.Name, StringComparer.OrdinalIgnoreCase);

    /// <param name="file">A configuration file, or null.</param>
    /// <param name="variables">The environment: those that begin with <c>VECSQL_</c> are read.</param>
    /// <param name="arguments">Settings given on the command line, by name.</param>
    /// <exception cref="SettingException">A name is unknown or a value is not what it must be.</exception>
    public static NodeSettings Load(
        string? file, IReadOnlyDictionary<string, string> variables, IReadOnlyDictionary<string, string> arguments)
    {
        NodeSettings settings = new NodeSettings { DataDirectory = Path.GetFullPath("vecsql-data") };
        if (file is not null)
            settings = settings.With(ReadFile(file), source: file, isClosed: true);
        Dictionary<string, string> environment = [];
        foreach ((string name, string value) in variables)
        {
            if (name.StartsWith("VECSQL_", StringComparison.Ordinal))
                environment[name["VECSQL_".Length..]] = value;
        }
        settings = settings
            .With(environment, source: "environment VECSQL_", isClosed: false)
            .With(arguments, source: "arguments", isClosed: true);
        settings.Cluster?.Check(settings);
        return settings;
    }

    private NodeSettings With(IReadOnlyDictionary<string, string> values, string source, bool isClosed)
    {
        NodeSettings settings = this;
        foreach ((string name, string value) in values)
        {
            if (!ByName.TryGetValue(name, out NodeSetting? setting))
            {
                if (isClosed)
                    {
                    throw new SettingException($"{source}: unknown setting \"{name}\"; known are " +
                        string.Join(", ", All.Where(static known => !known.IsHidden).Select(static known => known.Name)));
                }
                continue; // other VECSQL_ variables belong to tests and tools
            }
            try
            {
                settings = setting.Read(settings, value);
            }
            catch (FormatException invalid)
            {
                throw new SettingException($"{source}: {name} = \"{value}\": {invalid.Message}");
            }
        }
        return settings;
    }

    private static Dictionary<string, string> ReadFile(string file)
    {
        if (!File.Exists(file))
            throw new SettingException($"{file}: no such configuration file");
        try
        {
            IConfigurationRoot root = new ConfigurationBuilder().AddIniFile(Path.GetFullPath(file)).Build();
            return root.AsEnumerable().Where(pair => pair.Value is not null)
                .ToDictionary(pair => pair.Key, pair => (pair.Value ?? "").Trim('\''), StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception invalid) when (invalid is FormatException or InvalidDataException)
        {
            throw new SettingException($"{file}: {invalid.InnerException?.Message ?? invalid.Message}");
        }
    }

    private static IPEndPoint EndPoint(string value)
    {
        if (value.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase))
            value = "127.0.0.1" + value["localhost".Length..];
        if (!value.Contains(':') || !IPEndPoint.TryParse(value, out IPEndPoint? parsed))
            throw new FormatException("must be HOST:PORT with a numeric address");
        return parsed;
    }

    private static IPEndPoint Loopback(IPEndPoint address) => IPAddress.IsLoopback(address.Address)
        ? address
        : throw new FormatException("must be a loopback address, since nobody is asked who they are there");

    private static string? FilePath(string value) => value.Length == 0 ? null : Path.GetFullPath(value);

    private static bool Truth(string value) => value.ToLowerInvariant() switch
    {
        "on" or "true" or "yes" or "1" => true,
        "off" or "false" or "no" or "0" => false,
        _ => throw new FormatException("must be on or off"),
    };

    private static bool IsTls13(string value) => value switch
    {
        "TLSv1.2" => false,
        "TLSv1.3" => true,
        _ => throw new FormatException("must be TLSv1.2 or TLSv1.3"),
    };

    private static LogLevel Severity(string value) => value switch
    {
        "error" => LogLevel.Error,
        "warning" => LogLevel.Warning,
        "info" => LogLevel.Information,
        _ => throw new FormatException("must be error, warning or info"),
    };

    private static long Number(string value, long min, long max) =>
        long.TryParse(value, out long number) && number >= min && number <= max
            ? number
            : throw new FormatException($"must be a number from {min} to {max}");

    private static long Bytes(string value, long min)
    {
        string digits = string.Concat(value.TakeWhile(char.IsAsciiDigit));
        long unit = value[digits.Length..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1,
            "K" or "KB" => 1L << 10,
            "M" or "MB" => 1L << 20,
            "G" or "GB" => 1L << 30,
            _ => throw new FormatException("must be a size such as 512MB"),
        };
        if (!long.TryParse(digits, out long number) || number > long.MaxValue / unit || number * unit < min)
            throw new FormatException($"must be a size of at least {min >> 20}MB, such as 512MB");
        return number * unit;
    }

    /// <summary>What of it is storage's.</summary>
    public StorageOptions ToStorage() => new() { Directory = DataDirectory, DeltaBytesMax = DeltaMemoryBytes, ColumnCacheBytes = ColumnMemoryBytes };

    private static long DefaultShare(double share) =>
        (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * share);
}

/// <summary>A setting of a node: how it is called, and how its text is read.</summary>
/// <param name="Default">In words.</param>
internal sealed record NodeSetting(
    string Name, string Default, string Summary, Func<NodeSettings, string, NodeSettings> Read)
{
    /// <summary>Not told of: for what is not ready yet.</summary>
    public bool IsHidden { get; init; }
}

/// <summary>A setting cannot be used; the message says which, where it came from and what it must be.</summary>
internal sealed class SettingException(string message) : Exception(message);
