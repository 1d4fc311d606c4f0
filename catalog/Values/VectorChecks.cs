using System.Numerics;
using System.Runtime.InteropServices;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>What pgvector demands of vectors, in its words; <c>type</c> is vector, halfvec or sparsevec.</summary>
public static class VectorChecks
{
    /// <summary>Non-zero elements that a sparsevec has at most.</summary>
    public const int NonZeroMax = 16_000;

    /// <exception cref="SqlException">There are too few (22000) or too many (54000) dimensions.</exception>
    public static void Dimensions(int dimensions, string type)
    {
        if (dimensions < 1)
            throw Data($"{type} must have at least 1 dimension");
        int max = type == "sparsevec" ? TypeModifiers.SparseDimensionsMax : TypeModifiers.VectorDimensionsMax;
        if (dimensions > max)
            throw Limit($"{type} cannot have more than {max} dimensions");
    }

    /// <exception cref="SqlException">The type modifier asks for another number of dimensions (22000).</exception>
    public static void Expected(int modifier, int dimensions)
    {
        if (modifier != -1 && modifier != dimensions)
            throw Data($"expected {modifier} dimensions, not {dimensions}");
    }

    /// <exception cref="SqlException">The operands' dimensions differ (22000).</exception>
    public static void SameDimensions(int left, int right, string type)
    {
        if (left != right)
            throw Data($"different {type} dimensions {left} and {right}");
    }

    /// <exception cref="SqlException">An element is NaN or infinite (22000).</exception>
    public static void Elements(ReadOnlySpan<float> elements, string type)
    {
        ReadOnlySpan<Vector<float>> blocks = MemoryMarshal.Cast<float, Vector<float>>(elements);
        Vector<float> sum = Vector<float>.Zero;
        foreach (Vector<float> block in blocks)
            sum += block - block; // NaN, unless the number is finite
        if (sum == Vector<float>.Zero)
            elements = elements[(blocks.Length * Vector<float>.Count)..];
        foreach (float element in elements)
        {
            if (!float.IsFinite(element))
                throw NotFinite(float.IsNaN(element), type);
        }
    }

    /// <inheritdoc cref="Elements(ReadOnlySpan{float}, string)"/>
    public static void Elements(ReadOnlySpan<Half> elements, string type)
    {
        foreach (Half element in elements)
        {
            if (!Half.IsFinite(element))
                throw NotFinite(Half.IsNaN(element), type);
        }
    }

    /// <exception cref="SqlException">
    /// A sparsevec of these dimensions cannot have as many non-zero elements.
    /// </exception>
    public static void NonZeroCount(int count, int dimensions)
    {
        if (count < 0)
            throw Data("sparsevec cannot have negative number of elements");
        if (count > NonZeroMax)
            throw TooManyNonZero();
        if (count > dimensions)
            throw Limit("sparsevec cannot have more elements than dimensions");
    }

    /// <exception cref="SqlException">An index is out of bounds, or not above the one before it (22000).</exception>
    public static void Index(int index, int previous, int dimensions)
    {
        if (index < 0 || index >= dimensions)
            throw Data("sparsevec index out of bounds");
        if (index < previous)
            throw Data("sparsevec indices must be in ascending order");
        if (index == previous)
            throw Data("sparsevec indices must not contain duplicates");
    }

    internal static SqlException TooManyNonZero() =>
        Limit($"sparsevec cannot have more than {NonZeroMax} non-zero elements");

    internal static SqlException NotFinite(bool isNaN, string type) =>
        Data(isNaN ? $"NaN not allowed in {type}" : $"infinite value not allowed in {type}");

    internal static SqlException Data(string message) => new(SqlState.DataException, message);

    internal static SqlException Limit(string message) => new(SqlState.ProgramLimitExceeded, message);
}
