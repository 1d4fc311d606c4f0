using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

public sealed record CreateSchemaStatement(string Name, bool IfNotExists) : Statement
{
    public string? Owner { get; init; }

    /// <summary>What is made in it at once.</summary>
    public ValueList<Statement> Elements { get; init; } = [];
}

/// <summary>CREATE TABLE with a column list.</summary>
public sealed record CreateTableStatement(QualifiedName Name) : Statement
{
    public bool IfNotExists { get; init; }

    public bool IsTemporary { get; init; }

    public bool IsUnlogged { get; init; }

    /// <summary>In the order written: <see cref="ColumnDefinition"/>, <see cref="TableConstraint"/>, <see cref="LikeClause"/>,
    /// <see cref="InlineIndex"/>.</summary>
    public ValueList<TableElement> Elements { get; init; } = [];

    public ValueList<Option> Options { get; init; } = [];

    /// <summary>ON COMMIT: "preserve rows", "delete rows", "drop"; null where not said.</summary>
    public string? OnCommit { get; init; }

    /// <summary>PARTITION BY, INHERITS, TABLESPACE, USING as words, so that what is not supported is refused by name.</summary>
    public ValueList<Option> Clauses { get; init; } = [];

    /// <summary>SPLIT INTO or SPLIT AT; null where not said.</summary>
    public SplitClause? Split { get; init; }
}

/// <summary>SPLIT AT VALUES ((a, b), …), or SPLIT SHARDS 3, 4.</summary>
/// <param name="Shards">Empty where the points are given.</param>
public sealed record SplitShardsAction(ValueList<int> Shards, ValueList<ValueList<Expression>> Points) : AlterAction;

/// <summary>MERGE SHARDS 3, 4.</summary>
public sealed record MergeShardsAction(ValueList<int> Shards) : AlterAction;

/// <summary>TRAIN SHARDS.</summary>
public sealed record TrainShardsAction : AlterAction;

/// <summary>SCATTER.</summary>
public sealed record ScatterAction : AlterAction;

/// <summary>SPLIT INTO count TABLETS, or SPLIT AT VALUES ((a, b), …).</summary>
/// <param name="Count">Null where the points are given.</param>
public sealed record SplitClause(int? Count, ValueList<ValueList<Expression>> Points) : SyntaxNode;

/// <summary>CREATE TABLE AS, and SELECT INTO once parsed.</summary>
/// <param name="Query">Null where <see cref="Prepared"/> says it.</param>
public sealed record CreateTableAsStatement(QualifiedName Name, QueryExpression? Query) : Statement
{
    /// <summary>AS EXECUTE.</summary>
    public ExecuteStatement? Prepared { get; init; }

    public bool IfNotExists { get; init; }

    public bool IsTemporary { get; init; }

    public ValueList<string> Columns { get; init; } = [];

    public ValueList<Option> Options { get; init; } = [];

    /// <summary>WITH NO DATA.</summary>
    public bool WithoutData { get; init; }

    public bool IsMaterializedView { get; init; }

    public bool IsUnlogged { get; init; }

    public string? OnCommit { get; init; }
}

/// <summary>REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH NO DATA].</summary>
public sealed record RefreshStatement(QualifiedName Name, bool IsConcurrent, bool WithoutData) : Statement;

public abstract record TableElement : SyntaxNode;

/// <summary>VECTOR INDEX among the columns of CREATE TABLE: an index that is made with the table.</summary>
public sealed record InlineIndex(
    string? Name, string Method, ValueList<IndexElement> Elements, ValueList<Option> Options) : TableElement;

public sealed record ColumnDefinition(string Name, TypeName Type) : TableElement
{
    public ValueList<ColumnConstraint> Constraints { get; init; } = [];

    public QualifiedName? Collation { get; init; }
}

/// <summary>LIKE table [INCLUDING …].</summary>
/// <param name="Including">In lower case: defaults, constraints, indexes, generated, identity, comments, storage, all.</param>
public sealed record LikeClause(QualifiedName Table, ValueList<string> Including) : TableElement;

/// <summary>A constraint behind a column.</summary>
public abstract record ColumnConstraint : SyntaxNode
{
    public string? Name { get; init; }
}

public sealed record NotNullConstraint(bool IsNull) : ColumnConstraint;

public sealed record DefaultConstraint(Expression Value) : ColumnConstraint;

/// <summary>GENERATED ALWAYS AS (expression) STORED.</summary>
public sealed record GeneratedConstraint(Expression Value) : ColumnConstraint;

