namespace VecSQL.Engine.Access;

/// <summary>Who may connect from where and how they prove who they are, as the doors have it; made by whoever hosts the node.</summary>
/// <remarks>Threads: any.</remarks>
public interface IConnectionRules
{
    /// <summary>The rules in force, in the order in which they are tried.</summary>
    IReadOnlyList<ConnectionRule> Rules { get; }

    /// <summary>When they were read last.</summary>
    DateTimeOffset LoadTime { get; }

    /// <summary>Reads rules, certificates and keys anew; new connections are held to them.</summary>
    /// <returns>False where they cannot be used: what was in force stays so, and the log says why.</returns>
    bool Reload();
}

/// <summary>A row of pg_hba_file_rules.</summary>
/// <param name="Line">0 for a rule that stands in no file.</param>
public sealed record ConnectionRule(int Line, string Type, IReadOnlyList<string> Databases, IReadOnlyList<string> Users,
    string? Address, string? Netmask, string Method, IReadOnlyList<string> Options);
