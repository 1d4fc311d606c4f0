using System.Diagnostics.CodeAnalysis;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Functions;
using VecSQL.Planner.Physical;

namespace VecSQL.Executor.Expressions;

/// <summary>IN and NOT IN over a list: a set where equal values have equal bytes and the items are constants, else
/// one by one.</summary>
internal static class InListExpression
{
    public static VectorExpression Make(InListOperation node)
    {
        VectorExpression operand = ExpressionCompiler.Compile(node.Operand);
        bool isPadded = node.Equality.Implementation == "bpchareq";
        if ((isPadded || IsBytewise(node.Equality.Implementation))
            && node.Items.All(static item => item is ConstantExpression or ParameterExpression))
        {
            return new SetMembership(operand, node, isPadded);
        }
        CallSite site = ExpressionCompiler.SiteOf(node.Operand, node.Items[0]);
        VectorFunction equality = FunctionLibrary.Make(node.Equality, site);
        return new ListMembership(operand, ExpressionCompiler.CompileAll(node.Items), equality, node);
    }

    /// <summary>Equality functions that hold exactly where the values' bytes are equal.</summary>
    public static bool IsBytewise(string implementation) =>
        implementation is "int2eq" or "int4eq" or "int8eq" or "int48eq" or "int84eq"
        or "int24eq" or "int42eq" or "int28eq" or "int82eq" or "oideq" or "enum_eq" or "chareq" or "texteq" or "nameeq" or "nameeqtext"
        or "texteqname" or "byteaeq" or "date_eq" or "timestamp_eq" or "timestamptz_eq" or "time_eq";

    private sealed class SetMembership(VectorExpression operand, InListOperation node, bool isPadded) : VectorExpression
    {
        private readonly bool _isOfConstants = node.Items.All(static item => item is ConstantExpression);
        private KnownSet? _known; // of whoever came last: a run's batches follow each other

        public override Column Evaluate(ColumnBatch input, EvaluationContext context)
        {
            Column value = operand.Evaluate(input, context);
            IValueSet set = SetOf(context.Parameters);
            if (value.IsConstant && input.RowCount > 0)
                return Test(set, value.WithLength(1), 1).Broadcast(0, input.RowCount);
            return (DictionaryEvaluation.Of(value) is { } known
                    ? DictionaryEvaluation.Evaluate((BinaryColumn)value, known, isTotal: true, (values, count) => Test(set, values, count))
                    : null)
                ?? Test(set, value, input.RowCount);
        }

        private IValueSet SetOf(Column[] parameters)
        {
            if (_known is { } known && (_isOfConstants || ReferenceEquals(known.Parameters, parameters)))
                return known.Set;
            Column[] items = [.. node.Items.Select(item => item is ParameterExpression parameter
                ? parameters[parameter.Index] : ((ConstantExpression)item).Value)];
            bool isText = items.Length > 0 && items[0].Type == PhysicalType.Binary;
            IValueSet set = isText ? new ByteSet(items, isPadded) : new IntegerSet(items);
            _known = new KnownSet(_isOfConstants ? [] : parameters, set);
            return set;
        }

        private BoolColumn Test(IValueSet set, Column value, int rowCount)
        {
            ulong[] bits = Bitmap.Allocate(rowCount);
            set.Probe(value, rowCount, bits);
            Bitmap found = new(bits, rowCount), validity = Columns.ValidityOf(value);
            if (set.HasNull) // whether a value that was not found equals the null is unknown
                validity = Bitmap.And(validity, found);
            return new BoolColumn(node.IsNegated ? Columnar.Kernels.BitmapKernel.Not(found) : found, validity);
        }

        private sealed record KnownSet(Column[] Parameters, IValueSet Set);
    }

