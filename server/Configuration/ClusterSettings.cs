using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using VecSQL.Cluster.Etcd;

namespace VecSQL.Server.Configuration;

/// <summary>Which cluster a node is part of, and how it reaches the cluster's etcd.</summary>
internal sealed partial record ClusterSettings
{
    /// <summary>Of etcd's members; empty where <c>cluster</c> is not given.</summary>
    public IReadOnlyList<Uri> Endpoints { get; private init; } = [];

    /// <summary>Several clusters can share an etcd.</summary>
    public string Name { get; private init; } = "vecsql";

    public string NodeName { get; private init; } = "";

    public string Zone { get; private init; } = "";

    /// <summary>By which other nodes and clients find this one; null for the addresses that it listens at.</summary>
    public IPAddress? Advertised { get; private init; }

    private string? User { get; init; }

    private string? PasswordFile { get; init; }

    private string? AuthorityFile { get; init; }

    private string? CertificateFile { get; init; }

    private string? KeyFile { get; init; }

    /// <summary>The settings by name.</summary>
    internal static IReadOnlyList<(string Name, string Default, string Summary, Func<ClusterSettings, string, ClusterSettings> Read)> All { get; } =
    [
        ("cluster", "none: the node is alone", "Addresses of etcd's members, with commas between them, for a node of a cluster",
            static (settings, value) => settings with { Endpoints = EtcdOptions.ParseEndpoints(value) }),
        ("cluster_name", "vecsql", "What the cluster is called in etcd",
            static (settings, value) => settings with { Name = Checked(value) }),
        ("node_name", "none", "What the node is called; no two of a cluster have the same name",
            static (settings, value) => settings with { NodeName = Checked(value) }),
        ("zone", "none", "Where the node is: replicas of a shard go to different zones",
            static (settings, value) => settings with { Zone = Checked(value) }),
        ("advertise", "where the node listens", "The address by which other nodes reach this one",
            static (settings, value) => settings with { Advertised = Address(value) }),
        ("etcd_user", "none", "The user as whom the node logs in to etcd",
            static (settings, value) => settings with { User = value }),
        ("etcd_password_file", "none", "A file with the password of etcd_user",
            static (settings, value) => settings with { PasswordFile = Path.GetFullPath(value) }),
        ("etcd_ca_file", "what the system trusts", "Authorities in PEM whose certificates etcd may show",
            static (settings, value) => settings with { AuthorityFile = Path.GetFullPath(value) }),
        ("etcd_cert_file", "none", "The certificate in PEM that is shown to etcd",
            static (settings, value) => settings with { CertificateFile = Path.GetFullPath(value) }),
        ("etcd_key_file", "in etcd_cert_file", "The certificate's key in PEM",
            static (settings, value) => settings with { KeyFile = Path.GetFullPath(value) }),
    ];

    /// <summary>Whether these settings fit together, and with the node's others.</summary>
    /// <exception cref="SettingException">They do not.</exception>
    public void Check(NodeSettings node)
    {
        if (Endpoints.Count == 0)
            throw new SettingException("settings of a cluster are given, and cluster is not: where is its etcd?");
        if (!node.TriesClusters)
        {
            throw new SettingException("cluster: clusters are not finished yet, so a node is not made part of one");
        }
        if (NodeName.Length == 0)
            throw new SettingException("node_name: a node of a cluster needs a name");
        if (node.FlightListen is not { } flight)
            throw new SettingException("flight_listen = \"none\": nodes of a cluster reach each other there");
        if (Advertised is null && (IsAny(flight.Address) || IsAny(node.PgListen.Address)))
            throw new SettingException("advertise: a node that listens at all addresses must say by which others reach it");
    }

    /// <exception cref="SettingException">A file cannot be used.</exception>
    public EtcdOptions ToEtcd()
    {
        try
        {
            return new EtcdOptions
            {
                Endpoints = Endpoints,
                User = User,
                Password = PasswordFile is null ? null : File.ReadAllText(PasswordFile).TrimEnd('\r', '\n'),
                Tls = AuthorityFile is null && CertificateFile is null ? null : EtcdTls.Load(AuthorityFile, CertificateFile, KeyFile),
                Seed = RandomNumberGenerator.GetInt32(int.MaxValue),
            };
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new SettingException($"etcd: {unusable.Message}");
        }
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress Address(string value) =>
        IPAddress.TryParse(value, out IPAddress? address) ? address : throw new FormatException("must be an IP address");

    private static string Checked(string value) => Names().IsMatch(value)
        ? value : throw new FormatException("must be 1 to 63 letters, digits, points, dashes and underscores");

    [GeneratedRegex("^[A-Za-z0-9._-]{1,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex Names();
}
