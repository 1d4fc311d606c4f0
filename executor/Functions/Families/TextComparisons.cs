using VecSQL.Columnar.Columns;
using VecSQL.Columnar.Kernels;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions.Families;

/// <summary>Comparison of text, name, char(n) and bytea: by bytes, which is the order of code points (collation
/// C).</summary>
internal static class TextComparisons
{
    private static readonly (string Suffix, ComparisonKind Kind)[] Comparisons =
    [
        ("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
        ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual),
    ];

    public static void Define(FunctionTable table)
    {
        foreach ((string suffix, ComparisonKind kind) in Comparisons)
        {
            // text_lt and the like are spelled with an underscore, texteq and textne are not.
            bool isEquality = kind is ComparisonKind.Equal or ComparisonKind.NotEqual;
            table.Vector(isEquality ? "text" + suffix : "text_" + suffix, new ByteComparison(kind), isTotal: true);
            table.Vector("name" + suffix, new ByteComparison(kind), isTotal: true);
            table.Vector("name" + suffix + "text", new ByteComparison(kind), isTotal: true);
            table.Vector("text" + suffix + "name", new ByteComparison(kind), isTotal: true);
            table.Vector("bytea" + suffix, new ByteComparison(kind), isTotal: true);
            table.Vector("bpchar" + suffix, new PaddedComparison(kind), isTotal: true);
            string pattern = suffix switch { "lt" or "le" or "gt" or "ge" => suffix, _ => "" };
            if (pattern.Length > 0)
                table.Vector($"text_pattern_{pattern}", new ByteComparison(kind), isTotal: true);
        }
        table.Vector("aclitemeq", new ByteComparison(ComparisonKind.Equal), isTotal: true);
        table.Fixed("bttextcmp", static (in Row row) => Math.Sign(row.Bytes(0).SequenceCompareTo(row.Bytes(1))));
        table.Fixed("byteacmp", static (in Row row) => Math.Sign(row.Bytes(0).SequenceCompareTo(row.Bytes(1))));
        table.Fixed("bpcharcmp", static (in Row row) =>
            Math.Sign(Unpadded(row.Bytes(0)).SequenceCompareTo(Unpadded(row.Bytes(1)))));
        table.Binary("text_larger", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).SequenceCompareTo(row.Bytes(1)) > 0 ? row.Bytes(0)
                : row.Bytes(1)), isTotal: true);
        table.Binary("text_smaller", static (in Row row, BinaryColumnBuilder target) =>
            target.Append(row.Bytes(0).SequenceCompareTo(row.Bytes(1)) < 0 ? row.Bytes(0)
                : row.Bytes(1)), isTotal: true);
    }

    /// <summary>A char(n) value without the blanks at its end, which do not count.</summary>
    public static ReadOnlySpan<byte> Unpadded(ReadOnlySpan<byte> value) => value.TrimEnd((byte)' ');

    private sealed class ByteComparison(ComparisonKind kind) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var x = (BinaryColumn)arguments[0];
            var y = (BinaryColumn)arguments[1];
            ulong[] bits = Bitmap.Allocate(rowCount);
            if (kind is ComparisonKind.Equal or ComparisonKind.NotEqual)
                FillEqual(x, y, rowCount, bits, kind == ComparisonKind.Equal);
            else
                FillOrdered(x, y, rowCount, bits);
            return new BoolColumn(new Bitmap(bits, rowCount), validity);
        }

        // Lengths are compared first: they lie side by side, while the bytes of a value may lie anywhere.
        private static void FillEqual(BinaryColumn x, BinaryColumn y, int rowCount, ulong[] bits, bool wanted)
        {
            ReadOnlySpan<byte> dataX = x.Data, dataY = y.Data;
            ReadOnlySpan<int> startsX = x.Starts, startsY = y.Starts, lengthsX = x.Lengths, lengthsY = y.Lengths;
            int maskX = x.RowMask, maskY = y.RowMask;
            for (int row = 0; row < rowCount; row++)
            {
                int atX = row & maskX, atY = row & maskY, length = lengthsX[atX];
                bool isEqual = length == lengthsY[atY]
                    && dataX.Slice(startsX[atX], length).SequenceEqual(dataY.Slice(startsY[atY], length));
                if (isEqual == wanted)
                    Bitmap.Set(bits, row);
            }
        }

        private void FillOrdered(BinaryColumn x, BinaryColumn y, int rowCount, ulong[] bits)
        {
            for (int row = 0; row < rowCount; row++)
            {
                if (kind.Holds(x[row].SequenceCompareTo(y[row])))
                    Bitmap.Set(bits, row);
            }
        }
    }

    private sealed class PaddedComparison(ComparisonKind kind) : VectorFunction
    {
        public override Column Evaluate(
            ReadOnlySpan<Column> arguments, int rowCount, Bitmap validity, EvaluationContext context)
        {
            var x = (BinaryColumn)arguments[0];
            var y = (BinaryColumn)arguments[1];
            ulong[] bits = Bitmap.Allocate(rowCount);
            for (int row = 0; row < rowCount; row++)
            {
                if (kind.Holds(Unpadded(x[row]).SequenceCompareTo(Unpadded(y[row]))))
                    Bitmap.Set(bits, row);
            }
            return new BoolColumn(new Bitmap(bits, rowCount), validity);
        }
    }
}
