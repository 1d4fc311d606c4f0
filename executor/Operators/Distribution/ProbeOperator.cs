using System.Globalization;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Operators.Distribution;

/// <summary>Hands out the nearest rows of some shards, and of more of them until these are as many as are wanted.</summary>
/// <param name="rounds">How many shards there are in each round.</param>
/// <param name="open">Runs the search at the shards of a round.</param>
/// <param name="wanted">Rows with a distance: the others are the last, and there may be nearer ones.</param>
/// <param name="meter">Told how many shards were asked; null where nobody wants to know.</param>
internal sealed class ProbeOperator(int[] rounds, Func<int, Operator> open, long wanted, NodeMeter? meter) : Operator
{
    private readonly List<Operator> _opened = [];
    private long _found;

    public override async ValueTask<ColumnBatch?> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_opened.Count > 0 && await _opened[^1].NextAsync(cancellation).ConfigureAwait(false) is { } batch)
            {
                _found += CountOf(batch.Columns[^1].Expand());
                return batch;
            }
            if (_opened.Count == rounds.Length || (_opened.Count > 0 && _found >= wanted))
                break;
            _opened.Add(open(_opened.Count));
        }
        Tell();
        return null;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (Operator rows in _opened)
            await rows.DisposeAsync().ConfigureAwait(false);
    }

    private void Tell() =>
        meter?.Tell("Shards", string.Create(CultureInfo.InvariantCulture, $"{rounds.Take(_opened.Count).Sum()} of {rounds.Sum()}"));

    private static int CountOf(Column distances)
    {
        int count = 0;
        for (int row = 0; row < distances.Length; row++)
        {
            bool isNumber = !distances.IsNull(row) && distances switch
            {
                FixedColumn<double> wide => !double.IsNaN(wide.Values[row]),
                FixedColumn<float> narrow => !float.IsNaN(narrow.Values[row]),
                _ => true,
            };
            count += isNumber ? 1 : 0;
        }
        return count;
    }
}
