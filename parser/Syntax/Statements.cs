using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

public abstract record Statement : SyntaxNode
{
    /// <summary>The statement's own text without the semicolon: for prepared statements, errors and logs. Not part of equality.</summary>
    public SourceText Text { get; init; }

    /// <summary>What stands in the statement's hint comment, <c>/*+ … */</c>, without its marks. Not part of equality either.</summary>
    public SourceText Hints { get; init; }

    /// <summary>AS OF SYSTEM TIME, wherever it stands in a query or change: of which moment all is that the statement reads. Null where it is not said.</summary>
    public Expression? AsOf { get; init; }
}

/// <summary>A stretch of source; all are equal, so that trees compare by what they say.</summary>
public readonly struct SourceText(string? value) : IEquatable<SourceText>
{
    public string Value => value ?? "";

    public bool Equals(SourceText other) => true;

    public override bool Equals(object? obj) => obj is SourceText;

    public override int GetHashCode() => 0;

    public static bool operator ==(SourceText left, SourceText right) => true;

    public static bool operator !=(SourceText left, SourceText right) => false;
}

/// <summary>SELECT, VALUES, TABLE.</summary>
public sealed record QueryStatement(QueryExpression Query) : Statement;

public sealed record InsertStatement(QualifiedName Table) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    /// <summary>Target columns; empty for all.</summary>
    public ValueList<TargetColumn> Columns { get; init; } = [];

    /// <summary>OVERRIDING SYSTEM VALUE (true) or USER VALUE (false); null where not said.</summary>
    public bool? OverridingSystem { get; init; }

    /// <summary>VALUES or a query; null for DEFAULT VALUES.</summary>
    public QueryExpression? Source { get; init; }

    public OnConflictClause? OnConflict { get; init; }

    public ValueList<SelectItem> Returning { get; init; } = [];
}

/// <summary>A column that is assigned to, or a part of it: a, a[i], a[i:j].</summary>
public sealed record TargetColumn(string Name) : SyntaxNode
{
    public ValueList<SubscriptTarget> Subscripts { get; init; } = [];
}

public sealed record OnConflictClause : SyntaxNode
{
    /// <summary>(a, b): the columns of the unique index meant; empty where none are named.</summary>
    public ValueList<Expression> TargetColumns { get; init; } = [];

    public Expression? TargetWhere { get; init; }

    public string? ConstraintName { get; init; }

    /// <summary>DO UPDATE's assignments; empty for DO NOTHING.</summary>
    public ValueList<Assignment> Assignments { get; init; } = [];

    public Expression? Where { get; init; }

    public bool DoesUpdate => !Assignments.IsEmpty;
}

/// <summary>a = x, or (a, b) = (x, y), or (a, b) = (query).</summary>
/// <param name="Value">For several columns: a <see cref="RowExpression"/> or a <see cref="ScalarQueryExpression"/>.</param>
public sealed record Assignment(ValueList<TargetColumn> Columns, Expression Value) : SyntaxNode
{
    /// <summary>Written with parentheses around the columns.</summary>
    public bool IsRow { get; init; }
}

public sealed record SubscriptTarget(Expression? Lower, Expression? Upper, bool IsSlice) : SyntaxNode;

public sealed record UpdateStatement(QualifiedName Table) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public required ValueList<Assignment> Assignments { get; init; }

    public ValueList<TableReference> From { get; init; } = [];

    public Expression? Where { get; init; }

    public ValueList<SelectItem> Returning { get; init; } = [];
}

public sealed record DeleteStatement(QualifiedName Table) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public ValueList<TableReference> Using { get; init; } = [];

    public Expression? Where { get; init; }

    public ValueList<SelectItem> Returning { get; init; } = [];
}

/// <summary>MERGE INTO table USING source ON condition WHEN …</summary>
public sealed record MergeStatement(QualifiedName Table, TableReference Source, Expression Condition) : Statement
{
    public WithClause? With { get; init; }

