using System.Text;

namespace VecSQL.Executor.Tests.Operators;

/// <summary>How PostgreSQL orders and equates values, the slow way.</summary>
internal static class ModelOrder
{
    public static int Compare(object? x, object? y, bool isDescending = false, bool nullsFirst = false)
    {
        if (x is null || y is null)
            return x is null && y is null ? 0 : (x is null) == nullsFirst ? -1 : 1;
        int order = (x, y) switch
        {
            (string a, string b) => Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b)),
            (double a, double b) => double.IsNaN(a) ? (double.IsNaN(b) ? 0 : 1) : double.IsNaN(b) ? -1 : a < b ? -1
                : a > b ? 1 : 0,
            (IComparable a, _) => a.CompareTo(y),
            _ => throw new InvalidOperationException(),
        };
        return isDescending ? -order : order;
    }

    /// <summary>Equality of joins: null equals nothing.</summary>
    public static bool? AreEqual(object? x, object? y) => x is null || y is null ? null : Compare(x, y) == 0;

    /// <summary>A text that equal values share, null being a value.</summary>
    public static string Key(params object?[] values) =>
        string.Join('|', values.Select(static value =>
            value switch { null => "~", double and 0 => "0", _ => value.ToString() }));
}
