namespace VecSQL.Engine.Sessions;

/// <summary>Sessions of the other nodes of a cluster.</summary>
/// <remarks>Threads: any.</remarks>
public interface ISessionPeers
{
    /// <summary>What other nodes may ask of this one's sessions. Set before there are any.</summary>
    ISessionDirectory? Own { get; set; }

    /// <summary>Told when another node is gone, and its sessions with it; at one of the nodes that are left. Set before there are sessions.</summary>
    Action? Lost { get; set; }

    /// <summary>Sessions of all other nodes that answer, and the names of those that do not.</summary>
    ValueTask<(IReadOnlyList<SessionFigure> Sessions, IReadOnlyList<string> Silent)> ListAsync(CancellationToken cancellation);

    /// <summary>As <see cref="ISessionDirectory.Signal"/>, at the node whose session it is.</summary>
    /// <returns>Null where that node is not there, or does not answer.</returns>
    ValueTask<SignalAnswer?> SignalAsync(SessionSignal signal, CancellationToken cancellation);
}

/// <summary>What the sessions of a node can be asked.</summary>
/// <remarks>Threads: any.</remarks>
public interface ISessionDirectory
{
    IReadOnlyList<SessionFigure> List();

    SignalAnswer Signal(SessionSignal signal);
}

/// <param name="Key">What the session's client was given to cancel it by; null where a session asks, for its <paramref name="Role"/>.</param>
/// <param name="Terminates">The session ends; else what it runs.</param>
public sealed record SessionSignal(int BackendId, int? Key, uint Role, bool IsSuperuser, bool Terminates);

/// <param name="IsFound">There is such a session.</param>
/// <param name="Refusal">Why the role may not; null where it may.</param>
public sealed record SignalAnswer(bool IsFound, string? Refusal = null);