    public string? Alias { get; init; }

    public ValueList<MergeWhen> Whens { get; init; } = [];
}

/// <summary>WHEN [NOT] MATCHED [AND condition] THEN …</summary>
/// <param name="Action">An INSERT, UPDATE or DELETE of the statement's table; null for DO NOTHING.</param>
public sealed record MergeWhen(bool IsMatched, Expression? Condition, Statement? Action) : SyntaxNode;

public sealed record TruncateStatement(
    ValueList<QualifiedName> Tables, bool RestartIdentity, bool Cascade) : Statement;

/// <summary>COPY table or (query), FROM or TO.</summary>
public sealed record CopyStatement : Statement
{
    public QualifiedName? Table { get; init; }

    public ValueList<string> Columns { get; init; } = [];

    /// <summary>COPY (query) TO; null for a table. May be a statement with RETURNING.</summary>
    public Statement? Query { get; init; }

    public bool IsFrom { get; init; }

    /// <summary>The file; null for STDIN and STDOUT.</summary>
    public string? File { get; init; }

    public bool IsProgram { get; init; }

    /// <summary>Options with lower-case names; the old spelling (CSV HEADER …) is brought to the new one.</summary>
    public ValueList<Option> Options { get; init; } = [];

    public Expression? Where { get; init; }
}

/// <summary>name, name value, name = value, name (list).</summary>
/// <param name="Value">A literal or column-like word; null where only the name was given.</param>
/// <param name="Items">FORCE_QUOTE (a, b) and the like; <c>*</c> is one <see cref="StarExpression"/>.</param>
public sealed record Option(string Name, Expression? Value, ValueList<Expression> Items) : SyntaxNode;

public sealed record ExplainStatement(Statement Statement, ValueList<Option> Options) : Statement;

public sealed record PrepareStatement(string Name, ValueList<TypeName> ParameterTypes, Statement Statement) : Statement;

public sealed record ExecuteStatement(string Name, ValueList<Expression> Arguments) : Statement;

/// <param name="Name">Null for DEALLOCATE ALL.</param>
public sealed record DeallocateStatement(string? Name) : Statement;

public sealed record DeclareCursorStatement(string Name, QueryExpression Query) : Statement
{
    public bool IsBinary { get; init; }

    /// <summary>SCROLL, NO SCROLL, or not said.</summary>
    public bool? IsScrollable { get; init; }

    public bool WithHold { get; init; }
}

/// <summary>FETCH and MOVE.</summary>
public sealed record FetchStatement(string Cursor, FetchDirection Direction, long Count, bool IsMove) : Statement;

/// <summary>Forward and Backward take a count (long.MaxValue for ALL); Absolute and Relative a position.</summary>
public enum FetchDirection : byte { Forward, Backward, Absolute, Relative }

/// <param name="Name">Null for CLOSE ALL.</param>
public sealed record CloseStatement(string? Name) : Statement;

/// <summary>BEGIN, COMMIT, ROLLBACK, SAVEPOINT and kin.</summary>
public sealed record TransactionStatement(TransactionVerb Verb) : Statement
{
    /// <summary>The savepoint's name, or the global id of a prepared transaction.</summary>
    public string? Name { get; init; }

    /// <summary>BEGIN, START TRANSACTION, SET TRANSACTION, SET SESSION CHARACTERISTICS: the modes given.</summary>
    public TransactionModes Modes { get; init; } = TransactionModes.None;

    /// <summary>COMMIT AND CHAIN, ROLLBACK AND CHAIN.</summary>
    public bool AndChain { get; init; }
}

public enum TransactionVerb : byte
{
    Begin, StartTransaction, Commit, Rollback, Savepoint, Release, RollbackTo, SetTransaction, SetSessionCharacteristics,
    PrepareTransaction, CommitPrepared, RollbackPrepared,
}

