using VecSQL.Cluster.Protocol;
using VecSQL.Storage.Locking;
using VecSQL.Storage.Tables;

namespace VecSQL.Cluster.Branches;

/// <summary>An advisory lock, as nodes tell each other of it.</summary>
internal sealed record AdvisoryFigure(string Holder, uint Database, uint ClassId, uint ObjectId, short SubId, bool IsShared, bool IsGranted)
{
    public static AdvisoryFigure? Of(HeldLock<AdvisoryKey> held) => held.Owner is AdvisoryHolder holder
        ? new AdvisoryFigure(holder.Name, held.Key.Database, held.Key.ClassId, held.Key.ObjectId, held.Key.SubId, held.Mode == TableLockMode.Share, held.IsGranted)
        : null;

    public HeldLock<AdvisoryKey> ToLock() => new(new AdvisoryKey(Database, ClassId, ObjectId, SubId),
        new AdvisoryHolder(Holder, static () => null, static () => { }), IsShared ? TableLockMode.Share : TableLockMode.Exclusive, IsGranted);

    /// <summary>A call about a lock.</summary>
    public static CallRecord Call(BranchCallKind kind, AdvisoryHolder holder, AdvisoryKey key, bool isShared, bool waits) => new()
    {
        Kind = (int)kind, Text = holder.Name, Oids = { key.Database, key.ClassId, key.ObjectId }, Number = key.SubId, Flag = isShared, Second = waits ? 1 : 0,
    };

    /// <exception cref="InvalidDataException">The call is about none.</exception>
    public static AdvisoryKey KeyIn(CallRecord call) => call.Oids is [var database, var classId, var objectId] && call.Number is 1 or 2
        ? new AdvisoryKey(database, classId, objectId, (short)call.Number) : throw new InvalidDataException("a call about no advisory lock");
}
