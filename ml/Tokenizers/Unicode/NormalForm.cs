namespace VecSQL.Ml.Tokenizers.Unicode;

/// <summary>Unicode's normal forms, by the tables of <see cref="UnicodeTables"/>.</summary>
/// <remarks>.NET has none of its own where it is built without cultures. Source: Unicode Standard Annex 15.</remarks>
internal static class NormalForm
{
    private const int SyllableFirst = 0xAC00, LeadFirst = 0x1100, VowelFirst = 0x1161, TailFirst = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TailCount = 28;
    private const int SyllableCount = LeadCount * VowelCount * TailCount;

    private static readonly UnicodeTables Tables = UnicodeTables.Instance;

    internal static void Decompose(ReadOnlySpan<char> source, TextBuffer target, bool isCompatible)
    {
        MarkRun run = new(target);
        for (int i = 0; i < source.Length;)
        {
            char letter = source[i];
            if (letter < 0x80 || (letter is < (char)0xC0 && !isCompatible))
            {
                run.Append(letter, 0);
                i++;
                continue;
            }
            int point = CodePoints.At(source, i, out int length);
            if ((isCompatible && Tables.Compatible.TryGetValue(point, out int[]? parts))
                || Tables.Canonical.TryGetValue(point, out parts))
            {
                foreach (int part in parts)
                    run.Append(part, ClassOf(part));
            }
            else if ((uint)(point - SyllableFirst) < SyllableCount)
            {
                AppendSyllable(ref run, point - SyllableFirst);
            }
            else
            {
                run.Append(point, ClassOf(point));
            }
            i += length;
        }
        run.End();
    }

    /// <summary>Composes what is decomposed.</summary>
    internal static void Compose(ReadOnlySpan<char> source, TextBuffer target)
    {
        int starterAt = -1, starter = 0, lastClass = 0;
        for (int i = 0; i < source.Length;)
        {
            int point = CodePoints.At(source, i, out int length);
            i += length;
            int pointClass = ClassOf(point);
            bool isAdjacent = starterAt >= 0 && starterAt + WidthOf(starter) == target.Count;
            if (starterAt >= 0 && (isAdjacent || lastClass < pointClass) && TryCompose(starter, point, out int composed))
            {
                target.Replace(starterAt, WidthOf(starter), composed);
                starter = composed;
                continue;
            }
            if (pointClass == 0)
                (starterAt, starter) = (target.Count, point);
            lastClass = pointClass;
            target.Append(point);
        }
    }

    /// <summary>Whether a text is as it is in every form.</summary>
    internal static bool IsPlain(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('\0', '\x7F');

    private static void AppendSyllable(ref MarkRun run, int index)
    {
        run.Append(LeadFirst + (index / (VowelCount * TailCount)), 0);
        run.Append(VowelFirst + (index / TailCount % VowelCount), 0);
        if (index % TailCount > 0)
            run.Append(TailFirst + (index % TailCount), 0);
    }

    private static bool TryCompose(int first, int second, out int composed)
    {
        if ((uint)(first - LeadFirst) < LeadCount && (uint)(second - VowelFirst) < VowelCount)
        {
            composed = SyllableFirst + ((((first - LeadFirst) * VowelCount) + (second - VowelFirst)) * TailCount);
            return true;
        }
        if ((uint)(first - SyllableFirst) < SyllableCount && (first - SyllableFirst) % TailCount == 0
            && (uint)(second - TailFirst - 1) < TailCount - 1)
        {
            composed = first + (second - TailFirst);
            return true;
        }
        return Tables.Compositions.TryGetValue((first, second), out composed);
    }

    private static int ClassOf(int point) =>
        point < 0x300 || !CodePoints.Is(point, CodePointKinds.Normal) ? 0 : Tables.Classes.GetValueOrDefault(point);

    private static int WidthOf(int point) => point > 0xFFFF ? 2 : 1;

    /// <summary>Puts marks that follow one another in order of their classes; equal ones stay as they came.</summary>
    private struct MarkRun(TextBuffer target)
    {
        private int _start = -1, _lastClass;
        private bool _isOrdered = true;

        internal void Append(int point, int pointClass)
        {
            if (pointClass == 0)
                End();
            else if (_start < 0)
                (_start, _lastClass) = (target.Count, pointClass);
            else if (pointClass < _lastClass)
                _isOrdered = false;
            else
                _lastClass = pointClass;
            target.Append(point);
        }

        internal void End()
        {
            if (!_isOrdered)
                Order(target.Span[_start..]);
            (_start, _isOrdered) = (-1, true);
        }

        private static void Order(Span<char> marks)
        {
            List<int> points = [];
            for (int i = 0; i < marks.Length;)
            {
                points.Add(CodePoints.At(marks, i, out int length));
                i += length;
            }
            int at = 0;
            foreach (int point in points.OrderBy(ClassOf))
            {
                if (point > 0xFFFF)
                    marks[at++] = char.ConvertFromUtf32(point)[0];
                marks[at++] = point > 0xFFFF ? char.ConvertFromUtf32(point)[1] : (char)point;
            }
        }
    }
}