    private sealed class ListMembership(
        VectorExpression operand, VectorExpression[] items, VectorFunction equality, InListOperation node)
            : VectorExpression
    {
        public override Column Evaluate(ColumnBatch input, EvaluationContext context)
        {
            Column value = operand.Evaluate(input, context);
            ulong[] found = Bitmap.Allocate(input.RowCount), unknown = Bitmap.Allocate(input.RowCount);
            bool isConstant = value.IsConstant;
            foreach (VectorExpression item in items)
            {
                Column candidate = item.Evaluate(input, context);
                isConstant &= candidate.IsConstant;
                var equal = (BoolColumn)FunctionCall.Invoke(
                    equality, node.Equality, [value, candidate], PhysicalType.Bool, input.RowCount, context);
                equal = (BoolColumn)equal.Expand();
                ReadOnlySpan<ulong> isEqual = equal.Values.Words, isKnown = equal.HasNulls ? equal.Validity.Words : default;
                for (int i = 0; i < found.Length; i++)
                {
                    found[i] |= isKnown.IsEmpty ? isEqual[i] : isEqual[i] & isKnown[i];
                    unknown[i] |= isKnown.IsEmpty ? 0 : ~isKnown[i];
                }
            }
            ulong[] bits = Bitmap.Allocate(input.RowCount), known = Bitmap.Allocate(input.RowCount);
            for (int i = 0; i < bits.Length; i++)
            {
                bits[i] = node.IsNegated ? ~found[i] : found[i];
                known[i] = found[i] | ~unknown[i];
            }
            var result = new BoolColumn(new Bitmap(bits, input.RowCount), new Bitmap(known, input.RowCount));
            return isConstant && input.RowCount > 0 ? result.Broadcast(0, input.RowCount) : result;
        }
    }
}

/// <summary>A set of constants to look values up in.</summary>
internal interface IValueSet
{
    /// <summary>Whether a null is among the items.</summary>
    bool HasNull { get; }

    /// <summary>Whether there is no item, not even a null.</summary>
    bool IsEmpty { get; }

    /// <summary>Sets the bits of the rows whose value is in the set; what null rows get is unspecified.</summary>
    void Probe(Column values, int rowCount, Span<ulong> bits);
}

internal sealed class IntegerSet : IValueSet
{
    private readonly HashSet<long> _items = [];

    public IntegerSet(IEnumerable<Column> items)
    {
        foreach (Column item in items)
        {
            if (item.IsNull(0))
                HasNull = true;
            else
                _items.Add(NumberSpan.Of<long>(item)[0]);
        }
    }

    public bool HasNull { get; }

    public bool IsEmpty => _items.Count == 0 && !HasNull;

    public void Probe(Column values, int rowCount, Span<ulong> bits)
    {
        ReadOnlySpan<long> numbers = NumberSpan.Of<long>(values);
        for (int row = 0; row < rowCount; row++)
        {
            if (_items.Contains(numbers[row & values.RowMask]))
                Bitmap.Set(bits, row);
        }
    }
}

internal sealed class ByteSet : IValueSet
{
    private readonly HashSet<byte[]> _items = new(BytesComparer.Instance);
    private readonly bool _isPadded;

    /// <param name="isPadded">Blanks at the end of values do not count.</param>
    public ByteSet(IEnumerable<Column> items, bool isPadded = false)
    {
        _isPadded = isPadded;
        foreach (Column item in items)
        {
            if (item.IsNull(0))
                HasNull = true;
            else
                _items.Add(Counting(((BinaryColumn)item)[0]).ToArray());
        }
    }

    public bool HasNull { get; }

    public bool IsEmpty => _items.Count == 0 && !HasNull;

    public void Probe(Column values, int rowCount, Span<ulong> bits)
    {
        var texts = (BinaryColumn)values;
        HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> lookup = _items.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (int row = 0; row < rowCount; row++)
        {
            if (lookup.Contains(Counting(texts[row])))
                Bitmap.Set(bits, row);
        }
    }

    private ReadOnlySpan<byte> Counting(ReadOnlySpan<byte> value) => _isPadded ? value.TrimEnd((byte)' ') : value;

    private sealed class BytesComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals([AllowNull] byte[] x, [AllowNull] byte[] y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode([DisallowNull] byte[] value) => GetHashCode(value.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            HashCode hash = new();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }
}
