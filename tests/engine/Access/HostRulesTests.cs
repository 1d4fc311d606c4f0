using System.Net;
using VecSQL.Engine.Access;

namespace VecSQL.Engine.Tests.Access;

/// <summary>Rules as files have them, and which one counts.</summary>
public sealed class HostRulesTests
{
    [Theory]
    [InlineData("127.0.0.1", false, "d", "u", "trust")]
    [InlineData("127.9.9.9", true, "d", "u", "trust")]
    [InlineData("::1", false, "d", "u", "trust")]
    [InlineData("::ffff:127.0.0.1", false, "d", "u", "trust")]
    [InlineData("10.0.0.1", true, "d", "u", null)]
    [InlineData("::2", true, "d", "u", null)]
    public void Without_a_file_this_machine_is_trusted(string address, bool isEncrypted, string database, string user, string? method) =>
        Assert.Equal(method, HostRules.BuiltIn.Find(IPAddress.Parse(address), isEncrypted, database, user)?.MethodName);

    [Theory]
    [InlineData("10.1.2.3", true, "d", "joe", 2)]
    [InlineData("10.1.2.3", false, "d", "joe", 3)]
    [InlineData("10.2.2.3", true, "d", "joe", 7)]
    [InlineData("::ffff:10.1.2.3", true, "d", "joe", 2)]
    [InlineData("10.2.0.9", true, "jim", "jim", 4)]
    [InlineData("10.2.0.9", true, "joe", "jim", 7)]
    [InlineData("2001:db8::7", true, "a b", "all", 5)]
    [InlineData("2001:db8::7", true, "a b", "joe", 7)]
    [InlineData("2001:db9::7", true, "a b", "all", 7)]
    [InlineData("127.0.0.1", false, "x", "y", 6)]
    public void The_first_rule_that_fits_counts(string address, bool isEncrypted, string database, string user, int line)
    {
        HostRules rules = HostRules.Parse(
            """
            # who may come
            hostssl   all  joe,"ann"  10.1.0.0/16  scram-sha-256
            hostnossl all  joe        10.1.0.0   255.255.0.0  reject # not in the open
            host sameuser, replication all 10.2.0.9/32 scram-sha-256
            host "a b"     "all"      2001:db8::/32  scram-sha-256
            host all       all        samehost   trust
            host all       all        all  \
              reject
            """, "f");
        Assert.Equal(line, rules.Find(IPAddress.Parse(address), isEncrypted, database, user)?.Line);
    }

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.1 255.0.0.0")]
    public void Bits_of_an_address_behind_its_mask_do_not_matter(string address)
    {
        HostRules rules = HostRules.Parse($"host all all {address} reject", "f");
        Assert.NotNull(rules.Find(IPAddress.Parse("10.9.9.9"), true, "d", "u"));
        Assert.Null(rules.Find(IPAddress.Parse("11.9.9.9"), true, "d", "u"));
    }

    [Fact]
    public void Nobody_else_is_let_in()
    {
        HostRules rules = HostRules.Parse("local all all trust\nhost replication,d u 10.0.0.0/8 trust", "f");
        Assert.Null(rules.Find(IPAddress.Loopback, true, "d", "u"));
        Assert.Null(rules.Find(IPAddress.Parse("10.0.0.1"), true, "replication", "u"));
        Assert.NotNull(rules.Find(IPAddress.Parse("10.0.0.1"), true, "d", "u"));
        Assert.Equal([1], rules.LocalLines);
    }

    [Theory]
    [InlineData("host all all all trust", 1)]
    [InlineData("host all all 0.0.0.0/0 trust", 1)]
    [InlineData("host all all samehost trust", 1)]
    [InlineData("host all all 127.0.0.0/7 scram-sha-256\nhost all all 126.0.0.0/7 trust", 2)]
    [InlineData("hostssl all all ::/0 trust", 1)]
    [InlineData("host all all 127.0.0.0/8 trust\nhost all all ::1/128 trust\nhost all all all scram-sha-256", null)]
    [InlineData("hostssl all all all trust clientcert=verify-full", null)]
    [InlineData("local all all trust\nhost all all all reject", null)]
    public void A_rule_that_trusts_other_machines_is_found(string text, int? line) =>
        Assert.Equal(line, HostRules.Parse(text, "f").OpenLine);

