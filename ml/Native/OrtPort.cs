using System.Collections.Immutable;

namespace VecSQL.Ml.Native;

/// <summary>An input or output of a model.</summary>
/// <param name="Element">Its elements' type; 0 where it is no tensor.</param>
/// <param name="Lengths">Of its dimensions; -1 where it is free.</param>
internal sealed record OrtPort(string Name, OrtElement Element, ImmutableArray<long> Lengths)
{
    public override string ToString() =>
        $"\"{Name}\" {(Element == 0 ? "of another kind" : Element)} [{string.Join(", ", Lengths.Select(Length))}]";

    private static string Length(long length) => length < 0 ? "?" : length.ToString();
}
