using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>BEGIN … EXCEPTION … END of PL/pgSQL.</summary>
public sealed record ProceduralBlock(ValueList<ProceduralStatement> Body, ValueList<ExceptionHandler> Handlers);

/// <summary>WHEN conditions THEN statements.</summary>
/// <param name="Conditions">Names as PostgreSQL has them, or SQLSTATEs of five characters in upper case behind a colon.</param>
public sealed record ExceptionHandler(ValueList<string> Conditions, ValueList<ProceduralStatement> Body);

/// <summary>A statement of a block.</summary>
/// <param name="Line">Of the block's text, from 1.</param>
public abstract record ProceduralStatement(int Line);

/// <summary>A block within a block.</summary>
public sealed record NestedBlockStatement(int Line, ProceduralBlock Block) : ProceduralStatement(Line);

/// <summary>A statement of SQL, which must not return rows; PERFORM, whose rows are dropped.</summary>
public sealed record EmbeddedStatement(int Line, Statement Sql, bool IsPerform) : ProceduralStatement(Line);

/// <summary>EXECUTE text.</summary>
public sealed record DynamicStatement(int Line, EmbeddedExpression Sql) : ProceduralStatement(Line);

/// <summary>IF, ELSIF, ELSE. The branch of ELSE has no condition.</summary>
public sealed record ConditionalStatement(int Line, ValueList<ConditionalBranch> Branches) : ProceduralStatement(Line);

public sealed record ConditionalBranch(EmbeddedExpression? Condition, ValueList<ProceduralStatement> Body);

/// <summary>RAISE.</summary>
/// <param name="Level">In upper case.</param>
/// <param name="Condition">As in <see cref="ExceptionHandler"/>; null where there is none.</param>
/// <param name="Format">With % for each argument; null where there is none. With no condition either, what is being handled is raised again.</param>
public sealed record RaiseStatement(
    int Line, string Level, string? Condition, string? Format, ValueList<EmbeddedExpression> Arguments, ValueList<RaiseOption> Options)
    : ProceduralStatement(Line);

/// <param name="Name">In upper case: MESSAGE, DETAIL, ERRCODE …</param>
public sealed record RaiseOption(string Name, EmbeddedExpression Value);

/// <summary>RETURN: the block ends.</summary>
public sealed record LeaveStatement(int Line) : ProceduralStatement(Line);

/// <summary>An expression of SQL in a block.</summary>
/// <param name="Sql">As it is written.</param>
public sealed record EmbeddedExpression(string Sql);
