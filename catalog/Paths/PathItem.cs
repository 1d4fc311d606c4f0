using System.Collections.Immutable;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Paths;

/// <summary>What an item of a jsonpath is or does.</summary>
public enum PathItemKind : byte
{
    Null, True, False, Number, String, Variable, Root, Current, Last,
    Key, AnyKey, AnyArray, IndexArray, Any, Filter,
    Or, And, Equal, NotEqual, Less, Greater, LessOrEqual, GreaterOrEqual, StartsWith, LikeRegex,
    Add, Subtract, Multiply, Divide, Modulo, Plus, Minus,
    Not, IsUnknown, Exists,
    Type, Size, Abs, Floor, Ceiling, Double, DateTime, KeyValue,
}

/// <summary>A jsonpath: its mode and its expression.</summary>
/// <param name="IsLax">Structural errors are passed over, and arrays unwrapped where their elements are meant.</param>
public sealed record JsonPath(bool IsLax, PathItem Root)
{
    /// <exception cref="Core.Errors.SqlException">42601, 22P02: not a jsonpath.</exception>
    public static JsonPath Parse(string text) => new PathParser(text).Parse();

    public override string ToString() => PathPrinter.Print(this);
}

/// <summary>An item of a jsonpath, with the accessors and methods that come behind it.</summary>
public sealed record PathItem(PathItemKind Kind)
{
    /// <summary>A string, a key, a variable's name, or a pattern.</summary>
    public string Text { get; init; } = "";

    public SqlNumeric Number { get; init; }

    /// <summary>The operand, or the first of two.</summary>
    public PathItem? Left { get; init; }

    public PathItem? Right { get; init; }

    public ImmutableArray<PathSubscript> Subscripts { get; init; } = [];

    /// <summary>The levels of <c>**</c>, from the first to the last.</summary>
    public uint FirstLevel { get; init; }

    public uint LastLevel { get; init; }

    /// <summary>Letters behind LIKE_REGEX, in the order i, s, m, x, q.</summary>
    public string Flags { get; init; } = "";

    public PathItem? Next { get; init; }

    /// <summary>How an operator is spelled.</summary>
    public string Symbol => PathPrinter.SymbolOf(Kind);
}

/// <summary>One subscript, or a range of them.</summary>
public sealed record PathSubscript(PathItem From, PathItem? To);
