using System.Net;

namespace VecSQL.Engine.Access;

/// <summary>How a client proves who it is.</summary>
public enum AuthenticationMethod : byte { Trust, Reject, Scram, Password, Certificate }

/// <summary>Which connections a rule is for, by how they came.</summary>
public enum RuleTransport : byte { Local, Any, Encrypted, Plain }

/// <summary>One line of the rules: whom it is for, and what is asked of them.</summary>
public sealed record HostRule(int Line, RuleTransport Transport, NameList Databases, NameList Users, AuthenticationMethod Method)
{
    /// <summary>Null for all addresses, or for those of this machine.</summary>
    public IPNetwork? Network { get; init; }

    /// <summary>The mask as the file has it, where it stands apart.</summary>
    public string? Mask { get; init; }

    public bool IsSameHost { get; init; }

    /// <summary>clientcert=verify-ca or verify-full, or the method cert.</summary>
    public bool NeedsCertificate { get; init; }

    /// <summary>The certificate's common name must be the user's name.</summary>
    public bool NamesUser { get; init; }

    /// <summary>The method as the file has it.</summary>
    public string MethodName { get; init; } = "trust";

    public IReadOnlyList<string> Options { get; init; } = [];

    public bool IsFor(IPAddress address, bool isEncrypted, string database, string user, Func<IReadOnlyList<IPAddress>> ownAddresses)
    {
        bool isTransport = Transport switch
        {
            RuleTransport.Any => true,
            RuleTransport.Encrypted => isEncrypted,
            RuleTransport.Plain => !isEncrypted,
            _ => false,
        };
        return isTransport && Databases.Holds(database, user) && Users.Holds(user, user)
            && (Network is not { } network || network.Contains(address))
            && (!IsSameHost || IPAddress.IsLoopback(address) || ownAddresses().Contains(address));
    }

    /// <summary>Whether it lets in, without asking for anything, anybody from another machine.</summary>
    public bool IsOpen => Method == AuthenticationMethod.Trust && Transport != RuleTransport.Local && !NeedsCertificate
        && !(Network is { } network && IPAddress.IsLoopback(network.BaseAddress)
            && network.PrefixLength >= (network.BaseAddress.GetAddressBytes().Length == 4 ? 8 : 128));
}

/// <summary>A column of names: some, or words for several.</summary>
/// <param name="Names">As written, for those who ask.</param>
public sealed record NameList(IReadOnlyList<string> Names, IReadOnlySet<string> Exact, bool IsAll, bool IsSameUser)
{
    public static NameList All { get; } = new(["all"], new HashSet<string>(), IsAll: true, IsSameUser: false);

    public bool Holds(string name, string user) => IsAll || Exact.Contains(name) || (IsSameUser && name == user);
}
