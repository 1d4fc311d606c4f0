namespace VecSQL.Storage.Locking;

/// <summary>What an advisory lock is on: numbers whose meaning applications agree on, by database.</summary>
/// <param name="SubId">1 where the application gave one number, 2 where it gave two.</param>
public readonly record struct AdvisoryKey(uint Database, uint ClassId, uint ObjectId, short SubId)
{
    /// <summary>The key of one number.</summary>
    public static AdvisoryKey Of(long number) => new(0, (uint)(number >> 32), (uint)number, 1);

    /// <summary>The key of two numbers.</summary>
    public static AdvisoryKey Of(int first, int second) => new(0, (uint)first, (uint)second, 2);
}
