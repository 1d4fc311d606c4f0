using System.Text;

namespace VecSQL.Differential.Tests.Sql;

/// <summary>A piece of SQL that knows what a reducer may take away from it or put in its place.</summary>
/// <remarks>Immutable. The text is that of its pieces, one after the other.</remarks>
internal sealed record SqlPart
{
    private SqlPart(string text) => Word = text;

    private SqlPart(IReadOnlyList<SqlPart> pieces) => Pieces = pieces;

    public static SqlPart Nothing { get; } = new("");

    /// <summary>The text of a part without pieces.</summary>
    public string Word { get; private init; } = "";

    public IReadOnlyList<SqlPart> Pieces { get; private init; } = [];

    /// <summary>What it is; a part may be replaced by one of the same sort from inside it. Null where that makes no sense.</summary>
    public string? Sort { get; init; }

    /// <summary>The simplest text that may stand in its place; null where there is none.</summary>
    public string? Simplest { get; init; }

    /// <summary>The statement may do without it.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Between its pieces; a list may do with one of them. Null where the pieces are no list.</summary>
    public string? Separator { get; init; }

    /// <summary>The constant that it is, for a parameter to stand in its place.</summary>
    public Literal? Literal { get; init; }

    public static implicit operator SqlPart(string text) => new(text);

    public static SqlPart Of(params IEnumerable<SqlPart> pieces) => new([.. pieces]);

    public static SqlPart List(IEnumerable<SqlPart> pieces, string separator = ", ") => new([.. pieces]) { Separator = separator };

    /// <summary>A clause that may be left out.</summary>
    public static SqlPart Clause(params IEnumerable<SqlPart> pieces) => new([.. pieces]) { IsOptional = true };

    public override string ToString()
    {
        StringBuilder text = new();
        Write(text);
        return text.ToString();
    }

    /// <summary>This tree with one part changed, for every part that can be made simpler; the largest cuts first.</summary>
    public IEnumerable<SqlPart> Reductions()
    {
        if (IsOptional && (Pieces.Count > 0 || Word.Length > 0))
            yield return Nothing;
        if (Simplest is not null && ToString() != Simplest)
            yield return new SqlPart(Simplest) { Sort = Sort, Simplest = Simplest };
        if (Sort is not null)
        {
            foreach (SqlPart inner in Within().Where(part => part.Sort == Sort))
                yield return inner;
        }
        if (Separator is not null)
        {
            foreach (SqlPart shorter in Shorter())
                yield return shorter;
        }
        for (int i = 0; i < Pieces.Count; i++)
        {
            foreach (SqlPart changed in Pieces[i].Reductions())
                yield return With(i, changed);
        }
    }

    /// <summary>Every part, from the outside in, replaced where <paramref name="change"/> gives another.</summary>
    public SqlPart Map(Func<SqlPart, SqlPart?> change) =>
        change(this) ?? (Pieces.Count == 0 ? this : this with { Pieces = [.. Pieces.Select(piece => piece.Map(change))] });

    private IEnumerable<SqlPart> Within() => Pieces.SelectMany(piece => piece.Within().Prepend(piece));

    private SqlPart With(int index, SqlPart changed) =>
        this with { Pieces = [.. Pieces.Select((piece, i) => i == index ? changed : piece)] };

    private IEnumerable<SqlPart> Shorter()
    {
        if (Pieces.Count > 3)
        {
            yield return this with { Pieces = [.. Pieces.Take(Pieces.Count / 2)] };
            yield return this with { Pieces = [.. Pieces.Skip(Pieces.Count / 2)] };
        }
        for (int i = 0; i < Pieces.Count && Pieces.Count > 1; i++)
            yield return this with { Pieces = [.. Pieces.Where((_, other) => other != i)] };
    }

    private void Write(StringBuilder text)
    {
        text.Append(Word);
        for (int i = 0; i < Pieces.Count; i++)
        {
            if (i > 0)
                text.Append(Separator);
            Pieces[i].Write(text);
        }
    }
}

/// <param name="Text">The value as a client sends it; null is NULL.</param>
/// <param name="Bound">Numbers: the largest magnitude that may stand in its place.</param>
internal sealed record Literal(SqlKind Kind, string? Text, double Bound)
{
    /// <summary>Its type is told to the server, or left to be found out.</summary>
    public bool IsTyped { get; init; } = true;
}
