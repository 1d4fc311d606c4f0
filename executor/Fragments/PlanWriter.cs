using VecSQL.Catalog.Functions;
using VecSQL.Planner.Distribution;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Fragments;

/// <summary>Plans to bytes. What only the session's node knows becomes a parameter, whose value goes along.</summary>
/// <param name="inner">Slots of outer values that the plan fills by itself.</param>
internal sealed class PlanWriter(IReadOnlySet<int> inner)
{
    /// <summary>Deeper trees stay where they are: who reads them goes as deep.</summary>
    internal const int DepthMax = 300;

    private readonly List<ScalarExpression> _holes = [];
    private int _depth;

    internal ByteWriter Bytes { get; } = new();

    /// <summary>What is to be computed where the session is: the parameters, by number.</summary>
    internal IReadOnlyList<ScalarExpression> Holes => _holes;

    /// <summary>Whether all of the plan could be written.</summary>
    internal bool IsWhole { get; private set; } = true;

    /// <summary>Something in the plan can be only where it is.</summary>
    internal void Refuse() => IsWhole = false;

    internal void Record(object? record)
    {
        if (record is ScalarExpression expression && IsOfSession(expression))
            record = new ParameterExpression(expression.Type, HoleOf(expression));
        if (record is null || !IsWhole)
        {
            Bytes.UInt(0);
            return;
        }
        if (PlanRecords.Shape(record.GetType()) is not { } shape || _depth == DepthMax)
        {
            Refuse();
            return;
        }
        Bytes.UInt(shape.Number);
        _depth++;
        shape.Write(record, this);
        _depth--;
    }

    private bool IsOfSession(ScalarExpression expression) => expression switch
    {
        ParameterExpression => true,
        OuterExpression outer => !inner.Contains(outer.Slot),
        CallExpression { Function.Volatility: not Volatility.Volatile } call => !Shipping.IsFree(call.Function) && !Shipping.ReadsInput(call),
        _ => false,
    };

    private int HoleOf(ScalarExpression expression)
    {
        int place = _holes.FindIndex(known => ReferenceEquals(known, expression) || (known, expression) switch
        {
            (ParameterExpression x, ParameterExpression y) => x.Index == y.Index && x.Type == y.Type,
            (OuterExpression x, OuterExpression y) => x == y,
            _ => false,
        });
        if (place >= 0)
            return place;
        _holes.Add(expression);
        return _holes.Count - 1;
    }
}
