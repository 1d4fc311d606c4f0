using VecSQL.Catalog.Types;

namespace VecSQL.Planner.Binding.Types;

/// <summary>Chooses among functions or operators of one name by the types of the arguments.</summary>
/// <remarks>
/// Source: PostgreSQL manual, "Operator Type Resolution" and "Function Type Resolution", steps 3 and 4.
/// </remarks>
internal static class CandidateChoice
{
    /// <summary>The best of candidates that all fit; -1 where none is better than the others.</summary>
    /// <param name="arguments">Types of the arguments, unknown for untyped literals and parameters.</param>
    /// <param name="candidates">The types each candidate takes, as many as there are arguments.</param>
    internal static int Choose(ReadOnlySpan<uint> arguments, IReadOnlyList<uint[]> candidates)
    {
        uint[] inputs = arguments.ToArray();
        List<int> left = [.. Enumerable.Range(0, candidates.Count)];
        left = KeepBest(left, i =>
            Count(inputs, candidates[i], static (input, type) => input != TypeOid.Unknown && input == type));
        if (left.Count == 1)
            return left[0];

        left = KeepBest(left, i => Count(inputs, candidates[i], static (input, type) =>
            input != TypeOid.Unknown
            && (input == type
                || (TypeFacts.Category(input) == TypeFacts.Category(type) && TypeFacts.IsPreferred(type)))));
        if (left.Count == 1)
            return left[0];

        if (!inputs.Contains(TypeOid.Unknown))
            return -1;
        left = ByUnknownCategories(inputs, candidates, left);
        return left.Count == 1 ? left[0] : ByTheKnownType(inputs, candidates, left);
    }

    private static int Count(uint[] inputs, uint[] types, Func<uint, uint, bool> fits)
    {
        int count = 0;
        for (int i = 0; i < inputs.Length; i++)
            count += fits(inputs[i], types[i]) ? 1 : 0;
        return count;
    }

    /// <summary>Those with the highest score; all of them where every score is 0.</summary>
    private static List<int> KeepBest(List<int> candidates, Func<int, int> score)
    {
        int best = candidates.Max(score);
        return best == 0 ? candidates : [.. candidates.Where(i => score(i) == best)];
    }

    /// <summary>
    /// An untyped argument takes the string category where any candidate does, else the one category they agree on.
    /// </summary>
    private static List<int> ByUnknownCategories(uint[] inputs, IReadOnlyList<uint[]> candidates, List<int> left)
    {
        char[] slotCategory = new char[inputs.Length];
        bool[] slotHasPreferred = new bool[inputs.Length];
        bool resolved = true;
        for (int slot = 0; slot < inputs.Length && resolved; slot++)
        {
            if (inputs[slot] != TypeOid.Unknown)
                continue;
            char category = '\0';
            bool hasConflict = false, hasPreferred = false;
            foreach (int i in left)
            {
                uint type = candidates[i][slot];
                char current = TypeFacts.Category(type);
                if (category == '\0')
                {
                    category = current;
                    hasPreferred = TypeFacts.IsPreferred(type);
                }
                else if (current == category)
                {
                    hasPreferred |= TypeFacts.IsPreferred(type);
                }
                else if (current == 'S')
                {
                    category = 'S';
                    hasPreferred = TypeFacts.IsPreferred(type);
                }
                else
                {
                    hasConflict = true;
                }
            }
            resolved = !hasConflict || category == 'S';
            (slotCategory[slot], slotHasPreferred[slot]) = (category, hasPreferred);
        }
        if (!resolved)
            return left;
        List<int> kept = [.. left.Where(i =>
        {
            for (int slot = 0; slot < inputs.Length; slot++)
            {
                if (inputs[slot] != TypeOid.Unknown)
                    continue;
                uint type = candidates[i][slot];
                if (TypeFacts.Category(type) != slotCategory[slot])
                    return false;
                if (slotHasPreferred[slot] && !TypeFacts.IsPreferred(type))
                    return false;
            }
            return true;
        })];
        return kept.Count > 0 ? kept : left;
    }

    /// <summary>Where all typed arguments have one type, the untyped ones are taken to have it too.</summary>
    private static int ByTheKnownType(uint[] inputs, IReadOnlyList<uint[]> candidates, List<int> left)
    {
        uint known = TypeOid.Unknown;
        foreach (uint input in inputs)
        {
            if (input == TypeOid.Unknown)
                continue;
            if (known != TypeOid.Unknown && known != input)
                return -1;
            known = input;
        }
        if (known == TypeOid.Unknown)
            return -1;
        uint[] assumed = new uint[inputs.Length];
        Array.Fill(assumed, known);
        int found = -1;
        foreach (int i in left)
        {
            if (!CastPath.CanCoerce(assumed, candidates[i], Catalog.Functions.CastContext.Implicit))
                continue;
            if (found >= 0)
                return -1;
            found = i;
        }
        return found;
    }
}
