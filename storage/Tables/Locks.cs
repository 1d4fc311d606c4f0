namespace VecSQL.Storage.Tables;

/// <summary>How strongly a transaction holds a table, weakest first: PostgreSQL's modes and conflicts.</summary>
public enum TableLockMode : byte
{
    AccessShare, RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive,
}

/// <summary>How strongly a transaction holds a row: PostgreSQL's modes.</summary>
public enum RowLockStrength : byte { KeyShare, Share, NoKeyUpdate, Update }

public enum LockWaitPolicy : byte { Block, NoWait, SkipLocked }

public enum IsolationLevel : byte { ReadCommitted, RepeatableRead }

/// <summary>
/// A row that this statement wants to change was changed by a transaction that committed after the statement's
/// snapshot.
/// </summary>
/// <remarks>Under READ COMMITTED the engine takes a new snapshot and runs the statement again; under REPEATABLE READ it
/// becomes 40001.</remarks>
public sealed class WriteConflictException(string message) : Exception(message);
