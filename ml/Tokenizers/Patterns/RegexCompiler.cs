namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>Turns a regular expression into steps.</summary>
internal sealed class RegexCompiler
{
    private const int InstructionsMax = 20_000;
    private const int SourceMax = 20_000; // chars; the longest in use have some 500

    private readonly List<Instruction> _program = [];

    /// <exception cref="FormatException">It is none, or asks for what is not supported.</exception>
    internal static RegexPattern Compile(string source)
    {
        if (source.Length > SourceMax)
            throw new FormatException($"a pattern of more than {SourceMax} signs");
        RegexCompiler compiler = new();
        compiler.Emit(new RegexParser(source).Parse());
        compiler.Add(new Instruction(Operation.Done));
        return new RegexPattern([.. compiler._program]);
    }

    private void Emit(RegexNode node)
    {
        switch (node)
        {
            case RegexNode.One one:
                Add(new Instruction(Operation.Take, one.Set));
                break;
            case RegexNode.Sequence sequence:
                sequence.Parts.ForEach(Emit);
                break;
            case RegexNode.Choice choice:
                EmitChoice(choice.Branches);
                break;
            case RegexNode.Repeat { Body: RegexNode.One one, IsLazy: false } loop:
                Add(new Instruction(loop.Keeps ? Operation.LoopKeeping : Operation.Loop, one.Set, loop.Least, loop.Most));
                break;
            case RegexNode.Repeat { Keeps: true } loop:
                Emit(new RegexNode.Look(loop with { Keeps = false }, IsNegative: false, Keeps: true));
                break;
            case RegexNode.Repeat loop:
                EmitRepeat(loop);
                break;
            case RegexNode.Look look:
                int from = Add(default);
                Emit(look.Body);
                Add(new Instruction(Operation.Done));
                _program[from] = new Instruction(
                    look.Keeps ? Operation.Group : Operation.LookAhead, null, _program.Count, 0, look.IsNegative);
                break;
            case RegexNode.Behind behind:
                Add(new Instruction(Operation.LookBehind, behind.Set, 0, 0, behind.IsNegative));
                break;
            case RegexNode.Edge edge:
                Add(new Instruction(Operation.Edge, null, edge.Kind));
                break;
        }
    }

    private void EmitChoice(List<RegexNode> branches)
    {
        List<int> jumps = [];
        for (int i = 0; i < branches.Count - 1; i++)
        {
            int fork = Add(default);
            Emit(branches[i]);
            jumps.Add(Add(default));
            _program[fork] = new Instruction(Operation.Fork, null, fork + 1, _program.Count);
        }
        Emit(branches[^1]);
        foreach (int jump in jumps)
            _program[jump] = new Instruction(Operation.Jump, null, _program.Count);
    }

    private void EmitRepeat(RegexNode.Repeat loop)
    {
        if (loop.Body.CanBeEmpty)
            throw new FormatException("the pattern repeats what may be empty, which is not supported");
        for (int i = 0; i < loop.Least; i++)
            Emit(loop.Body);
        if (loop.Most == int.MaxValue)
        {
            int fork = Add(default);
            Emit(loop.Body);
            Add(new Instruction(Operation.Jump, null, fork));
            _program[fork] = Fork(fork + 1, _program.Count, loop.IsLazy);
            return;
        }
        List<int> forks = [];
        for (int i = loop.Least; i < loop.Most; i++)
        {
            forks.Add(Add(default));
            Emit(loop.Body);
        }
        foreach (int fork in forks)
            _program[fork] = Fork(fork + 1, _program.Count, loop.IsLazy);
    }

    private static Instruction Fork(int body, int end, bool isLazy) =>
        isLazy ? new Instruction(Operation.Fork, null, end, body) : new Instruction(Operation.Fork, null, body, end);

    private int Add(Instruction instruction)
    {
        if (_program.Count == InstructionsMax)
            throw new FormatException("the pattern is too large");
        _program.Add(instruction);
        return _program.Count - 1;
    }
}
