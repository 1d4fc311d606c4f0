using VecSQL.Columnar.Kernels;

namespace VecSQL.Executor.Functions;

/// <summary>What PostgreSQL calls comparison functions.</summary>
internal static class ComparisonNames
{
    public static readonly (string Suffix, ComparisonKind Kind)[] All =
    [
        ("eq", ComparisonKind.Equal), ("ne", ComparisonKind.NotEqual), ("lt", ComparisonKind.Less),
        ("le", ComparisonKind.LessOrEqual), ("gt", ComparisonKind.Greater), ("ge", ComparisonKind.GreaterOrEqual),
    ];
}
