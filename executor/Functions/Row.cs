using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Executor.Expressions;

namespace VecSQL.Executor.Functions;

/// <summary>One row of a call's arguments, for functions written row by row.</summary>
internal ref struct Row(ReadOnlySpan<Column> arguments, EvaluationContext context)
{
    private readonly ReadOnlySpan<Column> _arguments = arguments;

    public int Index;

    public readonly EvaluationContext Context => context;

    public readonly int Count => _arguments.Length;

    public readonly Column Column(int argument) => _arguments[argument];

    public readonly bool IsNull(int argument) => _arguments[argument].IsNull(Index);

    public readonly bool Bool(int argument) => ((BoolColumn)_arguments[argument])[Index];

    public readonly short Int2(int argument) => ((FixedColumn<short>)_arguments[argument])[Index];

    public readonly int Int4(int argument) => ((FixedColumn<int>)_arguments[argument])[Index];

    public readonly long Int8(int argument) => ((FixedColumn<long>)_arguments[argument])[Index];

    public readonly float Float4(int argument) => ((FixedColumn<float>)_arguments[argument])[Index];

    public readonly double Float8(int argument) => ((FixedColumn<double>)_arguments[argument])[Index];

    public readonly Fixed16 Fixed16(int argument) => ((FixedColumn<Fixed16>)_arguments[argument])[Index];

    public readonly ReadOnlySpan<byte> Bytes(int argument) => ((BinaryColumn)_arguments[argument])[Index];

    /// <summary>A text argument as a string. Prefer <see cref="Bytes"/> where the work can be done on UTF-8.</summary>
    public readonly string Text(int argument) => Encoding.UTF8.GetString(Bytes(argument));
}

/// <summary>A value from a row of arguments.</summary>
internal delegate T RowFunction<T>(in Row row);

/// <summary>Appends exactly one value, or a null, to the target.</summary>
internal delegate void BinaryRowFunction(in Row row, BinaryColumnBuilder target);