/// <summary>GENERATED ALWAYS | BY DEFAULT AS IDENTITY (options).</summary>
public sealed record IdentityConstraint(bool IsAlways, ValueList<SequenceOption> Options) : ColumnConstraint;

public sealed record ColumnUniqueConstraint(bool IsPrimaryKey, bool NullsNotDistinct) : ColumnConstraint
{
    /// <summary>WITH (…): parameters of the index.</summary>
    public ValueList<Option> Options { get; init; } = [];

    public TimingClause Timing { get; init; }
}

public sealed record ColumnCheckConstraint(Expression Condition) : ColumnConstraint;

public sealed record ColumnReferenceConstraint(ForeignKeyTarget Target) : ColumnConstraint;

/// <summary>A constraint on the table.</summary>
public abstract record TableConstraint : TableElement
{
    public string? Name { get; init; }
}

public sealed record TableUniqueConstraint(
    bool IsPrimaryKey, ValueList<string> Columns, bool NullsNotDistinct) : TableConstraint
{
    /// <summary>ADD CONSTRAINT … USING INDEX name; null otherwise.</summary>
    public string? UsingIndex { get; init; }

    /// <summary>Columns of INCLUDE.</summary>
    public ValueList<string> Include { get; init; } = [];

    /// <summary>WITH (…): parameters of the index.</summary>
    public ValueList<Option> Options { get; init; } = [];

    public TimingClause Timing { get; init; }
}

public sealed record TableCheckConstraint(Expression Condition, bool IsNotValid) : TableConstraint;

public sealed record ForeignKeyConstraint(ValueList<string> Columns, ForeignKeyTarget Target) : TableConstraint
{
    public bool IsNotValid { get; init; }
}

/// <param name="OnDelete">In lower case: "no action", "restrict", "cascade", "set null", "set default"; null where not said.</param>
public sealed record ForeignKeyTarget(
    QualifiedName Table, ValueList<string> Columns, string? OnDelete, string? OnUpdate) : SyntaxNode
{
    public bool MatchesFull { get; init; }

    /// <summary>Behind ON DELETE SET NULL or SET DEFAULT: the columns to set; empty for all.</summary>
    public ValueList<string> SetColumns { get; init; } = [];

    public TimingClause Timing { get; init; }
}

/// <summary>[NOT] DEFERRABLE, INITIALLY DEFERRED | IMMEDIATE; both are false where not said.</summary>
public readonly record struct TimingClause(bool IsDeferrable, bool IsInitiallyDeferred);

/// <summary>start, increment, minvalue, maxvalue, cache, cycle, owned by, as, restart, sequence name.</summary>
/// <param name="Name">In lower case; "no minvalue", "no maxvalue" and "no cycle" for the negative forms.</param>
public sealed record SequenceOption(string Name, long? Value) : SyntaxNode
{
    public QualifiedName? ObjectName { get; init; }

    public TypeName? Type { get; init; }
}

public sealed record CreateSequenceStatement(
    QualifiedName Name, bool IfNotExists, bool IsTemporary, ValueList<SequenceOption> Options) : Statement;

public sealed record AlterSequenceStatement(
    QualifiedName Name, bool IfExists, ValueList<SequenceOption> Options) : Statement;

public sealed record CreateViewStatement(
    QualifiedName Name, ValueList<string> Columns, QueryExpression Query) : Statement
{
    public bool OrReplace { get; init; }

    public bool IsTemporary { get; init; }

    public ValueList<Option> Options { get; init; } = [];
}

public sealed record CreateIndexStatement(QualifiedName Table) : Statement
{
    public string? Name { get; init; }

    public bool IfNotExists { get; init; }

    public bool IsUnique { get; init; }

    public bool IsConcurrent { get; init; }

    /// <summary>btree where not said.</summary>
    public string Method { get; init; } = "btree";

    public ValueList<IndexElement> Elements { get; init; } = [];

    public ValueList<string> Include { get; init; } = [];

    public bool NullsNotDistinct { get; init; }

    public ValueList<Option> Options { get; init; } = [];

    public Expression? Where { get; init; }
}

public sealed record IndexElement(Expression Expression) : SyntaxNode
{
    public QualifiedName? OperatorClass { get; init; }

    public QualifiedName? Collation { get; init; }

    public bool IsDescending { get; init; }

    public bool? NullsFirst { get; init; }
}

/// <summary>ALTER EXTENSION … UPDATE [TO version].</summary>
public sealed record UpdateExtensionStatement(string Name, string? Version) : Statement;

public sealed record CreateExtensionStatement(string Name, bool IfNotExists) : Statement
{
    public string? Schema { get; init; }

    public string? Version { get; init; }

    public bool Cascade { get; init; }
}

