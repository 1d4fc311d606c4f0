using System.Collections.Immutable;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Functions;

/// <summary>A function, aggregate or window function: a row of pg_proc.</summary>
/// <remarks>
/// The executor finds a built-in's code by <see cref="Implementation"/>, which is unique; a test holds the two tables
/// against each
/// other. Object ids are PostgreSQL's where PostgreSQL has the function.
/// </remarks>
public sealed record FunctionEntry
{
    public required uint Oid { get; init; }

    public required string Name { get; init; }

    /// <summary>pg_catalog for PostgreSQL's, public for pgvector's and ours.</summary>
    public string Schema { get; init; } = "pg_catalog";

    public required ImmutableArray<uint> Arguments { get; init; }

    public required uint Result { get; init; }

    /// <summary>The name of the code, pg_proc.prosrc: int4pl, texteq …</summary>
    public required string Implementation { get; init; }

    public FunctionKind Kind { get; init; } = FunctionKind.Scalar;

    public Volatility Volatility { get; init; } = Volatility.Immutable;

    /// <summary>A null argument makes the result null without a call.</summary>
    public bool IsStrict { get; init; } = true;

    /// <summary>Returns a set of rows rather than one value.</summary>
    public bool ReturnsSet { get; init; }

    /// <summary>The element type of a last, variadic argument; 0 for none ("any" for VARIADIC "any").</summary>
    public uint VariadicElement { get; init; }

    /// <summary>
    /// How many of the last arguments may be left out; their defaults are the implementation's business.
    /// </summary>
    public int DefaultCount { get; init; }

    /// <summary>What its only OUT argument is called, and so the column that it gives in FROM; empty for none.</summary>
    public string ResultName { get; init; } = "";

    /// <summary>The last arguments' defaults as literals; empty where only the implementation knows one.</summary>
    public ImmutableArray<string> DefaultValues { get; init; } = [];

    public ImmutableArray<string> ArgumentNames { get; init; } = [];

    /// <summary>Names and types of OUT columns, for functions that return records; empty otherwise.</summary>
    public ImmutableArray<(string Name, uint Type)> OutColumns { get; init; } = [];

    /// <summary>What the function does, where somebody made it in SQL; null for built-in ones.</summary>
    public Objects.FunctionDefinition? Definition { get; init; }

    public override string ToString() => $"{Name}({string.Join(", ", Arguments)})";
}

public enum FunctionKind : byte { Scalar, Aggregate, Window, Procedure }

public enum Volatility : byte { Immutable, Stable, Volatile }
