namespace VecSQL.Parser.Syntax;

/// <summary>Which literal of a statement's text a node is, from 1 as <see cref="StatementShape.Literals"/> has them; 0 where that is not
/// known. All numbers are equal, so that trees compare by what they say.</summary>
public readonly struct LiteralNumber(int value) : IEquatable<LiteralNumber>
{
    public int Value { get; } = value;

    public bool Equals(LiteralNumber other) => true;

    public override bool Equals(object? obj) => obj is LiteralNumber;

    public override int GetHashCode() => 0;

    public static bool operator ==(LiteralNumber left, LiteralNumber right) => true;

    public static bool operator !=(LiteralNumber left, LiteralNumber right) => false;
}