/// <param name="Isolation">In lower case: read committed, repeatable read …; null where not said.</param>
public sealed record TransactionModes(string? Isolation, bool? IsReadOnly, bool? IsDeferrable) : SyntaxNode
{
    public static readonly TransactionModes None = new(null, null, null);

    /// <summary>SET TRANSACTION SNAPSHOT 'id'.</summary>
    public string? Snapshot { get; init; }

    /// <summary>AS OF SYSTEM TIME: of which moment all is that the transaction reads.</summary>
    public Expression? AsOf { get; init; }
}

/// <summary>SET name TO values; SET TIME ZONE, NAMES, ROLE, SESSION AUTHORIZATION, SCHEMA are brought to it.</summary>
/// <param name="Values">Empty for TO DEFAULT.</param>
public sealed record SetStatement(string Name, ValueList<Expression> Values, bool IsLocal) : Statement;

/// <summary>SET CONSTRAINTS ALL | names, DEFERRED | IMMEDIATE.</summary>
/// <param name="Names">Empty for ALL.</param>
public sealed record SetConstraintsStatement(ValueList<QualifiedName> Names, bool IsDeferred) : Statement;

/// <param name="Name">Null for RESET ALL.</param>
public sealed record ResetStatement(string? Name) : Statement;

/// <param name="Name">In lower case; "all" for SHOW ALL, "transaction_isolation" for SHOW TRANSACTION ISOLATION LEVEL …</param>
public sealed record ShowStatement(string Name) : Statement
{
    /// <summary>FROM TABLE; null for all tables.</summary>
    public QualifiedName? Table { get; init; }
}

/// <summary>DISCARD ALL, PLANS, SEQUENCES or TEMP, in lower case.</summary>
public sealed record DiscardStatement(string What) : Statement;

public sealed record ListenStatement(string Channel) : Statement;

/// <param name="Channel">Null for UNLISTEN *.</param>
public sealed record UnlistenStatement(string? Channel) : Statement;

public sealed record NotifyStatement(string Channel, string? Payload) : Statement;

public sealed record LockTableStatement(ValueList<QualifiedName> Tables, string Mode, bool NoWait) : Statement;

/// <summary>VACUUM, ANALYZE, CHECKPOINT, REINDEX, CLUSTER: maintenance by name.</summary>
public sealed record MaintenanceStatement(
    string Verb, ValueList<Option> Options, ValueList<QualifiedName> Tables) : Statement;

/// <summary>DO [LANGUAGE l] 'body'.</summary>
public sealed record DoStatement(string Language, StringLiteral Body) : Statement;

/// <summary>CALL f(…).</summary>
public sealed record CallStatement(FunctionCall Call) : Statement;

/// <summary>COMMENT ON kind name IS text.</summary>
/// <param name="Kind">In lower case: table, column, schema, index, constraint …</param>
/// <param name="On">The table, for COMMENT ON CONSTRAINT name ON table.</param>
public sealed record CommentStatement(string Kind, QualifiedName Name, QualifiedName? On, string? Comment) : Statement
{
    /// <summary>Of COMMENT ON FUNCTION.</summary>
    public FunctionSignature? Function { get; init; }
}

/// <summary>GRANT and REVOKE.</summary>
public sealed record GrantStatement : Statement
{
    public bool IsRevoke { get; init; }

    /// <summary>In lower case; empty for ALL.</summary>
    public ValueList<string> Privileges { get; init; } = [];

    /// <summary>table, schema, sequence, database, function, "all tables in schema" …; "role" for role membership.</summary>
    public string ObjectKind { get; init; } = "table";

    public ValueList<QualifiedName> Objects { get; init; } = [];

    public ValueList<string> Grantees { get; init; } = [];

    /// <summary>WITH GRANT OPTION, WITH ADMIN OPTION; in REVOKE: GRANT OPTION FOR.</summary>
    public bool WithGrantOption { get; init; }

    public string? GrantedBy { get; init; }

    /// <summary>REVOKE … CASCADE.</summary>
    public bool Cascade { get; init; }
}
