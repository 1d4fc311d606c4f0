using System.Net;
using System.Numerics;
using System.Text;

namespace VecSQL.Engine.Access;

/// <summary>Reads rules from a file in the form of pg_hba.conf.</summary>
/// <remarks>
/// Layout: one rule a line, <c>type database user address method options</c>, between blanks; lists by commas; double quotes take the
/// meaning from keywords; # begins a comment; a backslash at the end of a line continues it.
/// </remarks>
internal static class HostRuleReader
{
    private const int LinesMax = 100_000;

    /// <exception cref="FormatException">A line cannot be used.</exception>
    public static IReadOnlyList<HostRule> Read(string text, string source)
    {
        List<HostRule> rules = [];
        string[] lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n');
        if (lines.Length > LinesMax)
            throw new FormatException($"{source}: more than {LinesMax} lines");
        for (int i = 0; i < lines.Length; i++)
        {
            int number = i + 1;
            StringBuilder line = new(lines[i]);
            while (line.Length > 0 && line[^1] == '\\' && i + 1 < lines.Length)
            {
                line.Length--;
                line.Append(lines[++i]);
            }
            try
            {
                if (Fields(line.ToString()) is { Count: > 0 } fields)
                    rules.Add(ReadRule(number, fields));
            }
            catch (FormatException wrong)
            {
                throw new FormatException($"{source}:{number}: {wrong.Message}", wrong);
            }
        }
        return rules.Count > 0 ? rules : throw new FormatException($"{source}: contains no rules");
    }

    public static string NameOf(RuleTransport transport) => transport switch
    {
        RuleTransport.Local => "local",
        RuleTransport.Any => "host",
        RuleTransport.Encrypted => "hostssl",
        _ => "hostnossl",
    };

    private static HostRule ReadRule(int line, List<List<Word>> fields)
    {
        RuleTransport transport = Only(fields[0], "connection types").Text switch
        {
            "local" => RuleTransport.Local,
            "host" => RuleTransport.Any,
            "hostssl" => RuleTransport.Encrypted,
            "hostnossl" => RuleTransport.Plain,
            "hostgssenc" or "hostnogssenc" => throw new FormatException("GSSAPI encryption is not supported"),
            string other => throw new FormatException($"invalid connection type \"{other}\""),
        };
        NameList databases = Names(Field(fields, 1, "database"), isDatabase: true);
        NameList users = Names(Field(fields, 2, "role"), isDatabase: false);
        int next = 3;
        HostRule rule = new(line, transport, databases, users, AuthenticationMethod.Reject);
        if (transport != RuleTransport.Local)
            rule = WithAddress(rule, fields, ref next);
        string method = Only(Field(fields, next++, "authentication method"), "authentication methods").Text;
        rule = WithMethod(rule with { MethodName = method }, method);
        for (; next < fields.Count; next++)
        {
            foreach (Word option in fields[next])
                rule = WithOption(rule, option.Text);
        }
        return rule;
    }

    private static HostRule WithAddress(HostRule rule, List<List<Word>> fields, ref int next)
    {
        Word address = Only(Field(fields, next++, "IP address"), "host addresses");
        switch (address)
        {
            case { Text: "all", IsQuoted: false }:
                return rule;
            case { Text: "samehost", IsQuoted: false }:
                return rule with { IsSameHost = true };
            case { Text: "samenet", IsQuoted: false }:
                throw new FormatException("samenet is not supported; write the network as address/bits");
        }
        if (address.Text.Contains('/'))
        {
            return IPNetwork.TryParse(address.Text, out IPNetwork network)
                ? rule with { Network = network }
                : throw new FormatException(
                    $"invalid address \"{address.Text}\": must be address/bits");
        }
        if (!IPAddress.TryParse(address.Text, out IPAddress? single))
            throw new FormatException($"invalid address \"{address.Text}\": host names are not supported");
        string mask = Only(Field(fields, next++, "netmask"), "netmasks").Text;
        if (!IPAddress.TryParse(mask, out IPAddress? bits) || bits.AddressFamily != single.AddressFamily || PrefixOf(bits) is not { } prefix)
            throw new FormatException($"invalid netmask \"{mask}\"");
        return IPNetwork.TryParse($"{single}/{prefix}", out IPNetwork masked)
            ? rule with { Network = masked, Mask = mask }
            : throw new FormatException($"invalid address \"{address.Text}\"");
    }

    private static int? PrefixOf(IPAddress mask)
    {
        byte[] bytes = mask.GetAddressBytes();
        int prefix = bytes.Sum(part => BitOperations.PopCount(part));
        for (int bit = 0; bit < prefix; bit++)
        {
            if ((bytes[bit / 8] & (0x80 >> (bit % 8))) == 0)
                return null; // not ones and then zeros
        }
        return prefix;
    }

