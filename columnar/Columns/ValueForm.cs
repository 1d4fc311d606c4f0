namespace VecSQL.Columnar.Columns;

/// <summary>Values of a Binary column in a form that is quicker to compute with, made bytes only when somebody wants bytes.</summary>
/// <remarks>Immutable. Threads: any.</remarks>
public abstract class ValueForm
{
    /// <summary>What the values take in this form.</summary>
    public abstract long SizeBytes { get; }

    /// <summary>The values with these numbers, in that order.</summary>
    public abstract ValueForm Take(ReadOnlySpan<int> rows);

    public abstract ValueForm Slice(int start, int count);

    /// <summary>The bytes of all values; those of null rows may be any.</summary>
    public abstract ListView ToBytes(int length, Bitmap validity);

    /// <summary>The values of columns one after the other; null where some are not of this form, and no constant nulls.</summary>
    /// <param name="length">Of all together.</param>
    public abstract ValueForm? TryJoin(IReadOnlyList<Column> columns, int length);
}
