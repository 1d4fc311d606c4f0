namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>One step of a compiled pattern.</summary>
/// <param name="Set">What <see cref="Operation.Take"/> and <see cref="Operation.Loop"/> take.</param>
/// <param name="First">Where to go on; for a loop, the fewest times; for an assertion, which.</param>
/// <param name="Second">Where else; for a loop, the most times.</param>
/// <param name="IsNegative">An assertion that must not hold.</param>
internal readonly record struct Instruction(
    Operation Operation, CodePointSet? Set = null, int First = 0, int Second = 0, bool IsNegative = false);