    private static HostRule WithMethod(HostRule rule, string method)
    {
        bool isEncrypted = rule.Transport == RuleTransport.Encrypted;
        switch (method)
        {
            case "trust":
                return rule with { Method = AuthenticationMethod.Trust };
            case "reject":
                return rule with { Method = AuthenticationMethod.Reject };
            case "scram-sha-256":
                return rule with { Method = AuthenticationMethod.Scram };
            case "password":
                return isEncrypted
                    ? rule with { Method = AuthenticationMethod.Password }
                    : throw new FormatException("password authentication is only supported on hostssl connections; use scram-sha-256");
            case "cert":
                return isEncrypted
                    ? rule with { Method = AuthenticationMethod.Certificate, NeedsCertificate = true, NamesUser = true }
                    : throw new FormatException("cert authentication is only supported on hostssl connections");
            case "peer" when rule.Transport == RuleTransport.Local:
                return rule; // as there are no Unix sockets, the rule is for nobody
            case "md5":
                throw new FormatException("md5 is not supported; use scram-sha-256");
            case "ident" or "peer" or "gss" or "sspi" or "ldap" or "radius" or "pam" or "bsd":
                throw new FormatException($"authentication method \"{method}\" is not supported");
            default:
                throw new FormatException($"invalid authentication method \"{method}\"");
        }
    }

    private static HostRule WithOption(HostRule rule, string option)
    {
        HostRule changed = rule with { Options = [.. rule.Options, option] };
        switch (option)
        {
            case "clientcert=verify-ca" or "clientcert=verify-full" when rule.Transport != RuleTransport.Encrypted:
                throw new FormatException("clientcert can only be configured for hostssl rows");
            case "clientcert=verify-ca" when rule.Method != AuthenticationMethod.Certificate:
                return changed with { NeedsCertificate = true };
            case "clientcert=verify-full":
                return changed with { NeedsCertificate = true, NamesUser = true };
            case "clientname=CN" when rule.NeedsCertificate:
                return changed;
            default:
                throw new FormatException($"option \"{option}\" is not supported");
        }
    }

    private static NameList Names(List<Word> words, bool isDatabase)
    {
        bool isAll = false, isSameUser = false;
        HashSet<string> exact = new(StringComparer.Ordinal);
        foreach (Word word in words)
        {
            switch (word)
            {
                case { IsQuoted: true }:
                    exact.Add(word.Text);
                    break;
                case { Text: "all" }:
                    isAll = true;
                    break;
                case { Text: "sameuser" } when isDatabase:
                    isSameUser = true;
                    break;
                case { Text: "replication" } when isDatabase:
                    break; // such connections there are none
                case { Text: "samerole" or "samegroup" } when isDatabase:
                    throw new FormatException($"{word.Text} is not supported, since there is no role membership");
                case { Text: ['+', ..] } when !isDatabase:
                    throw new FormatException($"{word.Text} is not supported, since there is no role membership");
                case { Text: ['@', ..] }:
                    throw new FormatException($"{word.Text}: names in another file are not supported");
                default:
                    exact.Add(word.Text);
                    break;
            }
        }
        return new NameList([.. words.Select(word => word.Text)], exact, isAll, isSameUser);
    }

    private static List<Word> Field(List<List<Word>> fields, int index, string what) => index < fields.Count
        ? fields[index]
        : throw new FormatException($"end-of-line before {what} specification");

    private static Word Only(List<Word> words, string what) =>
        words.Count == 1 ? words[0] : throw new FormatException($"multiple {what} in one field; give one a line");

    /// <summary>The fields of a line, each a list of words.</summary>
    private static List<List<Word>> Fields(string line)
    {
        List<List<Word>> fields = [];
        bool continues = false;
        int at = 0;
        while (true)
        {
            while (at < line.Length && (char.IsWhiteSpace(line[at]) || line[at] == ','))
                continues |= line[at++] == ',' && fields.Count > 0;
            if (at >= line.Length || line[at] == '#')
                return fields;
            if (!continues)
                fields.Add([]);
            fields[^1].Add(ReadWord(line, ref at));
            continues = false;
        }
    }

    private static Word ReadWord(string line, ref int at)
    {
        StringBuilder word = new();
        bool isInQuotes = false, isQuoted = line[at] == '"';
        for (; at < line.Length; at++)
        {
            char c = line[at];
            if (!isInQuotes && (char.IsWhiteSpace(c) || c is ',' or '#'))
                break;
            if (c != '"')
                word.Append(c);
            else if (isInQuotes && at + 1 < line.Length && line[at + 1] == '"')
                word.Append(line[++at]);
            else
                isInQuotes = !isInQuotes;
        }
        return isInQuotes ? throw new FormatException("a quote is not closed") : new Word(word.ToString(), isQuoted);
    }

    private readonly record struct Word(string Text, bool IsQuoted);
}