    [Theory]
    [InlineData("host all all all md5", "f:1: md5 is not supported; use scram-sha-256")]
    [InlineData("\nhost all all all ldap", "f:2: authentication method \"ldap\" is not supported")]
    [InlineData("host all all all foo", "f:1: invalid authentication method \"foo\"")]
    [InlineData("host all all all password", "f:1: password authentication is only supported on hostssl connections; use scram-sha-256")]
    [InlineData("host all all all cert", "f:1: cert authentication is only supported on hostssl connections")]
    [InlineData("hostgssenc all all all gss", "f:1: GSSAPI encryption is not supported")]
    [InlineData("hosts all all all trust", "f:1: invalid connection type \"hosts\"")]
    [InlineData("host all +admins all trust", "f:1: +admins is not supported, since there is no role membership")]
    [InlineData("host samerole all all trust", "f:1: samerole is not supported, since there is no role membership")]
    [InlineData("host @file all all trust", "f:1: @file: names in another file are not supported")]
    [InlineData("host all all example.org trust", "f:1: invalid address \"example.org\": host names are not supported")]
    [InlineData("host all all samenet trust", "f:1: samenet is not supported; write the network as address/bits")]
    [InlineData("host all all 10.0.0.1/33 trust", "f:1: invalid address \"10.0.0.1/33\": must be address/bits")]
    [InlineData("host all all 10.0.0.1/ trust", "f:1: invalid address \"10.0.0.1/\": must be address/bits")]
    [InlineData("host all all 10.0.0.0 255.0.255.0 trust", "f:1: invalid netmask \"255.0.255.0\"")]
    [InlineData("host all all 10.0.0.0 trust", "f:1: invalid netmask \"trust\"")]
    [InlineData("host all all", "f:1: end-of-line before IP address specification")]
    [InlineData("host all all all", "f:1: end-of-line before authentication method specification")]
    [InlineData("host all \"all all all trust", "f:1: a quote is not closed")]
    [InlineData("host all all all trust clientcert=verify-ca", "f:1: clientcert can only be configured for hostssl rows")]
    [InlineData("hostssl all all all cert map=m", "f:1: option \"map=m\" is not supported")]
    [InlineData("# nothing", "f: contains no rules")]
    public void What_cannot_be_used_is_named_with_its_line(string text, string problem) =>
        Assert.Equal(problem, Assert.Throws<FormatException>(() => HostRules.Parse(text, "f")).Message);

    [Fact]
    public void Rules_are_shown_as_they_were_written()
    {
        ConnectionRule row = HostRules.Parse("hostssl a,\"b c\" all 10.0.0.0/9 trust clientcert=verify-ca", "f").Rows[0];
        Assert.Equal((1, "hostssl", "10.0.0.0", "255.128.0.0", "trust"), (row.Line, row.Type, row.Address, row.Netmask, row.Method));
        Assert.Equal(["a", "b c"], row.Databases);
        Assert.Equal(["clientcert=verify-ca"], row.Options);
    }

    [Fact]
    public void Whatever_stands_in_the_file_nothing_but_a_sentence_comes_of_it()
    {
        const string Letters = "host all\t,\"#\\\n10.0/8:+@=ssl trust cert";
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(60)).Select(_ => Letters[random.Next(Letters.Length)]));
            text = random.Next(2) == 0 ? text : "host all all 10.0.0.0/8 " + text;
            try
            {
                HostRules.Parse(text, "f");
            }
            catch (FormatException wrong)
            {
                Assert.StartsWith("f:", wrong.Message, StringComparison.Ordinal);
            }
        }
    }
}
