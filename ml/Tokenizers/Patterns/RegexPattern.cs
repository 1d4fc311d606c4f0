using VecSQL.Ml.Models;
using VecSQL.Ml.Tokenizers.Unicode;

namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>A regular expression over code points, as tokenizers write them (see <see cref="RegexCompiler"/>).</summary>
/// <remarks>
/// .NET's own expressions see halves of code points, and have other categories for what lies beyond the basic plane.
/// Cost: tries from the left, giving back; all searches of a text together take at most <see cref="StepsMax"/> steps and so
/// many more a sign, so that no pattern of a file hangs.
/// </remarks>
internal sealed class RegexPattern(Instruction[] program) : Pattern
{
    private const int StepsMax = 50_000_000, StepsPerSign = 500;
    private const int ChoicesMax = 1 << 24, KeptChoicesMax = 1 << 16; // 200 MiB; room for more is not kept

    [ThreadStatic]
    private static List<Choice>? t_choices;

    [ThreadStatic]
    private static long t_stepsLeft; // of the text that the thread is at

    /// <summary>A thread goes on to another text.</summary>
    internal static void BeginText(long signCount) => t_stepsLeft = StepsMax + (signCount * StepsPerSign);

    internal override bool TryFind(ReadOnlySpan<char> text, int at, out int start, out int length)
    {
        List<Choice> choices = t_choices ?? [];
        t_choices = null; // after an exception it goes
        long left = t_stepsLeft;
        bool isFound = TryFind(text, at, choices, ref left, out start, out length);
        t_stepsLeft = left;
        if (choices.Capacity <= KeptChoicesMax)
            t_choices = choices;
        return isFound;
    }

    private bool TryFind(
        ReadOnlySpan<char> text, int at, List<Choice> choices, ref long left, out int start, out int length)
    {
        for (start = at; start <= text.Length; start++)
        {
            if (start > 0 && start < text.Length && char.IsLowSurrogate(text[start])
                && char.IsHighSurrogate(text[start - 1]))
                continue;
            choices.Clear();
            int end = Match(text, start, 0, choices, ref left);
            if (end >= 0)
            {
                length = end - start;
                return true;
            }
        }
        length = 0;
        return false;
    }

    /// <summary>Where a match that begins here ends; -1 where there is none.</summary>
    /// <param name="left">Steps that may still be taken.</param>
    private int Match(ReadOnlySpan<char> text, int position, int place, List<Choice> choices, ref long left)
    {
        int bottom = choices.Count;
        while (true)
        {
            if (--left < 0 || choices.Count > ChoicesMax)
                throw new ModelException(ModelFault.RunFailed, "the tokenizer's pattern takes too long on a text");
            ref readonly Instruction now = ref program[place];
            bool goesOn = true;
            switch (now.Operation)
            {
                case Operation.Take:
                    goesOn = TryTake(text, ref position, now.Set!);
                    place++;
                    break;
                case Operation.Loop or Operation.LoopKeeping:
                    goesOn = TryLoop(text, ref position, in now, place, choices, ref left);
                    place++;
                    break;
                case Operation.Fork:
                    choices.Add(new Choice(now.Second, position, position));
                    place = now.First;
                    break;
                case Operation.Jump:
                    place = now.First;
                    break;
                case Operation.LookAhead:
                    goesOn = Match(text, position, place + 1, choices, ref left) >= 0 != now.IsNegative;
                    place = now.First;
                    break;
                case Operation.Group:
                    int end = Match(text, position, place + 1, choices, ref left);
                    goesOn = end >= 0;
                    position = end;
                    place = now.First;
                    break;
                case Operation.LookBehind:
                    goesOn = IsBehind(text, position, now.Set!) != now.IsNegative;
                    place++;
                    break;
                case Operation.Edge:
                    goesOn = IsEdge(text, position, now.First) != now.IsNegative;
                    place++;
                    break;
                default:
                    choices.RemoveRange(bottom, choices.Count - bottom);
                    return position;
            }
            if (!goesOn && !TryGoBack(text, choices, bottom, ref place, ref position))
                return -1;
        }
    }

    private static bool TryTake(ReadOnlySpan<char> text, ref int position, CodePointSet set)
    {
        if (position >= text.Length || !set.Contains(CodePoints.At(text, position, out int length)))
            return false;
        position += length;
        return true;
    }

    private static bool TryLoop(
        ReadOnlySpan<char> text, ref int position, in Instruction loop, int place, List<Choice> choices, ref long left)
    {
        int count = 0, least = loop.First == 0 ? position : -1;
        while (count < loop.Second && TryTake(text, ref position, loop.Set!))
        {
            if (++count == loop.First)
                least = position;
        }
        left -= count;
        if (count < loop.First)
            return false;
        if (loop.Operation == Operation.Loop && position > least)
            choices.Add(new Choice(place + 1, least, position));
        return true;
    }

    private static bool TryGoBack(
        ReadOnlySpan<char> text, List<Choice> choices, int bottom, ref int place, ref int position)
    {
        if (choices.Count == bottom)
            return false;
        Choice last = choices[^1];
        choices.RemoveAt(choices.Count - 1);
        (place, position) = (last.Place, last.Position);
        if (position > last.Least)
        {
            position--;
            if (position > last.Least && char.IsLowSurrogate(text[position]) && char.IsHighSurrogate(text[position - 1]))
                position--;
            if (position > last.Least)
                choices.Add(last with { Position = position });
        }
        return true;
    }

    private static bool IsBehind(ReadOnlySpan<char> text, int position, CodePointSet set)
    {
        if (position == 0)
            return false;
        bool isPair = position > 1 && char.IsLowSurrogate(text[position - 1]) && char.IsHighSurrogate(text[position - 2]);
        return set.Contains(CodePoints.At(text, position - (isPair ? 2 : 1), out _));
    }

    private static bool IsEdge(ReadOnlySpan<char> text, int position, int kind) => kind switch
    {
        0 => position == 0 || text[position - 1] == '\n',
        1 => position == text.Length || text[position] == '\n',
        2 => position == 0,
        _ => position == text.Length,
    };

    /// <summary>Where to go on if what is being tried fails.</summary>
    /// <param name="Least">A loop gives back down to here.</param>
    private readonly record struct Choice(int Place, int Least, int Position);
}
