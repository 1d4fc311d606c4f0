using VecSQL.Core.Errors;
using VecSQL.Core.Memory;

namespace VecSQL.Parser;

/// <summary>What a text's syntax trees, and the plans that are made of them, take of a memory budget.</summary>
/// <remarks>
/// Every token costs about the same, whatever it becomes, so tokens are counted and not objects. Short texts cost nothing.
/// Threads: one at a time.
/// </remarks>
public sealed class SyntaxMemory(MemoryBudget budget) : IDisposable
{
    // Lists and VALUES of small numbers were measured to take 230 to 370 bytes a token at their highest, from tree to plan.
    private const int TokenBytes = 256, CharacterBytes = 4;

    private const long Step = 1 << 20; // short texts must not touch shared counters

    private long _used, _reserved;

    /// <summary>Counts a token with the text it carries.</summary>
    /// <exception cref="SqlException">53200: the budget has no more.</exception>
    internal void Count(int characterCount)
    {
        _used += TokenBytes + ((long)CharacterBytes * characterCount);
        if (_used - _reserved < Step)
            return;
        long wanted = _used - _reserved;
        budget.Reserve(wanted);
        _reserved += wanted;
    }

    public void Dispose()
    {
        if (_reserved > 0)
            budget.Release(_reserved);
        _used = _reserved = 0;
    }
}
