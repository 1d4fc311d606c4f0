using System.Buffers.Binary;

namespace VecSQL.Text.Lexemes;

/// <summary>Whether a tsvector meets a tsquery.</summary>
/// <remarks>
/// In three values, as PostgreSQL's: a lexeme without positions has any weight, and may stand anywhere in a phrase. Phrases are matched by the places where they end.
/// </remarks>
public static class LexemeMatch
{
    internal enum Truth { No, Maybe, Yes }

    /// <summary>Places where a part of a phrase ends.</summary>
    /// <param name="Places">Ascending. With <paramref name="IsNegated"/>, those where it does not.</param>
    /// <param name="Width">How many places it spans, less one.</param>
    internal sealed record Found(Truth Truth, int[] Places, bool IsNegated = false, int Width = 0);

    /// <summary>The operator @@; no vector meets the empty query.</summary>
    /// <param name="vector">As <see cref="LexemeVector"/> lays it out; only what the query asks for is read.</param>
    public static bool IsMet(ReadOnlySpan<byte> vector, LexemeQuery? query) =>
        query is not null && Test(new StoredLexemes(vector), query) != Truth.No;

    /// <summary>Whether lexemes that are not, or not yet, a tsvector meet a query.</summary>
    internal static bool IsMet<TLexemes>(TLexemes lexemes, LexemeQuery query) where TLexemes : ILexemes, allows ref struct =>
        Test(lexemes, query) != Truth.No;

    /// <summary>What a query is matched with.</summary>
    internal interface ILexemes
    {
        /// <param name="withPlaces">Places are asked for, ascending; without them a lexeme without positions is enough.</param>
        Found Find(LexemeOperand operand, bool withPlaces);
    }

    private readonly ref struct StoredLexemes(ReadOnlySpan<byte> vector) : ILexemes
    {
        private readonly ReadOnlySpan<byte> _vector = vector;

        public Found Find(LexemeOperand operand, bool withPlaces)
        {
            bool isMet = false;
            List<int> places = [];
            int at = sizeof(int);
            for (int count = BinaryPrimitives.ReadInt32BigEndian(_vector); count > 0; count--)
            {
                int length = _vector[at..].IndexOf((byte)0);
                ReadOnlySpan<byte> text = _vector.Slice(at, length);
                at += length + 1;
                int positions = BinaryPrimitives.ReadUInt16BigEndian(_vector[at..]);
                ReadOnlySpan<byte> packed = _vector.Slice(at + sizeof(ushort), positions * sizeof(ushort));
                at += sizeof(ushort) + packed.Length;
                int order = text.SequenceCompareTo(operand.Text);
                if (order == 0 || (operand.IsPrefix && order > 0 && text.StartsWith(operand.Text)))
                {
                    if (packed.IsEmpty && withPlaces)
                        return new Found(Truth.Maybe, []);
                    isMet |= packed.IsEmpty || AddPlaces(packed, operand.Weights, withPlaces ? places : null);
                }
                else if (order > 0)
                {
                    break;
                }
            }
            return new Found(isMet ? Truth.Yes : Truth.No, withPlaces ? [.. places.Distinct().Order()] : []);
        }

        private static bool AddPlaces(ReadOnlySpan<byte> packed, byte weights, List<int>? places)
        {
            bool isMet = false;
            for (; !packed.IsEmpty; packed = packed[sizeof(ushort)..])
            {
                LexemePosition position = LexemeVector.ReadPosition(packed);
                if (weights != 0 && (weights & (1 << position.Weight)) == 0)
                    continue;
                isMet = true;
                if (places is null)
                    break;
                places.Add(position.Place);
            }
            return isMet;
        }
    }

    private static Truth Test<TLexemes>(TLexemes lexemes, LexemeQuery query) where TLexemes : ILexemes, allows ref struct
    {
        switch (query)
        {
            case LexemeOperand operand:
                return lexemes.Find(operand, withPlaces: false).Truth;
            case LexemeNot not:
                return Opposite(Test(lexemes, not.Operand));
            case LexemeOperation { Operator: LexemeOperator.And } and:
                Truth left = Test(lexemes, and.Left);
                return left == Truth.No ? left : (Truth)Math.Min((int)left, (int)Test(lexemes, and.Right));
            case LexemeOperation { Operator: LexemeOperator.Or } or:
                Truth first = Test(lexemes, or.Left);
                return first == Truth.Yes ? first : (Truth)Math.Max((int)first, (int)Test(lexemes, or.Right));
            default:
                return FindPhrase(lexemes, query).Truth == Truth.Yes ? Truth.Yes : Truth.No;
        }
    }

