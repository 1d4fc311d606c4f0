using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>A query with what may stand around it: WITH, ORDER BY, LIMIT, OFFSET, locking.</summary>
public sealed record QueryExpression(QueryBody Body) : SyntaxNode
{
    public WithClause? With { get; init; }

    public ValueList<OrderItem> OrderBy { get; init; } = [];

    /// <summary>LIMIT or FETCH FIRST; LIMIT ALL and NULL come as null and <see cref="NullLiteral"/>.</summary>
    public Expression? Limit { get; init; }

    /// <summary>FETCH FIRST … WITH TIES.</summary>
    public bool WithTies { get; init; }

    public Expression? Offset { get; init; }

    public ValueList<LockingClause> Locking { get; init; } = [];
}

/// <summary>FOR UPDATE, FOR NO KEY UPDATE, FOR SHARE, FOR KEY SHARE.</summary>
public sealed record LockingClause(
    LockStrength Strength, ValueList<QualifiedName> Tables, LockWait Wait) : SyntaxNode;

public enum LockStrength : byte { KeyShare, Share, NoKeyUpdate, Update }

public enum LockWait : byte { Block, NoWait, SkipLocked }

public sealed record WithClause(bool IsRecursive, ValueList<CommonTable> Tables) : SyntaxNode;

/// <param name="Statement">A <see cref="QueryStatement"/>, or an INSERT, UPDATE or DELETE with RETURNING.</param>
/// <param name="IsMaterialized">AS [NOT] MATERIALIZED; null where not said.</param>
public sealed record CommonTable(
    string Name, ValueList<string> Columns, Statement Statement, bool? IsMaterialized) : SyntaxNode
{
    public SearchClause? Search { get; init; }

    public CycleClause? Cycle { get; init; }
}

/// <summary>SEARCH DEPTH|BREADTH FIRST BY columns SET sequence.</summary>
public sealed record SearchClause(bool IsBreadthFirst, ValueList<string> Columns, string SequenceName) : SyntaxNode;

/// <summary>CYCLE columns SET mark [TO value DEFAULT value] USING path; null values are true and false.</summary>
public sealed record CycleClause(
    ValueList<string> Columns, string MarkName, Expression? MarkValue, Expression? MarkDefault, string PathName)
    : SyntaxNode;

public abstract record QueryBody : SyntaxNode;

public sealed record SelectBody : QueryBody
{
    public bool IsDistinct { get; init; }

    /// <summary>DISTINCT ON (…); empty for plain DISTINCT.</summary>
    public ValueList<Expression> DistinctOn { get; init; } = [];

    public required ValueList<SelectItem> Items { get; init; }

    /// <summary>SELECT … INTO [TEMP] table.</summary>
    public QualifiedName? Into { get; init; }

    public bool IntoIsTemporary { get; init; }

    public ValueList<TableReference> From { get; init; } = [];

    /// <summary>AS OF SYSTEM TIME; see <see cref="Statement.AsOf"/>.</summary>
    public Expression? AsOf { get; init; }

    public Expression? Where { get; init; }

    public ValueList<GroupingElement> GroupBy { get; init; } = [];

    public bool GroupByIsDistinct { get; init; }

    public Expression? Having { get; init; }

    public ValueList<NamedWindow> Windows { get; init; } = [];
}

/// <param name="Alias">AS name, or a bare name; null where none is given.</param>
public sealed record SelectItem(Expression Expression, string? Alias) : SyntaxNode;

public sealed record NamedWindow(string Name, WindowSpecification Window) : SyntaxNode;

/// <summary>VALUES (…), (…).</summary>
public sealed record ValuesBody(ValueList<ValueList<Expression>> Rows) : QueryBody;

/// <summary>TABLE name.</summary>
public sealed record TableBody(QualifiedName Name) : QueryBody;

/// <summary>A query in parentheses with its own ORDER BY or LIMIT, as an operand.</summary>
public sealed record NestedBody(QueryExpression Query) : QueryBody;

/// <summary>UNION, INTERSECT, EXCEPT.</summary>
public sealed record SetOperationBody(
    SetOperator Operator, bool IsAll, QueryBody Left, QueryBody Right) : QueryBody;

public enum SetOperator : byte { Union, Intersect, Except }

public abstract record GroupingElement : SyntaxNode;

public sealed record GroupingExpressionElement(Expression Expression) : GroupingElement;

/// <summary>()</summary>
public sealed record EmptyGroupingElement : GroupingElement;

/// <summary>ROLLUP, CUBE or GROUPING SETS. Each item of ROLLUP and CUBE is a list of expressions.</summary>
public sealed record GroupingSetElement(GroupingSetKind Kind, ValueList<GroupingElement> Items) : GroupingElement;

/// <summary>(a, b) inside ROLLUP, CUBE or GROUPING SETS.</summary>
public sealed record GroupingListElement(ValueList<Expression> Expressions) : GroupingElement;

public enum GroupingSetKind : byte { Rollup, Cube, Sets }

/// <summary>An item of FROM.</summary>
public abstract record TableReference : SyntaxNode;

public sealed record TableAlias(string Name, ValueList<string> Columns) : SyntaxNode;

public sealed record NamedTable(QualifiedName Name, TableAlias? Alias) : TableReference
{
    /// <summary>ONLY name; accepted, there is no inheritance.</summary>
    public bool IsOnly { get; init; }

    public TableSample? Sample { get; init; }
}

/// <summary>TABLESAMPLE method (arguments) [REPEATABLE (seed)].</summary>
public sealed record TableSample(string Method, ValueList<Expression> Arguments, Expression? Seed) : SyntaxNode;

public sealed record DerivedTable(QueryExpression Query, TableAlias? Alias, bool IsLateral) : TableReference;

/// <summary>f(…) in FROM, or ROWS FROM (f(…), g(…)).</summary>
public sealed record FunctionTable(ValueList<TableFunction> Functions, TableAlias? Alias) : TableReference
{
    public bool IsLateral { get; init; }

    public bool WithOrdinality { get; init; }

    public bool IsRowsFrom { get; init; }
}

/// <param name="Call">A <see cref="FunctionCall"/>, or another expression spelled like a function (current_date, a cast …).</param>
/// <param name="ColumnDefinitions">AS (name type, …) for functions that return record; empty otherwise.</param>
public sealed record TableFunction(Expression Call, ValueList<FunctionColumn> ColumnDefinitions) : SyntaxNode;

public sealed record FunctionColumn(string Name, TypeName Type) : SyntaxNode;

public sealed record JoinedTable(
    JoinKind Kind, TableReference Left, TableReference Right, Expression? On) : TableReference
{
    public bool IsNatural { get; init; }

    public ValueList<string> Using { get; init; } = [];

    /// <summary>JOIN … USING (…) AS alias.</summary>
    public string? UsingAlias { get; init; }

    /// <summary>(a JOIN b ON …) AS alias; null where there is none.</summary>
    public TableAlias? Alias { get; init; }
}

public enum JoinKind : byte { Inner, Left, Right, Full, Cross }
