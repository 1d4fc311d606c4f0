using VecSQL.Kit;
using VecSQL.Server.Configuration;

namespace VecSQL.Server.Tests.Configuration;

/// <summary>Nodes that would be open to others, or cannot show who they are, do not start.</summary>
public sealed class NodeSecurityTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void Without_rules_a_node_listens_on_loopback_only()
    {
        Assert.False(Read().Current.Rules.AreGiven);
        Assert.Equal("pg_listen = \"0.0.0.0:5432\": must be a loopback address where hba_file does not say how clients from elsewhere are authenticated",
            Refused(("pg_listen", "0.0.0.0:5432")));
    }

    [Fact]
    public void With_rules_it_listens_where_it_is_told_if_they_trust_this_machine_only()
    {
        string closed = _certificates.Write("closed", "host all all 127.0.0.1/32 trust\nhost all all all scram-sha-256");
        Assert.True(Read(("pg_listen", "0.0.0.0:5432"), ("hba_file", closed)).Current.Rules.AreGiven);
        string open = _certificates.Write("open", "host all all all scram-sha-256\nhost all all 10.0.0.0/8 trust");
        Read(("hba_file", open));
        Assert.Equal($"{open}:2: trust lets in everybody from other machines, which are served at 0.0.0.0:5432; only loopback addresses may be trusted",
            Refused(("pg_listen", "0.0.0.0:5432"), ("hba_file", open)));
    }

    [Fact]
    public void Rules_that_cannot_be_read_are_named()
    {
        Assert.StartsWith("hba_file = \"/nowhere/hba.conf\": ", Refused(("hba_file", "/nowhere/hba.conf")), StringComparison.Ordinal);
        string wrong = _certificates.Write("wrong", "host all all all md5");
        Assert.Equal($"{wrong}:1: md5 is not supported; use scram-sha-256", Refused(("hba_file", wrong)));
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        if (OperatingSystem.IsWindows())
            return; // files have no modes there
        Assert.NotNull(Read(Tls()).Current.Tls);
        File.SetUnixFileMode(_certificates.ServerKeyFile, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Equal($"private key file \"{_certificates.ServerKeyFile}\" has group or world access; it must be readable by its owner only (chmod 600)",
            Refused(Tls()));
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        string other = _certificates.Issue("other", "localhost");
        Assert.StartsWith($"could not load certificate \"{_certificates.ServerFile}\" with key \"{other}.key\": ", Refused(
            ("ssl", "on"), ("ssl_cert_file", _certificates.ServerFile), ("ssl_key_file", other + ".key")), StringComparison.Ordinal);
        Assert.StartsWith("ssl_cert_file = ", Refused(("ssl", "on"), ("data_dir", "/nowhere")), StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_that_ask_for_certificates_need_somebody_who_issues_them()
    {
        string rules = _certificates.Write("cert", "hostssl all all all cert");
        Assert.Equal($"{rules}:1: client certificates can only be checked if ssl is on and ssl_ca_file is set", Refused([.. Tls(), ("hba_file", rules)]));
        Assert.NotNull(Read([.. Tls(), ("hba_file", rules), ("ssl_ca_file", _certificates.AuthorityFile)]).Current.Tls);
    }

    [Fact]
    public void Rules_that_became_bad_leave_those_before_in_force()
    {
        string rules = _certificates.Write("rules", "host all a all reject");
        NodeSecurity security = Read(("hba_file", rules));
        _certificates.Write("rules", "host all b all foo");
        Assert.False(security.Reload());
        Assert.Equal("a", security.Rules[0].Users[0]);
        _certificates.Write("rules", "host all b all reject");
        Assert.True(security.Reload());
        Assert.Equal("b", security.Rules[0].Users[0]);
    }

    private (string, string)[] Tls() =>
        [("ssl", "on"), ("ssl_cert_file", _certificates.ServerFile), ("ssl_key_file", _certificates.ServerKeyFile)];

    private static string Refused(params (string, string)[] settings) => Assert.Throws<SettingException>(() => Read(settings)).Message;

    private static NodeSecurity Read(params (string Name, string Value)[] settings) => NodeSecurity.Read(
        NodeSettings.Load(null, new Dictionary<string, string>(), settings.ToDictionary(pair => pair.Name, pair => pair.Value)), TimeProvider.System);
}
