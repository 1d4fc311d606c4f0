namespace VecSQL.Vectors.Kernels;

/// <summary>How far two vectors are from each other; smaller is nearer in each.</summary>
public enum DistanceMetric : byte
{
    /// <summary>Euclidean distance: <c>&lt;-&gt;</c>.</summary>
    L2,

    /// <summary>The inner product with its sign turned: <c>&lt;#&gt;</c>.</summary>
    NegativeInnerProduct,

    /// <summary>1 − cosine of the angle: <c>&lt;=&gt;</c>. NaN where a vector is zero.</summary>
    Cosine,

    /// <summary>Sum of absolute differences: <c>&lt;+&gt;</c>.</summary>
    L1,
}

/// <summary>How far two bit strings are from each other.</summary>
public enum BitMetric : byte
{
    /// <summary>How many bits differ: <c>&lt;~&gt;</c>.</summary>
    Hamming,

    /// <summary>1 − common ones ÷ ones of either: <c>&lt;%&gt;</c>.</summary>
    Jaccard,
}
