namespace VecSQL.Storage.Shards;

/// <summary>A place in what a branch has written to a table: how much there was before.</summary>
public readonly record struct ChangesMark(int Rows, int Deletions, int Replacements)
{
    /// <summary>The place before which both are.</summary>
    public static ChangesMark Earlier(ChangesMark left, ChangesMark right) =>
        new(Math.Min(left.Rows, right.Rows), Math.Min(left.Deletions, right.Deletions), Math.Min(left.Replacements, right.Replacements));
}
