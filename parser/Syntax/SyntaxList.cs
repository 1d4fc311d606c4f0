using System.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>An immutable list that compares by its items, as a record's members must.</summary>
[System.Runtime.CompilerServices.CollectionBuilder(typeof(SyntaxList), nameof(SyntaxList.Create))]
public sealed class SyntaxList<T>(T[] items) : IReadOnlyList<T>, IEquatable<SyntaxList<T>>
{
    public static readonly SyntaxList<T> Empty = new([]);

    public int Count => items.Length;

    public bool IsEmpty => items.Length == 0;

    public T this[int index] => items[index];

    public ReadOnlySpan<T> AsSpan() => items;

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => items.GetEnumerator();

    public bool Equals(SyntaxList<T>? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as SyntaxList<T>);

    public override int GetHashCode()
    {
        HashCode hash = new();
        foreach (T item in items)
            hash.Add(item);
        return hash.ToHashCode();
    }
}

/// <summary>Makes syntax lists from collection expressions.</summary>
public static class SyntaxList
{
    public static SyntaxList<T> Create<T>(ReadOnlySpan<T> items) => items.IsEmpty ? SyntaxList<T>.Empty : new(items.ToArray());
}
