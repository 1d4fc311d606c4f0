namespace VecSQL.Parser.Syntax;

/// <summary>A piece of parsed SQL.</summary>
/// <remarks>Equality ignores the position, so that a printed and re-parsed tree equals the first one.</remarks>
public abstract record SyntaxNode
{
    /// <summary>Where it begins in the statement's text, in characters from 1 as in error reports; 0 where it was made up.</summary>
    public SourcePosition Position { get; init; }
}

/// <summary>A place in the text. All positions are equal, so that trees compare by what they say.</summary>
public readonly struct SourcePosition(int value) : IEquatable<SourcePosition>
{
    public int Value { get; } = value;

    public static implicit operator int(SourcePosition position) => position.Value;

    public static implicit operator SourcePosition(int value) => new(value);

    public bool Equals(SourcePosition other) => true;

    public override bool Equals(object? obj) => obj is SourcePosition;

    public override int GetHashCode() => 0;

    public static bool operator ==(SourcePosition left, SourcePosition right) => true;

    public static bool operator !=(SourcePosition left, SourcePosition right) => false;
}
