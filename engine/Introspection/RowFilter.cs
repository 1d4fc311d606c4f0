using System.Globalization;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Storage.Tables;

namespace VecSQL.Engine.Introspection;

/// <summary>Equalities that rows must meet, tested before a row is built. The query tests them again, so that passing is always safe.</summary>
internal sealed class RowFilter
{
    private readonly List<object?> _values = [];

    internal RowFilter(IReadOnlyList<ZoneBound> bounds)
    {
        foreach (ZoneBound bound in bounds)
        {
            if (bound.Operator != "=" || bound.Column <= 0 || !TryRead(bound.Value, out object? value))
                continue;
            Columns.Add(bound.Column);
            _values.Add(value);
        }
    }

    internal List<short> Columns { get; } = [];

    internal bool Passes(int index, object? value) => (_values[index], value) switch
    {
        (null, _) or (_, null) => false,
        (long wanted, uint number) => wanted == number,
        (long wanted, int number) => wanted == number,
        (long wanted, short number) => wanted == number,
        (long wanted, long number) => wanted == number,
        (string wanted, string text) => wanted == text,
        _ => true,
    };

    private static bool TryRead(Column column, out object? value)
    {
        value = null;
        if (column.IsNull(0))
            return true;
        switch (column)
        {
            case FixedColumn<long> numbers:
                value = numbers[0];
                return true;
            case FixedColumn<int> numbers:
                value = (long)numbers[0];
                return true;
            case FixedColumn<short> numbers:
                value = (long)numbers[0];
                return true;
            case BinaryColumn text:
                value = Encoding.UTF8.GetString(text[0]);
                return true;
            default:
                return false;
        }
    }

    internal static string Number(object value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
}
