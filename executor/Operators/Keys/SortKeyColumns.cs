using System.Collections.Immutable;
using VecSQL.Columnar.Batches;
using VecSQL.Executor.Expressions;
using VecSQL.Planner.Physical;
using VecSQL.Storage.Keys;

namespace VecSQL.Executor.Operators.Keys;

/// <summary>ORDER BY's keys: computed from a batch and encoded.</summary>
internal sealed class SortKeyColumns
{
    private readonly VectorExpression[] _expressions;
    private readonly OrderedKeyEncoder _encoder;

    internal SortKeyColumns(ImmutableArray<SortKey> keys)
    {
        _expressions = new VectorExpression[keys.Length];
        var orders = new KeyOrder[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            _expressions[i] = CompiledExpressions.Compile(keys[i].Key);
            orders[i] = OrderOf(keys[i]);
        }
        _encoder = new OrderedKeyEncoder(orders);
    }

    internal static KeyOrder OrderOf(SortKey key) =>
        new(KeyKinds.Of(key.Key.Type), key.IsDescending, key.NullsFirst);

    /// <summary>Appends the keys of the batch's rows.</summary>
    internal void Append(ColumnBatch batch, EvaluationContext context, KeyBuffer target) =>
        _encoder.Append(CompiledExpressions.Evaluate(_expressions, batch, context), batch.RowCount, target);
}
