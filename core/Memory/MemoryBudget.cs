using VecSQL.Core.Errors;

namespace VecSQL.Core.Memory;

/// <summary>A limit on bytes, shared by everything that reserves from it; budgets nest, a child draws on its parent.</summary>
/// <remarks>Threads: any. A reservation is a promise about memory, not an allocation of it.</remarks>
public sealed class MemoryBudget(string name, long limitBytes, MemoryBudget? parent = null)
{
    private long _used;

    public string Name { get; } = name;

    public long LimitBytes { get; } = limitBytes;

    public long UsedBytes => Volatile.Read(ref _used);

    /// <summary>Reserves the bytes, or nothing when that would exceed this budget's limit or its parent's.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _used, bytes) > LimitBytes || (parent is not null && !parent.TryReserve(bytes)))
        {
            Interlocked.Add(ref _used, -bytes);
            return false;
        }
        return true;
    }

    /// <exception cref="SqlException">53200: the limit would be exceeded.</exception>
    public void Reserve(long bytes)
    {
        if (!TryReserve(bytes))
        {
            throw new SqlException(SqlState.OutOfMemory, "out of memory",
                hint: $"The limit of {Name} is {LimitBytes >> 20} MiB.")
            { Detail = $"Failed on request of {bytes} bytes with {UsedBytes} in use." };
        }
    }

    /// <summary>Counts bytes that are there already, beyond the limit if need be: for who slows down afterwards instead of failing.</summary>
    public void Add(long bytes)
    {
        Interlocked.Add(ref _used, bytes);
        parent?.Add(bytes);
    }

    public void Release(long bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        parent?.Release(bytes);
    }
}
