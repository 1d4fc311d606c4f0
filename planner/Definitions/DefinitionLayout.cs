namespace VecSQL.Planner.Definitions;

/// <summary>How a definition is laid out.</summary>
/// <param name="IsIndented">Clauses stand on lines of their own.</param>
/// <param name="IsPretty">For people: parentheses only where they are needed.</param>
/// <param name="WrapColumn">Where items of lists go on to the next line; 0 gives each one of its own, -1 none.</param>
public sealed record DefinitionLayout(bool IsIndented, bool IsPretty, int WrapColumn = 0)
{
    /// <summary>To be kept: in one line, and binding to what was bound. What is shown does not always: lists of IN that become
    /// arrays with a conversion around them read back with one around each item.</summary>
    public static readonly DefinitionLayout Stored = new(IsIndented: false, IsPretty: false) { IsStored = true };

    public static readonly DefinitionLayout Lines = new(IsIndented: true, IsPretty: false);

    public static readonly DefinitionLayout Pretty = new(IsIndented: true, IsPretty: true);

    internal bool IsStored { get; private init; }
}
