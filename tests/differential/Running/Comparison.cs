using System.Globalization;

namespace VecSQL.Differential.Tests.Running;

/// <summary>Says in what two answers to one statement differ.</summary>
/// <remarks>
/// Rows are compared as a bag, and the columns that the statement orders by also in sequence. Floats are compared as text; where that fails,
/// by a relative tolerance of 1e-9, but only in a statement with an aggregate or window over floats, whose order of summation is free; of
/// 1e-5 in one over vectors, whose elements are four-byte floats.
/// Messages are not compared, SQLSTATEs are.
/// </remarks>
internal sealed class Comparison
{
    private readonly Dictionary<uint, uint> _own = [];

    private const double SumTolerance = 1e-9, VectorTolerance = 1e-5;

    private static readonly string[] VectorSums = ["<->", "<#>", "<+>", "l2_", "l1_", "inner_product(", "vector_norm("];

    private static readonly string[] FloatSums = ["sum(", "avg(", "stddev", "var", "corr(", "covar", "regr_", "percentile_cont("];

    /// <summary>Says that a type of the reference's is one with another OID here.</summary>
    public void Map(uint reference, uint own) => _own[reference] = own;

    /// <summary>The kind of difference in a few words; null where there is none.</summary>
    public string? Difference(Generation.Statement statement, SqlAnswer reference, SqlAnswer answer)
    {
        if (reference.Failed || answer.Failed)
        {
            return reference.SqlState == answer.SqlState
                ? null
                : $"SQLSTATE {reference.SqlState ?? "none"}, here {answer.SqlState ?? "none"}";
        }
        if (!reference.Columns.Select(column => column.Name).SequenceEqual(answer.Columns.Select(column => column.Name)))
            return "column names";
        if (!reference.Columns.Select(column => Mapped(column.Oid)).SequenceEqual(answer.Columns.Select(column => column.Oid)))
            return "column types";
        if (!reference.ParameterOids.Select(Mapped).SequenceEqual(answer.ParameterOids))
            return "parameter types";
        if (reference.Tag != answer.Tag)
            return "command tag";
        return Rows(statement, reference, answer);
    }

    private uint Mapped(uint oid) => _own.GetValueOrDefault(oid, oid);

    private static string? Rows(Generation.Statement statement, SqlAnswer reference, SqlAnswer answer)
    {
        string text = statement.Text + statement.Computed;
        double near = statement.IsBinary ? 0 : VectorSums.Any(name => text.Contains(name, StringComparison.Ordinal)) ? VectorTolerance
            : FloatSums.Any(name => text.Contains(name, StringComparison.Ordinal)) ? SumTolerance : 0;
        double[] floats = [.. reference.Columns.Select(column => column.Oid is 700 or 701 ? near : 0)];
        if (statement.IsBinary)
            (reference, answer) = (WithoutNullFlags(reference), WithoutNullFlags(answer));
        int[] keys = [.. statement.OrderedBy.Where(position => position < floats.Length)];
        for (int i = 0; i < reference.Rows.Count; i++)
        {
            if (keys.Any(key => !Same(reference.Rows[i][key], answer.Rows[i][key], floats[key])))
                return "order of rows";
        }
        string?[][] left = Sorted(reference.Rows, floats), right = Sorted(answer.Rows, floats);
        for (int i = 0; i < left.Length; i++)
        {
            for (int column = 0; column < floats.Length; column++)
            {
                if (!Same(left[i][column], right[i][column], floats[column]))
                    return "rows";
            }
        }
        return null;
    }

    /// <summary>Arrays without their word on whether NULLs are among them, which PostgreSQL leaves set when they have gone.</summary>
    private static SqlAnswer WithoutNullFlags(SqlAnswer answer) => answer with
    {
        Rows = [.. answer.Rows.Select(row => row.Select((value, i) =>
            value is { Length: >= 24 } && answer.Columns[i].Oid is 1007 or 1009 or 1231 or 1182 ? value?.Remove(8, 8) : value).ToArray())],
    };

    private static string?[][] Sorted(IReadOnlyList<string?[]> rows, double[] floats) =>
        [.. rows.OrderBy(row => string.Join('\u0001', row.Select((value, i) => value is null ? "\u0002" : floats[i] > 0 ? Rough(value) : value)),
            StringComparer.Ordinal).ThenBy(row => string.Join('\u0001', row), StringComparer.Ordinal)];

    private static string Rough(string value) => double.Parse(value, CultureInfo.InvariantCulture).ToString("E3", CultureInfo.InvariantCulture);

    private static bool Same(string? left, string? right, double tolerance)
    {
        if (left == right)
            return true;
        if (tolerance == 0 || left is null || right is null)
            return false;
        double x = double.Parse(left, CultureInfo.InvariantCulture), y = double.Parse(right, CultureInfo.InvariantCulture);
        return Math.Abs(x - y) <= tolerance * Math.Max(1, Math.Max(Math.Abs(x), Math.Abs(y)));
    }

}
