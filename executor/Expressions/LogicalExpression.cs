using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>AND and OR in three-valued logic, on whole words of bits.</summary>
/// <remarks>
/// Operands that cannot fail come first and are computed for all rows; each of the others only for the rows that
/// nothing before
/// it has decided. So <c>x &lt;&gt; 0 AND y / x &gt; 1</c> divides by no zero, whichever operand stands first.
/// </remarks>
internal sealed class LogicalExpression : VectorExpression
{
    /// <summary>Where only one row in so many is open, taking those out costs less than computing an operand for all.</summary>
    private const int RowsSparedMin = 4;

    private readonly bool _isAnd;
    private readonly Operand[] _operands;

    private LogicalExpression(bool isAnd, Operand[] operands)
    {
        _isAnd = isAnd;
        _operands = operands;
    }

    private sealed class Operand(ScalarExpression node)
    {
        private int[]? _ordinals;

        public VectorExpression Expression { get; } = ExpressionCompiler.Compile(node);

        public bool IsTotal { get; } = ExpressionTraits.IsTotal(node);

        /// <summary>The input columns that it reads; most are never asked.</summary>
        public int[] Ordinals => _ordinals ??= ExpressionTraits.InputOrdinals(node);
    }

    public static LogicalExpression Make(LogicalOperation node)
    {
        var operands = new Operand[node.Operands.Count];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = new Operand(node.Operands[i]);
        return new LogicalExpression(node.IsAnd, [.. operands.OrderBy(static operand => !operand.IsTotal)]);
    }

    public override Column Evaluate(ColumnBatch input, EvaluationContext context)
    {
        int rowCount = input.RowCount;
        if (rowCount == 0)
            return BoolColumn.Constant(_isAnd, 0);
        var truth = new ThreeValued(rowCount, _isAnd);
        bool isConstant = true;
        for (int i = 0; i < _operands.Length; i++)
        {
            Operand operand = _operands[i];
            if (i == 0 || (operand.IsTotal && truth.CountOpen() * RowsSparedMin > rowCount))
            {
                Column value = operand.Expression.Evaluate(input, context);
                isConstant &= value.IsConstant;
                truth.Combine((BoolColumn)value);
                if (isConstant && truth.IsDecided(0))
                    break; // no row is left to the others
                continue;
            }
            int[] open = truth.OpenRows();
            if (open.Length == 0)
                break;
            Column part = operand.Expression.Evaluate(
                open.Length == rowCount ? input : Columns.TakeUsed(input, open, operand.Ordinals), context);
            isConstant &= part.IsConstant && open.Length == rowCount;
            truth.CombineAt((BoolColumn)part, open);
        }
        BoolColumn result = truth.ToColumn();
        return isConstant ? result.Broadcast(0, rowCount) : result;
    }

    /// <summary>Which rows are known true and known false so far; a row that is neither is null, or
    /// undecided.</summary>
    private readonly struct ThreeValued
    {
        private readonly ulong[] _true, _false;
        private readonly int _rowCount;
        private readonly bool _isAnd;

        public ThreeValued(int rowCount, bool isAnd)
        {
            _rowCount = rowCount;
            _isAnd = isAnd;
            _true = Bitmap.Allocate(rowCount);
            _false = Bitmap.Allocate(rowCount);
            Array.Fill(isAnd ? _true : _false, ulong.MaxValue); // an empty AND is true, an empty OR false
        }

        /// <summary>A false decides an AND, a true decides an OR.</summary>
        public bool IsDecided(int row) => ((_isAnd ? _false : _true)[row >> 6] & (1UL << (row & 63))) != 0;

        public int CountOpen() => _rowCount - new Bitmap(_isAnd ? _false : _true, _rowCount).CountSet();

        public int[] OpenRows()
        {
            Bitmap open = BitmapKernel.Not(new Bitmap(_isAnd ? _false : _true, _rowCount));
            int[] rows = new int[open.CountSet()];
            open.WriteSetIndexes(rows);
            return rows;
        }

        public void Combine(BoolColumn operand)
        {
            if (operand.IsConstant)
                operand = (BoolColumn)operand.Expand();
            ReadOnlySpan<ulong> values = operand.Values.Words;
            ReadOnlySpan<ulong> known = operand.HasNulls ? operand.Validity.Words : default;
            for (int i = 0; i < _true.Length; i++)
            {
                ulong knownWord = known.IsEmpty ? ulong.MaxValue : known[i];
                Merge(i, values[i] & knownWord, ~values[i] & knownWord);
            }
        }

        /// <summary>Combines an operand that was computed for some rows only; the others are decided.</summary>
        public void CombineAt(BoolColumn operand, int[] rows)
        {
            if (rows.Length == _rowCount)
            {
                Combine(operand);
                return;
            }
            ulong[] isTrue = new ulong[_true.Length], isFalse = new ulong[_true.Length];
            for (int i = 0; i < rows.Length; i++)
            {
                if (!operand.IsNull(i))
                    Bitmap.Set(operand[i] ? isTrue : isFalse, rows[i]);
            }
            for (int i = 0; i < _true.Length; i++)
                Merge(i, isTrue[i], isFalse[i]);
        }

        public BoolColumn ToColumn()
        {
            ulong[] known = new ulong[_true.Length];
            ulong unknown = 0;
            for (int i = 0; i < known.Length; i++)
            {
                known[i] = _true[i] | _false[i];
                unknown |= ~known[i] & (i == known.Length - 1 && (_rowCount & 63) != 0 ? (1UL << (_rowCount & 63)) - 1
                    : ulong.MaxValue);
            }
            return new BoolColumn(new Bitmap(_true, _rowCount), unknown == 0 ? default : new Bitmap(known, _rowCount));
        }

        private void Merge(int word, ulong isTrue, ulong isFalse)
        {
            if (_isAnd)
            {
                _true[word] &= isTrue;
                _false[word] |= isFalse;
            }
            else
            {
                _true[word] |= isTrue;
                _false[word] &= isFalse;
            }
        }
    }
}
