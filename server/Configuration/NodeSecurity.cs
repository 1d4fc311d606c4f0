using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using VecSQL.Engine.Access;

namespace VecSQL.Server.Configuration;

/// <summary>Who may connect to the node and how, as its files say; read at the start, and again when asked for.</summary>
/// <remarks>Threads: any.</remarks>
internal sealed class NodeSecurity : IConnectionRules
{
    private const UnixFileMode OthersModes = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly NodeSettings _settings;
    private readonly TimeProvider _time;
    private volatile State _state;

    private NodeSecurity(NodeSettings settings, TimeProvider time)
    {
        _settings = settings;
        _time = time;
        _state = Load(settings, time);
    }

    public DoorSecurity Current => _state.Security;

    public IReadOnlyList<ConnectionRule> Rules => _state.Security.Rules.Rows;

    public DateTimeOffset LoadTime => _state.LoadTime;

    /// <summary>Where it is told what could not be read again.</summary>
    public ILogger? Logger { get; set; }

    /// <exception cref="SettingException">A file is missing or cannot be used, or the node would be open to others.</exception>
    public static NodeSecurity Read(NodeSettings settings, TimeProvider time) => new(settings, time);

    public bool Reload()
    {
        try
        {
            _state = Load(_settings, _time);
            if (Logger is not null)
                Server.Log.SecurityReloaded(Logger);
            return true;
        }
        catch (SettingException wrong)
        {
            if (Logger is not null)
                Server.Log.SecurityKept(Logger, wrong.Message);
            return false;
        }
    }

    /// <summary>Says in the log what is not an error and yet not what somebody may think.</summary>
    public void Warn()
    {
        foreach (int line in _state.Security.Rules.LocalLines)
        {
            if (Logger is not null)
                Server.Log.LocalRule(Logger, _settings.HbaFile ?? "", line);
        }
    }

    private static State Load(NodeSettings settings, TimeProvider time)
    {
        HostRules rules = HostRules.BuiltIn;
        if (settings.HbaFile is { } file)
        {
            try
            {
                rules = HostRules.Parse(Text(file, "hba_file"), file);
            }
            catch (FormatException wrong)
            {
                throw new SettingException(wrong.Message);
            }
        }
        TlsIdentity? tls = settings.HasTls ? Identity(settings) : null;
        Refuse(settings, rules, tls);
        return new State(new DoorSecurity(rules, tls), time.GetUtcNow());
    }

    /// <summary>What would leave the node open, or closed to those that the rules are for.</summary>
    private static void Refuse(NodeSettings settings, HostRules rules, TlsIdentity? tls)
    {
        RefuseOpen("pg_listen", settings.PgListen, settings, rules);
        if (settings.FlightListen is { } flight)
            RefuseOpen("flight_listen", flight, settings, rules);
        if (rules.CertificateLine is { } line && tls?.KnowsClients != true)
            throw new SettingException($"{settings.HbaFile}:{line}: client certificates can only be checked if ssl is on and ssl_ca_file is set");
    }

    private static void RefuseOpen(string name, IPEndPoint address, NodeSettings settings, HostRules rules)
    {
        if (IPAddress.IsLoopback(address.Address))
            return;
        if (!rules.AreGiven)
        {
            throw new SettingException($"{name} = \"{address}\": must be a loopback address where hba_file does not say " +
                "how clients from elsewhere are authenticated");
        }
        if (rules.OpenLine is { } open)
        {
            throw new SettingException($"{settings.HbaFile}:{open}: trust lets in everybody from other machines, " +
                $"which are served at {address}; only loopback addresses may be trusted");
        }
    }

    private static TlsIdentity Identity(NodeSettings settings)
    {
        string key = settings.TlsKeyFile ?? Path.Combine(settings.DataDirectory, "server.key");
        string certificate = settings.TlsCertificateFile ?? Path.Combine(settings.DataDirectory, "server.crt");
        string certificateText = Text(certificate, "ssl_cert_file"), keyText = Text(key, "ssl_key_file");
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(key) & OthersModes) != 0)
        {
            throw new SettingException($"private key file \"{key}\" has group or world access; " +
                "it must be readable by its owner only (chmod 600)");
        }
        string? authorities = settings.TlsAuthorityFile is { } file ? Text(file, "ssl_ca_file") : null;
        try
        {
            return TlsIdentity.Read(certificateText, keyText, authorities, settings.NeedsTls13);
        }
        catch (Exception wrong) when (wrong is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw new SettingException($"could not load certificate \"{certificate}\" with key \"{key}\": {wrong.Message}");
        }
    }

    private static string Text(string file, string setting)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"{setting} = \"{file}\": {unusable.Message}");
        }
    }

    private sealed record State(DoorSecurity Security, DateTimeOffset LoadTime);
}
