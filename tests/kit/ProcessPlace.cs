using System.Net;

namespace VecSQL.Kit;

/// <summary>Where a process runs that others connect to: on loopback, or in a network namespace of its own (ip-netns(8)).</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Namespace">Whose network it has; null for this process's.</param>
public sealed record ProcessPlace(IPAddress Address, string? Namespace)
{
    public static ProcessPlace Loopback { get; } = new(IPAddress.Loopback, null);

    /// <summary>The program to start, with the arguments it needs, so that it runs there.</summary>
    internal (string File, string[] Arguments) Command(string file, params string[] arguments) =>
        Namespace is null ? (file, arguments) : ("ip", ["netns", "exec", Namespace, file, .. arguments]);
}
