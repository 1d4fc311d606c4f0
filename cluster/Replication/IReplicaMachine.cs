using VecSQL.Catalog.Placement;
using VecSQL.Storage.Log;

namespace VecSQL.Cluster.Replication;

/// <summary>What the log's entries make: the tables of a shard. Entries are applied in order, each once since the start or the last rewind.</summary>
/// <remarks>
/// Durable: a machine may keep what it holds at some entry, <see cref="Durable"/>, and begins there when it is opened again. It may move that
///          place only when <see cref="Replica.CanCheckpoint"/>.
/// Threads: the replica's.
/// </remarks>
public interface IReplicaMachine
{
    /// <summary>The last entry that was applied.</summary>
    LogPosition Applied { get; }

    /// <summary>What it would begin with after a crash.</summary>
    LogPosition Durable { get; }

    /// <param name="own">The proposal that the entry comes from, on the primary that made it.</param>
    void Apply(RawRecord entry, IProposal? own);

    /// <summary>An order-free checksum of what it holds, the same wherever the same entries were applied.</summary>
    ulong Checksum();

    /// <summary>Goes back to what is durable.</summary>
    void Rewind();

    /// <summary>Gives up all that it holds, durably.</summary>
    void Discard();

    /// <summary>A copy of what it holds at <see cref="Durable"/>, which is kept while it is read.</summary>
    IMachineSnapshot OpenSnapshot();

    /// <summary>Begins to take another's copy; what it holds stays until that is whole.</summary>
    IMachineInstall BeginInstall(LogPosition position, long length);
}

/// <summary>A machine's state as bytes.</summary>
public interface IMachineSnapshot : IDisposable
{
    LogPosition Position { get; }

    long Length { get; }

    uint Checksum { get; }

    ReadOnlyMemory<byte> Read(long offset, int lengthMax);
}

/// <summary>A machine's state on its way in.</summary>
public interface IMachineInstall : IDisposable
{
    /// <summary>Takes the bytes after those that are there.</summary>
    void Write(ReadOnlySpan<byte> bytes);

    /// <summary>Checks what has come, and replaces what the machine holds by it in one step, durably.</summary>
    /// <returns>False where it is not what was sent: nothing has changed.</returns>
    bool Complete(uint checksum);
}
