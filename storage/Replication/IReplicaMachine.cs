using VecSQL.Catalog.Placement;
using VecSQL.Storage.Log;

namespace VecSQL.Storage.Replication;

/// <summary>What the log's entries make: the tables of a shard. Entries are applied in order, each once since the start or the last rewind.</summary>
/// <remarks>
/// Durable: a machine may keep what it holds at some entry, <see cref="Durable"/>, and begins there when it is opened again. It may move that
///          place only to an entry that is committed, and on this node's disk; so with <see cref="Held"/>.
/// Threads: the replica's.
/// </remarks>
public interface IReplicaMachine
{
    /// <summary>The last entry that was applied.</summary>
    LogPosition Applied { get; }

    /// <summary>What it would begin with after a crash.</summary>
    LogPosition Durable { get; }

    /// <summary>The last entry of which something may be in what is durable: a log that has another in its place does not lead on from there.</summary>
    LogPosition Held { get; }

    /// <param name="own">The proposal that the entry comes from, on the primary that made it.</param>
    /// <returns>False where the entry cannot be applied yet: nothing was done, and it is to be tried again.</returns>
    bool Apply(RawRecord entry, IProposal? own);

    /// <summary>Nothing that is not applied yet is committed at a moment, or before: who reads at it here misses nothing.</summary>
    void Close(long moment);

    /// <summary>An order-free checksum of what it held at the last <see cref="LogRecordKind.Check"/>, the same wherever the same entries were applied;
    /// null while it is not known.</summary>
    ulong? Checksum();

    /// <summary>The node is the primary of a term, and all that was committed before is applied.</summary>
    void Lead(Term term);

    /// <summary>The node is the primary no more: from here on entries are others'.</summary>
    void Follow();

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
