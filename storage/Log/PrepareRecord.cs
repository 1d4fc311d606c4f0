using VecSQL.Catalog.Objects;
using VecSQL.Storage.Tables;

namespace VecSQL.Storage.Log;

/// <summary>What a transaction has done and holds when it is prepared, as the log has it: enough to bring it back, locks and all.</summary>
/// <remarks>
/// Layout, after the record's header, whose timestamp is the one before the earliest that the transaction may commit at:
/// <code>
/// global id, coordinator's words: as bytes; time it was prepared, in microseconds since 1970 (signed)
/// count of table locks, each: oid, mode
/// count of sequences that were restarted, each: oid, last value before (signed), whether it was used
/// count of tables with other holds than those of deletions, each: oid
///   count of rows: the first id, then distances; of each then the strength
///   count of keys, each: u64 key, strength
/// the transaction: as <see cref="TransactionRecord"/>
/// </code>
/// </remarks>
internal sealed record PrepareRecord(
    string GlobalId, ReadOnlyMemory<byte> Coordinator, DateTimeOffset Since, IReadOnlyList<(TableId Table, TableLockMode Mode)> TableLocks,
    IReadOnlyList<SequenceMark> Restarts, IReadOnlyList<TableHolds> Holds, TransactionRecord Work)
{
    public static PayloadWriter Encode(PreparedTransaction prepared, Transaction transaction, uint nextOid)
    {
        PayloadWriter target = TransactionRecord.WriterFor(transaction);
        target.WriteText(prepared.GlobalId);
        target.WriteBytes(prepared.Coordinator.Span);
        target.WriteSigned(CommitTimestamp.At(prepared.Since).Value);
        target.WriteVarint(transaction.HeldTableLocks.Count);
        foreach ((TableId table, TableLockMode mode) in transaction.HeldTableLocks)
        {
            target.WriteVarint((ulong)table.Oid);
            target.WriteByte((byte)mode);
        }
        target.WriteVarint(transaction.Restarts.Count);
        foreach (SequenceMark restart in transaction.Restarts)
        {
            target.WriteVarint((ulong)restart.Sequence);
            target.WriteSigned(restart.LastValue);
            target.WriteByte(restart.IsCalled ? (byte)1 : (byte)0);
        }
        List<TableHolds> holds = [];
        foreach (TableWrites writes in transaction.Writes)
        {
            if (writes.HoldsToLog() is { } held)
                holds.Add(held);
        }
        target.WriteVarint(holds.Count);
        foreach (TableHolds table in holds)
            Write(target, table);
        TransactionRecord.Write(target, transaction, nextOid);
        return target;
    }

    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static PrepareRecord Decode(ReadOnlySpan<byte> payload)
    {
        PayloadReader source = new(payload);
        string globalId = source.ReadText();
        byte[] coordinator = source.ReadBytes().ToArray();
        DateTimeOffset since = ReadTime(ref source);
        var locks = new (TableId, TableLockMode)[source.ReadCount(2)];
        for (int i = 0; i < locks.Length; i++)
        {
            TableId table = new(source.ReadOid());
            byte mode = source.ReadByte();
            locks[i] = mode <= (byte)TableLockMode.AccessExclusive
                ? (table, (TableLockMode)mode) : throw new InvalidDataException($"lock mode {mode}");
        }
        var restarts = new SequenceMark[source.ReadCount(3)];
        for (int i = 0; i < restarts.Length; i++)
            restarts[i] = new SequenceMark(source.ReadOid(), source.ReadSigned(), source.ReadByte() != 0, 0);
        var holds = new TableHolds[source.ReadCount(3)];
        for (int i = 0; i < holds.Length; i++)
            holds[i] = ReadHolds(ref source);
        TransactionRecord work = TransactionRecord.Decode(source.ReadRaw(source.Remaining));
        return new PrepareRecord(globalId, coordinator, since, locks, restarts, holds, work);
    }

    private static DateTimeOffset ReadTime(ref PayloadReader source)
    {
        long microseconds = source.ReadSigned();
        return microseconds >= CommitTimestamp.At(DateTimeOffset.MinValue).Value && microseconds <= CommitTimestamp.At(DateTimeOffset.MaxValue).Value
            ? new CommitTimestamp(microseconds).Time
            : throw new InvalidDataException($"{microseconds} is no time");
    }

    private static void Write(PayloadWriter target, TableHolds table)
    {
        target.WriteVarint((ulong)table.Table.Oid);
        target.WriteVarint(table.Rows.Length);
        long before = 0;
        foreach ((long row, RowLockStrength strength) in table.Rows)
        {
            target.WriteVarint(row - before);
            target.WriteByte((byte)strength);
            before = row;
        }
        target.WriteVarint(table.Keys.Length);
        foreach ((long key, RowLockStrength strength) in table.Keys)
        {
            target.WriteUInt64((ulong)key);
            target.WriteByte((byte)strength);
        }
    }

    private static TableHolds ReadHolds(ref PayloadReader source)
    {
        TableId table = new(source.ReadOid());
        var rows = new (long, RowLockStrength)[source.ReadCount(2)];
        long before = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            long distance = source.ReadInt64();
            if (distance > long.MaxValue - before)
                throw new InvalidDataException("a row id is too large");
            rows[i] = (before += distance, ReadStrength(ref source));
        }
        var keys = new (long, RowLockStrength)[source.ReadCount(9)];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = ((long)source.ReadUInt64(), ReadStrength(ref source));
        return new TableHolds(table, rows, keys);
    }

    private static RowLockStrength ReadStrength(ref PayloadReader source)
    {
        byte strength = source.ReadByte();
        return strength <= (byte)RowLockStrength.Update ? (RowLockStrength)strength : throw new InvalidDataException($"row lock strength {strength}");
    }
}

/// <summary>Rows of a table that a transaction has locked and not deleted, by id, and keys that it holds.</summary>
internal sealed record TableHolds(TableId Table, (long Row, RowLockStrength Strength)[] Rows, (long Key, RowLockStrength Strength)[] Keys);

/// <summary>What became of a prepared transaction, as the log has it.</summary>
/// <remarks>Layout, after the record's header, whose timestamp is the commit's: global id as bytes; a byte, 1 for commit.</remarks>
internal readonly record struct DecisionRecord(string GlobalId, bool IsCommit)
{
    public PayloadWriter Encode()
    {
        PayloadWriter target = new();
        target.WriteText(GlobalId);
        target.WriteByte(IsCommit ? (byte)1 : (byte)0);
        return target;
    }

    /// <exception cref="InvalidDataException">The bytes are not a record.</exception>
    public static DecisionRecord Decode(ReadOnlySpan<byte> payload)
    {
        PayloadReader source = new(payload);
        DecisionRecord record = new(source.ReadText(), source.ReadByte() switch
        {
            0 => false,
            1 => true,
            byte other => throw new InvalidDataException($"decision {other}"),
        });
        return source.IsAtEnd ? record : throw new InvalidDataException($"{source.Remaining} bytes too many");
    }
}
