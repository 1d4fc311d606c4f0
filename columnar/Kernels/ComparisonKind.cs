namespace VecSQL.Columnar.Kernels;

/// <summary>The six comparisons of a total order.</summary>
public enum ComparisonKind : byte { Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual }

/// <summary>Comparisons as questions about the sign of a three-way comparison.</summary>
public static class ComparisonKinds
{
    /// <summary>Whether a three-way comparison's outcome (negative, zero, positive) answers the question with
    /// yes.</summary>
    public static bool Holds(this ComparisonKind kind, int order) => kind switch
    {
        ComparisonKind.Equal => order == 0,
        ComparisonKind.NotEqual => order != 0,
        ComparisonKind.Less => order < 0,
        ComparisonKind.LessOrEqual => order <= 0,
        ComparisonKind.Greater => order > 0,
        _ => order >= 0,
    };
}