/// <summary>CREATE TYPE name AS ENUM (labels).</summary>
public sealed record CreateEnumStatement(QualifiedName Name, ValueList<string> Labels) : Statement;

/// <summary>ALTER TYPE name action.</summary>
public sealed record AlterUserTypeStatement(QualifiedName Name, AlterAction Action) : Statement;

/// <summary>CREATE ROLE, USER or GROUP name [WITH] options.</summary>
/// <param name="Kind">In lower case: role, user or group.</param>
public sealed record CreateRoleStatement(string Kind, string Name, ValueList<RoleOption> Options) : Statement;

/// <summary>ALTER ROLE or USER name [WITH] options.</summary>
public sealed record AlterRoleStatement(string Name, ValueList<RoleOption> Options) : Statement;

public sealed record RenameRoleStatement(string Name, string NewName) : Statement;

/// <summary>ALTER ROLE name SET and RESET: what the role's sessions begin with.</summary>
/// <param name="Change">A <see cref="SetStatement"/> or <see cref="ResetStatement"/>.</param>
public sealed record AlterRoleSettingStatement(string Name, Statement Change) : Statement;

/// <summary>One option of a role, such as NOLOGIN or PASSWORD 'text'.</summary>
/// <param name="Name">In lower case without NO: superuser, login, password, "connection limit", "valid until", "in role" …</param>
public sealed record RoleOption(string Name) : SyntaxNode
{
    public bool IsOn { get; init; } = true;

    /// <summary>Of PASSWORD (null for PASSWORD NULL) and VALID UNTIL.</summary>
    public string? Text { get; init; }

    /// <summary>Of CONNECTION LIMIT and SYSID.</summary>
    public long Number { get; init; }

    /// <summary>Of IN ROLE, ROLE and ADMIN.</summary>
    public ValueList<string> Roles { get; init; } = [];
}

/// <summary>CREATE DATABASE name [WITH] options.</summary>
public sealed record CreateDatabaseStatement(string Name, ValueList<DatabaseOption> Options) : Statement;

/// <summary>ALTER DATABASE name RENAME TO or OWNER TO.</summary>
public sealed record AlterDatabaseStatement(string Name, AlterAction Action) : Statement;

/// <summary>ALTER DATABASE name [WITH] options.</summary>
public sealed record AlterDatabaseOptionsStatement(string Name, ValueList<DatabaseOption> Options) : Statement;

/// <summary>ALTER DATABASE name SET and RESET: what the database's sessions begin with.</summary>
/// <param name="Change">A <see cref="SetStatement"/> or <see cref="ResetStatement"/>.</param>
public sealed record AlterDatabaseSettingStatement(string Name, Statement Change) : Statement;

/// <summary>One option of a database, such as TEMPLATE template0.</summary>
/// <param name="Name">In lower case: owner, template, encoding, "connection limit", lc_collate …; also one that there is not.</param>
/// <param name="Value">As text; null for DEFAULT.</param>
public sealed record DatabaseOption(string Name, string? Value) : SyntaxNode;

/// <summary>CREATE MODEL [IF NOT EXISTS] name FROM 'source' [WITH (options)].</summary>
public sealed record CreateModelStatement(string Name, string Source, ValueList<Option> Options) : Statement
{
    public bool IfNotExists { get; init; }
}

/// <summary>ALTER MODEL name action.</summary>
public sealed record AlterModelStatement(string Name, AlterAction Action) : Statement;

/// <summary>CREATE FUNCTION and others that are known by name and not (yet) made.</summary>
/// <param name="Kind">In lower case: role, function, type, domain, trigger …</param>
/// <param name="Verb">create, alter or drop.</param>
public sealed record UnsupportedDefinition(string Verb, string Kind) : Statement;

/// <summary>DROP kind [IF EXISTS] names [CASCADE].</summary>
/// <param name="Kind">In lower case: table, view, sequence, index, schema, extension, "materialized view", type …</param>
public sealed record DropStatement(
    string Kind, ValueList<QualifiedName> Names, bool IfExists, bool Cascade) : Statement
{
    public bool IsConcurrent { get; init; }

    /// <summary>DROP DATABASE name WITH (FORCE).</summary>
    public bool IsForced { get; init; }
}

/// <summary>ALTER TABLE name action, action … (also ALTER VIEW, ALTER INDEX where they share the actions).</summary>
public sealed record AlterTableStatement(
    QualifiedName Name, bool IfExists, ValueList<AlterAction> Actions) : Statement
{
    /// <summary>table, view, index, sequence.</summary>
    public string Kind { get; init; } = "table";
}

