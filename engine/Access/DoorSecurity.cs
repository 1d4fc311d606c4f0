namespace VecSQL.Engine.Access;

/// <summary>What new connections are held to.</summary>
/// <param name="Tls">Null where TLS is not offered.</param>
public sealed record DoorSecurity(HostRules Rules, TlsIdentity? Tls)
{
    /// <summary>Of a node that was told nothing: no TLS, and everybody on this machine is let in.</summary>
    public static DoorSecurity BuiltIn { get; } = new(HostRules.BuiltIn, null);
}
