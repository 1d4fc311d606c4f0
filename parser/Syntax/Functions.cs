using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>A parameter of a function, or a column of the table that it returns.</summary>
public sealed record FunctionParameter(string? Name, TypeName Type) : SyntaxNode
{
    /// <summary>In lower case: in, out, inout, variadic; table for a column of RETURNS TABLE.</summary>
    public string Mode { get; init; } = "in";

    public Expression? Default { get; init; }
}

/// <summary>What CREATE and ALTER FUNCTION say of a function, such as IMMUTABLE.</summary>
/// <param name="Name">In lower case: language, volatility, strict, leakproof, parallel, cost, rows, security; others that are refused.</param>
public sealed record FunctionOption(string Name, string Value) : SyntaxNode;

/// <summary>CREATE FUNCTION name (parameters) …</summary>
public sealed record CreateFunctionStatement(QualifiedName Name, ValueList<FunctionParameter> Parameters) : Statement
{
    public bool OrReplace { get; init; }

    /// <summary>Null where it is not said, or said by parameters.</summary>
    public TypeName? Returns { get; init; }

    public ValueList<FunctionOption> Options { get; init; } = [];

    /// <summary>AS 'text'.</summary>
    public StringLiteral? Body { get; init; }

    /// <summary>RETURN expression.</summary>
    public Expression? Return { get; init; }

    /// <summary>BEGIN ATOMIC statements END.</summary>
    public ValueList<Statement> Atomic { get; init; } = [];

    public bool IsAtomic { get; init; }
}

/// <summary>A function as DROP, ALTER and COMMENT name it.</summary>
public sealed record FunctionSignature(QualifiedName Name, ValueList<FunctionParameter> Parameters) : SyntaxNode
{
    /// <summary>Without parentheses: the only function of the name.</summary>
    public bool IsBare { get; init; }
}

/// <summary>DROP FUNCTION signatures.</summary>
public sealed record DropFunctionStatement(ValueList<FunctionSignature> Functions, bool IfExists, bool Cascade) : Statement;

/// <summary>ALTER FUNCTION: RENAME TO, SET SCHEMA, OWNER TO.</summary>
public sealed record AlterFunctionStatement(FunctionSignature Function, AlterAction Action) : Statement;

/// <summary>ALTER FUNCTION: IMMUTABLE, STRICT and their like.</summary>
public sealed record AlterFunctionOptionsStatement(FunctionSignature Function, ValueList<FunctionOption> Options) : Statement;