public sealed record AlterSchemaStatement(string Name, AlterAction Action) : Statement;

public abstract record AlterAction : SyntaxNode;

public sealed record AddColumnAction(ColumnDefinition Column, bool IfNotExists) : AlterAction;

public sealed record DropColumnAction(string Column, bool IfExists, bool Cascade) : AlterAction;

/// <param name="Default">Null for DROP DEFAULT.</param>
public sealed record AlterDefaultAction(string Column, Expression? Default) : AlterAction;

public sealed record AlterNotNullAction(string Column, bool IsNotNull) : AlterAction;

public sealed record AlterTypeAction(string Column, TypeName Type, Expression? Using) : AlterAction;

/// <summary>ADD GENERATED … AS IDENTITY; null options for DROP IDENTITY.</summary>
public sealed record AlterIdentityAction(string Column, IdentityConstraint? Identity, bool IfExists) : AlterAction;

/// <summary>ALTER COLUMN … SET GENERATED ALWAYS|BY DEFAULT, SET sequence option, RESTART.</summary>
/// <param name="IsAlways">Null where GENERATED is not said.</param>
public sealed record SetIdentityAction(string Column, bool? IsAlways, ValueList<SequenceOption> Options) : AlterAction;

/// <summary>ALTER COLUMN … DROP EXPRESSION.</summary>
public sealed record DropExpressionAction(string Column, bool IfExists) : AlterAction;

/// <summary>ALTER COLUMN … SET MODEL 'model'.</summary>
public sealed record SetModelAction(string Column, string Model) : AlterAction;

/// <summary>ALTER COLUMN … SET STORAGE, SET STATISTICS, SET COMPRESSION, SET (…): what it was, and its value.</summary>
public sealed record AlterColumnOptionAction(string Column, string What, ValueList<Option> Options) : AlterAction;

public sealed record AddConstraintAction(TableConstraint Constraint) : AlterAction;

public sealed record DropConstraintAction(string Name, bool IfExists, bool Cascade) : AlterAction;

public sealed record ValidateConstraintAction(string Name) : AlterAction;

/// <summary>ALTER CONSTRAINT name [NOT] DEFERRABLE INITIALLY …</summary>
public sealed record AlterConstraintAction(string Name, TimingClause Timing) : AlterAction;

public sealed record RenameColumnAction(string Column, string NewName) : AlterAction;

public sealed record RenameConstraintAction(string Name, string NewName) : AlterAction;

public sealed record RenameAction(string NewName) : AlterAction;

public sealed record SetSchemaAction(string Schema) : AlterAction;

public sealed record OwnerAction(string Owner) : AlterAction;

/// <summary>ALTER TYPE … ADD VALUE 'label' [BEFORE|AFTER 'neighbor'].</summary>
public sealed record AddEnumValueAction(string Label, bool IfNotExists) : AlterAction
{
    /// <summary>Null for behind all others.</summary>
    public string? Neighbor { get; init; }

    public bool IsBefore { get; init; }
}

/// <summary>ALTER TYPE … RENAME VALUE 'label' TO 'newLabel'.</summary>
public sealed record RenameEnumValueAction(string Label, string NewLabel) : AlterAction;

/// <summary>ALTER MODEL … ADD VERSION [number] FROM 'source' [WITH (options)].</summary>
/// <param name="Version">Null for the next.</param>
public sealed record AddModelVersionAction(int? Version, string Source, ValueList<Option> Options) : AlterAction;

public sealed record DropModelVersionAction(int Version) : AlterAction;

/// <summary>ALTER MODEL … SET DEFAULT [VERSION number].</summary>
/// <param name="Version">The version that the model's name alone stands for; null to make the model the database's default.</param>
public sealed record SetDefaultModelAction(int? Version) : AlterAction;

/// <summary>ALTER MODEL … WARM.</summary>
public sealed record WarmModelAction : AlterAction;

/// <summary>SET (…) and RESET (…) of storage parameters.</summary>
public sealed record SetOptionsAction(ValueList<Option> Options, bool IsReset) : AlterAction;

/// <summary>Another action known by its words, so that it can be refused by name: "enable trigger", "attach partition" …</summary>
public sealed record UnsupportedAction(string What) : AlterAction;

/// <summary>CLUSTER ON index; without one, SET WITHOUT CLUSTER.</summary>
public sealed record ClusterOnAction(string? Index) : AlterAction;

/// <summary>REPLICA IDENTITY.</summary>
/// <param name="Kind">As pg_class has it: d DEFAULT, f FULL, n NOTHING, i USING INDEX.</param>
public sealed record ReplicaIdentityAction(char Kind, string? Index) : AlterAction;
