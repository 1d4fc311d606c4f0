using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Objects;

/// <summary>A function that somebody made, in SQL: a row of pg_proc.</summary>
public sealed record FunctionDefinition(uint Oid, uint SchemaOid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>What calls give values for, in order.</summary>
    public required ImmutableArray<ArgumentEntry> Arguments { get; init; }

    public required SqlType Result { get; init; }

    /// <summary>Returns rows rather than one value.</summary>
    public bool ReturnsSet { get; init; }

    /// <summary>Columns of RETURNS TABLE, or of OUT parameters where there are several; empty otherwise.</summary>
    public ImmutableArray<ArgumentEntry> Columns
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    /// <summary>The columns were given by RETURNS TABLE.</summary>
    public bool ReturnsTable { get; init; }

    public Volatility Volatility { get; init; } = Volatility.Volatile;

    public bool IsStrict { get; init; }

    public bool IsLeakproof { get; init; }

    public bool IsSecurityDefiner { get; init; }

    /// <summary>pg_proc.proparallel: u unsafe, r restricted, s safe.</summary>
    public char Parallel { get; init; } = 'u';

    public double Cost { get; init; } = 100;

    public double Rows { get; init; }

    /// <summary>The text behind AS; names in it mean what they mean to the caller. Empty where <see cref="Query"/> is the body.</summary>
    public string Source { get; init; } = "";

    /// <summary>RETURN and BEGIN ATOMIC: the query; null where the body is a text.</summary>
    public string? Query { get; init; }

    /// <summary>Written as RETURN rather than BEGIN ATOMIC.</summary>
    public bool IsReturn { get; init; }

    /// <summary>The schemas in which <see cref="Query"/> looks for names.</summary>
    public ImmutableArray<string> SearchPath
    {
        get;
        init => field = value.IsDefault ? [] : value;
    } = [];

    public string? Comment { get; init; }

    /// <summary>The function as calls choose among functions.</summary>
    public FunctionEntry AsEntry(string schema) => new()
    {
        Oid = Oid,
        Name = Name,
        Schema = schema,
        Arguments = [.. Arguments.Select(static argument => argument.Type.Oid)],
        Result = Result.Oid,
        Implementation = Source,
        Volatility = Volatility,
        IsStrict = IsStrict,
        ReturnsSet = ReturnsSet,
        VariadicElement = Arguments is [.., { IsVariadic: true } last] ? BuiltinTypes.ElementOf(last.Type.Oid) : 0,
        DefaultCount = Arguments.Count(static argument => argument.DefaultSql is not null),
        ArgumentNames = Arguments.Any(static argument => argument.Name.Length > 0)
            ? [.. Arguments.Select(static argument => argument.Name)] : [],
        OutColumns = [.. Columns.Select(static column => (column.Name, column.Type.Oid))],
        Definition = this,
    };
}

/// <summary>A parameter of a function, or a column that it returns.</summary>
/// <param name="Name">Empty where it has none.</param>
public sealed record ArgumentEntry(string Name, SqlType Type)
{
    /// <summary>Stored SQL; null where calls must give a value.</summary>
    public string? DefaultSql { get; init; }

    public bool IsVariadic { get; init; }

    /// <summary>Both given by calls and returned.</summary>
    public bool IsInOut { get; init; }
}
