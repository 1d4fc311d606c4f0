using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace VecSQL.Core.Errors;

/// <summary>Checks at trust boundaries that hold unless VecSQL itself is wrong; reported as XX000.</summary>
public static class Invariant
{
    /// <exception cref="InvariantException">The condition is false.</exception>
    public static void Holds(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string? expression = null)
    {
        if (!condition)
            throw new InvariantException($"invariant broken: {expression}");
    }
}

/// <summary>VecSQL itself is wrong: reported to the client as an internal error (XX000).</summary>
public sealed class InvariantException(string message) : Exception(message);
