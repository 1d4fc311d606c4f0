using System.Collections.Concurrent;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>The rows that have come along with a fragment, each for one place in its plan.</summary>
internal sealed class ReceivedRows(IEnumerable<KeyValuePair<int, Operator>> rows)
{
    private readonly ConcurrentDictionary<int, Operator> _rows = new(rows);

    internal static ReceivedRows None { get; } = new([]);

    /// <exception cref="InvalidDataException">There are none of that number, or somebody has them already.</exception>
    internal Operator Take(int number) => _rows.TryRemove(number, out Operator? rows) ? rows
        : throw new InvalidDataException($"no rows {number} have come along with a fragment of a plan that reads them");
}
