namespace VecSQL.Ml.Tokenizers.Patterns;

/// <summary>A regular expression, taken apart.</summary>
internal abstract record RegexNode
{
    /// <summary>Whether it can match without taking anything.</summary>
    internal abstract bool CanBeEmpty { get; }

    internal sealed record One(CodePointSet Set) : RegexNode
    {
        internal override bool CanBeEmpty => false;
    }

    internal sealed record Sequence(List<RegexNode> Parts) : RegexNode
    {
        internal override bool CanBeEmpty => Parts.TrueForAll(part => part.CanBeEmpty);
    }

    internal sealed record Choice(List<RegexNode> Branches) : RegexNode
    {
        internal override bool CanBeEmpty => Branches.Exists(branch => branch.CanBeEmpty);
    }

    internal sealed record Repeat(RegexNode Body, int Least, int Most, bool IsLazy, bool Keeps) : RegexNode
    {
        internal override bool CanBeEmpty => Least == 0 || Body.CanBeEmpty;
    }

    /// <summary>Looks ahead, or (<paramref name="Keeps"/>) takes what it finds for good.</summary>
    internal sealed record Look(RegexNode Body, bool IsNegative, bool Keeps) : RegexNode
    {
        internal override bool CanBeEmpty => !Keeps || Body.CanBeEmpty;
    }

    internal sealed record Behind(CodePointSet Set, bool IsNegative) : RegexNode
    {
        internal override bool CanBeEmpty => true;
    }

    internal sealed record Edge(int Kind) : RegexNode
    {
        internal override bool CanBeEmpty => true;
    }
}
