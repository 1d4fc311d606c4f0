using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using VecSQL.Core.Errors;

namespace VecSQL.Engine.Access;

/// <summary>Who may connect from where, and how they prove who they are: the first rule that fits a connection counts.</summary>
/// <remarks>Source: PostgreSQL manual, "The pg_hba.conf File".</remarks>
public sealed class HostRules
{
    private readonly IReadOnlyList<HostRule> _rules;
    private readonly Lazy<IReadOnlyList<IPAddress>> _ownAddresses = new(FindOwnAddresses);

    private HostRules(IReadOnlyList<HostRule> rules, bool areGiven)
    {
        _rules = rules;
        AreGiven = areGiven;
    }

    /// <summary>What a node has that was given none: everybody on this machine is who they say.</summary>
    public static HostRules BuiltIn { get; } = new(
    [
        Trust(IPNetwork.Parse("127.0.0.0/8")),
        Trust(IPNetwork.Parse("::1/128")),
    ], areGiven: false);

    /// <summary>Whether somebody wrote them: then users must be roles that may log in.</summary>
    public bool AreGiven { get; }

    /// <summary>The line of a rule that lets in anybody from another machine without asking for anything; null where there is none.</summary>
    public int? OpenLine => _rules.FirstOrDefault(rule => rule.IsOpen)?.Line;

    /// <summary>The lines of rules for Unix sockets, of which there are none.</summary>
    public IEnumerable<int> LocalLines => _rules.Where(rule => rule.Transport == RuleTransport.Local).Select(rule => rule.Line);

    /// <summary>The line of a rule that asks for certificates, which without TLS and a CA nobody can show; null where there is none.</summary>
    public int? CertificateLine => _rules.FirstOrDefault(rule => rule.NeedsCertificate)?.Line;

    /// <summary>The rules as pg_hba_file_rules shows them.</summary>
    public IReadOnlyList<ConnectionRule> Rows => [.. _rules.Select(Row)];

    /// <param name="source">The file's name, for errors.</param>
    /// <exception cref="FormatException">A line cannot be used; the message has file and line.</exception>
    public static HostRules Parse(string text, string source) => new(HostRuleReader.Read(text, source), areGiven: true);

    /// <summary>The rule by which a client of a connection shows who it is.</summary>
    /// <exception cref="SqlException">28000: no rule is for the connection, or it rejects it.</exception>
    public HostRule Require(IPAddress address, bool isEncrypted, string database, string user)
    {
        HostRule? rule = Find(address, isEncrypted, database, user);
        if (rule is not null && rule.Method != AuthenticationMethod.Reject)
            return rule;
        string encryption = isEncrypted ? "SSL encryption" : "no encryption";
        string where = $"host \"{address}\", user \"{user}\", database \"{database}\", {encryption}";
        throw new SqlException(SqlState.InvalidAuthorizationSpecification,
            rule is null ? $"no pg_hba.conf entry for {where}" : $"pg_hba.conf rejects connection for {where}");
    }

    /// <summary>The rule that counts for a connection; null where none fits.</summary>
    internal HostRule? Find(IPAddress address, bool isEncrypted, string database, string user)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        foreach (HostRule rule in _rules)
        {
            if (rule.IsFor(plain, isEncrypted, database, user, () => _ownAddresses.Value))
                return rule;
        }
        return null;
    }

    private static HostRule Trust(IPNetwork network) =>
        new(0, RuleTransport.Any, NameList.All, NameList.All, AuthenticationMethod.Trust) { Network = network };

    private static ConnectionRule Row(HostRule rule)
    {
        string? address = rule.Transport == RuleTransport.Local ? null
            : rule.IsSameHost ? "samehost"
            : rule.Network is { } network ? network.BaseAddress.ToString() : "all";
        string? mask = rule.Network is { } range ? rule.Mask ?? MaskOf(range).ToString() : null;
        return new ConnectionRule(rule.Line, HostRuleReader.NameOf(rule.Transport), rule.Databases.Names, rule.Users.Names, address, mask,
            rule.MethodName, rule.Options);
    }

    private static IPAddress MaskOf(IPNetwork network)
    {
        byte[] mask = new byte[network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 4 : 16];
        for (int bit = 0; bit < network.PrefixLength; bit++)
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return new IPAddress(mask);
    }

    private static IReadOnlyList<IPAddress> FindOwnAddresses() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces().SelectMany(
            found => found.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address)),
    ];
}
