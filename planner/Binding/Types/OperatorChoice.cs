using System.Collections.Concurrent;
using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding.Types;

/// <summary>Finds the operator that a symbol means for operands of given types.</summary>
internal static class OperatorChoice
{
    // Operators and types are the same for as long as the program runs, so that this grows no further than there are of them.
    private static readonly ConcurrentDictionary<(string Symbol, uint Left, uint Right), OperatorEntry> Found = new();

    /// <param name="left">0 for a prefix operator.</param>
    /// <exception cref="SqlException">42883: there is none; 42725: several fit equally well.</exception>
    internal static OperatorEntry Find(OperatorName name, uint left, uint right, int position) =>
        TryFind(name, left, right, out bool isAmbiguous)
        ?? throw NotFound(name, left, right, isAmbiguous, position);

    internal static OperatorEntry? TryFind(OperatorName name, uint left, uint right, out bool isAmbiguous)
    {
        isAmbiguous = false;
        if (name.Schema is not null)
            return Search(name, left, right, out isAmbiguous);
        if (Found.TryGetValue((name.Symbol, left, right), out OperatorEntry? known))
            return known;
        OperatorEntry? found = Search(name, left, right, out isAmbiguous);
        if (found is not null)
            Found.TryAdd((name.Symbol, left, right), found);
        return found;
    }

    private static OperatorEntry? Search(OperatorName name, uint left, uint right, out bool isAmbiguous)
    {
        isAmbiguous = false;
        bool isPrefix = left == 0;
        ImmutableArray<OperatorEntry> named = [.. FunctionRegistry.FindOperators(name.Symbol)
            .Where(op => op.Left == 0 == isPrefix && (name.Schema is null || name.Schema == op.Schema))];
        if (named.IsEmpty)
            return null;
        // An untyped operand is first taken to have the other one's type.
        uint exactLeft = left == TypeOid.Unknown && !isPrefix ? right : left;
        uint exactRight = right == TypeOid.Unknown && !isPrefix ? left : right;
        foreach (OperatorEntry op in named)
        {
            if (op.Left == exactLeft && op.Right == exactRight)
                return op;
        }
        uint[] operands = isPrefix ? [right] : [left, right];
        List<OperatorEntry> fitting = [];
        List<uint[]> signatures = [];
        foreach (OperatorEntry op in named)
        {
            uint[] signature = isPrefix ? [op.Right] : [op.Left, op.Right];
            if (!CastPath.CanCoerce(operands, signature, CastContext.Implicit))
                continue;
            fitting.Add(op);
            signatures.Add(signature);
        }
        if (fitting.Count > 1)
        {
            int best = CandidateChoice.Choose(operands, signatures);
            isAmbiguous = best < 0;
            return best < 0 ? null : fitting[best];
        }
        return fitting.Count == 0 ? null : fitting[0];
    }

    private static SqlException NotFound(OperatorName name, uint left, uint right, bool isAmbiguous, int position)
    {
        string symbol = name.Schema is null ? name.Symbol : $"{name.Schema}.{name.Symbol}";
        string spelled = left == 0
            ? $"{symbol} {TypeFacts.Name(right)}"
            : $"{TypeFacts.Name(left)} {symbol} {TypeFacts.Name(right)}";
        if (isAmbiguous)
        {
            return new SqlException(SqlState.AmbiguousFunction, $"operator is not unique: {spelled}", position,
                "Could not choose a best candidate operator. You might need to add explicit type casts.");
        }
        return new SqlException(SqlState.UndefinedFunction, $"operator does not exist: {spelled}", position, left == 0
            ? "No operator matches the given name and argument type. You might need to add an explicit type cast."
            : "No operator matches the given name and argument types. You might need to add explicit type casts.");
    }
}
