using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding.Types;

/// <summary>A function chosen for a call.</summary>
/// <param name="Types">For each parameter in order: its declared type, variadic ones spread out.</param>
/// <param name="Order">For each parameter: which argument of the call fills it; −1 for a default.</param>
/// <param name="IsSpread">The last arguments of the call are the elements of a variadic array.</param>
internal sealed record ChosenFunction(FunctionEntry Function, uint[] Types, int[] Order, bool IsSpread);

/// <summary>Finds the function that a name means for arguments of given types.</summary>
internal static class FunctionChoice
{
    /// <param name="names">The arguments' names, null for those given by position.</param>
    /// <param name="made">Functions that users made which the name may mean.</param>
    /// <param name="isVariadic">The call marks its last argument VARIADIC.</param>
    /// <returns>The choice; null where none fits.</returns>
    internal static ChosenFunction? TryFind(
        QualifiedName name, ReadOnlySpan<uint> arguments, IReadOnlyList<string?> names, bool isVariadic,
        Func<string, bool> isSchemaVisible, IReadOnlyList<FunctionEntry> made, out bool isAmbiguous)
    {
        isAmbiguous = false;
        List<ChosenFunction> candidates = [];
        foreach (FunctionEntry function in FunctionRegistry.FindFunctions(name.Name))
        {
            bool isNamed = name.Schema is null ? isSchemaVisible(function.Schema) : name.Schema == function.Schema;
            if (isNamed && Match(function, arguments.Length, names, isVariadic) is { } candidate)
                candidates.Add(candidate);
        }
        foreach (FunctionEntry function in made)
        {
            if (Match(function, arguments.Length, names, isVariadic) is { } candidate)
                candidates.Add(candidate);
        }
        RemoveShadowed(candidates);
        uint[] actual = arguments.ToArray();
        List<ChosenFunction> exact = [.. candidates.Where(candidate => IsExact(candidate, actual))];
        if (exact.Count == 1)
            return exact[0];
        List<ChosenFunction> fitting = [.. candidates.Where(candidate =>
            CastPath.CanCoerce(Ordered(candidate, actual), Given(candidate), CastContext.Implicit))];
        if (fitting.Count <= 1)
            return fitting.Count == 0 ? null : fitting[0];
        if (names.All(static argument => argument is null))
        {
            int best = CandidateChoice.Choose(actual, [.. fitting.Select(Given)]);
            isAmbiguous = best < 0;
            return best < 0 ? null : fitting[best];
        }
        isAmbiguous = true;
        return null;
    }

    internal static SqlException NotFound(
        QualifiedName name, ReadOnlySpan<uint> arguments, IReadOnlyList<string?> names, bool isAmbiguous, int position)
    {
        var spelled = new List<string>();
        for (int i = 0; i < arguments.Length; i++)
            spelled.Add((names[i] is { } given ? given + " => " : "") + TypeFacts.Name(arguments[i]));
        string signature = $"{name}({string.Join(", ", spelled)})";
        return isAmbiguous
            ? new SqlException(SqlState.AmbiguousFunction, $"function {signature} is not unique", position,
                "Could not choose a best candidate function. You might need to add explicit type casts.")
            : new SqlException(SqlState.UndefinedFunction, $"function {signature} does not exist", position,
                "No function matches the given name and argument types. You might need to add explicit type casts.");
    }

    /// <summary>Fits the number and names of the arguments to the function's parameters.</summary>
    private static ChosenFunction? Match(FunctionEntry function, int count, IReadOnlyList<string?> names,
        bool isVariadic)
    {
        int parameters = function.Arguments.Length;
        bool canSpread = function.VariadicElement != 0 && !isVariadic;
        uint[] declared = [.. function.Arguments];
        if (canSpread && names.All(static name => name is null))
        {
            if (count < parameters && count + function.DefaultCount < parameters)
                return null;
            if (count >= parameters)
            {
                uint[] spread =
                    [.. declared[..^1], .. Enumerable.Repeat(function.VariadicElement, count - parameters + 1)];
                return new ChosenFunction(function, spread, [.. Enumerable.Range(0, count)], IsSpread: true);
            }
        }
        if (count > parameters || count + function.DefaultCount < parameters)
            return null;
        int[] order = new int[parameters];
        Array.Fill(order, -1);
        for (int i = 0; i < count; i++)
        {
            int parameter = i;
            if (names[i] is { } argumentName)
            {
                parameter = function.ArgumentNames.IndexOf(argumentName);
                if (parameter < 0 || order[parameter] >= 0)
                    return null;
            }
            order[parameter] = i;
        }
        for (int parameter = 0; parameter < parameters - function.DefaultCount; parameter++)
        {
            if (order[parameter] < 0)
                return null;
        }
        return new ChosenFunction(function, declared, order, IsSpread: false);
    }

    /// <summary>A variadic function gives way to one with the same types that is not.</summary>
    private static void RemoveShadowed(List<ChosenFunction> candidates)
    {
        for (int i = candidates.Count - 1; i >= 0; i--)
        {
            ChosenFunction spread = candidates[i];
            bool isShadowed = spread.IsSpread && candidates.Exists(other => other != spread
                && !other.IsSpread && other.Types.AsSpan().SequenceEqual(spread.Types));
            if (isShadowed)
                candidates.RemoveAt(i);
        }
    }

    private static bool IsExact(ChosenFunction candidate, uint[] actual)
    {
        for (int i = 0; i < candidate.Order.Length; i++)
        {
            if (candidate.Order[i] >= 0 && actual[candidate.Order[i]] != candidate.Types[i])
                return false;
        }
        return true;
    }

    /// <summary>The types of the arguments given, in the order of the parameters.</summary>
    private static uint[] Ordered(ChosenFunction candidate, uint[] actual) =>
        [.. candidate.Order.Where(static index => index >= 0).Select(index => actual[index])];

    /// <summary>The declared types of the parameters that arguments are given for.</summary>
    private static uint[] Given(ChosenFunction candidate) =>
        [.. candidate.Types.Where((_, parameter) => candidate.Order[parameter] >= 0)];
}