    private static Truth Opposite(Truth truth) => truth switch { Truth.No => Truth.Yes, Truth.Yes => Truth.No, _ => truth };

    private static Found FindPhrase<TLexemes>(TLexemes lexemes, LexemeQuery query) where TLexemes : ILexemes, allows ref struct
    {
        switch (query)
        {
            case LexemeOperand operand:
                return lexemes.Find(operand, withPlaces: true);
            case LexemeNot not:
                Found inner = FindPhrase(lexemes, not.Operand);
                return inner.Truth switch
                {
                    Truth.No => new Found(Truth.Yes, [], IsNegated: true),
                    Truth.Yes when inner.Places.Length > 0 => inner with { IsNegated = !inner.IsNegated },
                    Truth.Yes => new Found(inner.IsNegated ? Truth.No : Truth.Yes, [], !inner.IsNegated),
                    _ => inner,
                };
        }
        LexemeOperation operation = (LexemeOperation)query;
        Found left = FindPhrase(lexemes, operation.Left);
        bool isOr = operation.Operator == LexemeOperator.Or;
        if (left.Truth == Truth.No && !isOr)
            return left;
        Found right = FindPhrase(lexemes, operation.Right);
        if (right.Truth == Truth.No && !isOr)
            return right;
        if (left.Truth == Truth.Maybe || right.Truth == Truth.Maybe)
            return new Found(Truth.Maybe, []);
        if (isOr && left.Truth == Truth.No)
            return right;
        if (isOr && right.Truth == Truth.No)
            return left;
        return operation.Operator == LexemeOperator.Phrase
            ? Join(left, right, operation.Distance + right.Width, 0, operation.Distance + left.Width + right.Width, isOr)
            : Join(left, right, Math.Max(left.Width, right.Width) - left.Width, Math.Max(left.Width, right.Width) - right.Width,
                Math.Max(left.Width, right.Width), isOr);
    }

    /// <summary>Joins places: those of the left moved by one shift with those of the right moved by another.</summary>
    private static Found Join(Found left, Found right, int leftShift, int rightShift, int width, bool isOr)
    {
        HashSet<int> lefts = [.. left.Places.Select(place => place + leftShift)], rights = [.. right.Places.Select(place => place + rightShift)];
        IEnumerable<int> places;
        bool isNegated;
        switch ((left.IsNegated, right.IsNegated))
        {
            case (true, true): // neither: what is excluded of either, or of both
                (places, isNegated) = (isOr ? lefts.Intersect(rights) : lefts.Union(rights), true);
                break;
            case (true, false):
                (places, isNegated) = isOr ? (lefts.Except(rights), true) : (rights.Except(lefts), false);
                break;
            case (false, true):
                (places, isNegated) = isOr ? (rights.Except(lefts), true) : (lefts.Except(rights), false);
                break;
            default:
                (places, isNegated) = (isOr ? lefts.Union(rights) : lefts.Intersect(rights), false);
                break;
        }
        int[] found = [.. places.Where(static place => place > 0).Order()];
        return new Found(found.Length > 0 || isNegated ? Truth.Yes : Truth.No, found, isNegated, width);
    }

    /// <summary>The lexemes that an operand means, ascending.</summary>
    internal static IEnumerable<Lexeme> Matching(LexemeVector vector, LexemeOperand operand)
    {
        int at = vector.IndexOf(operand.Text);
        if (!operand.IsPrefix)
        {
            if (at >= 0)
                yield return vector.Lexemes[at];
            yield break;
        }
        for (int i = at < 0 ? ~at : at; i < vector.Lexemes.Count && vector.Lexemes[i].Text.AsSpan().StartsWith(operand.Text); i++)
            yield return vector.Lexemes[i];
    }
}
