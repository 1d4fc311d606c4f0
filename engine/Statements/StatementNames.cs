using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Statements as command tags and errors name them.</summary>
internal static class StatementNames
{
    internal static string Of(Statement statement) => statement switch
    {
        CreateSchemaStatement => "CREATE SCHEMA",
        CreateTableStatement => "CREATE TABLE",
        CreateTableAsStatement as_ => as_.IsMaterializedView ? "CREATE MATERIALIZED VIEW" : "CREATE TABLE AS",
        CreateSequenceStatement => "CREATE SEQUENCE",
        AlterSequenceStatement => "ALTER SEQUENCE",
        CreateViewStatement => "CREATE VIEW",
        CreateIndexStatement => "CREATE INDEX",
        CreateExtensionStatement => "CREATE EXTENSION",
        UpdateExtensionStatement => "ALTER EXTENSION",
        CreateEnumStatement => "CREATE TYPE",
        AlterUserTypeStatement => "ALTER TYPE",
        CreateFunctionStatement => "CREATE FUNCTION",
        AlterFunctionStatement or AlterFunctionOptionsStatement => "ALTER FUNCTION",
        DropFunctionStatement => "DROP FUNCTION",
        CreateModelStatement => "CREATE MODEL",
        AlterModelStatement => "ALTER MODEL",
        AlterClusterStatement => "ALTER CLUSTER",
        MoveShardStatement => "ALTER SHARD",
        JobStatement job => $"{job.Verb} job".ToUpperInvariant(),
        CreateRoleStatement => "CREATE ROLE",
        AlterRoleStatement or RenameRoleStatement or AlterRoleSettingStatement => "ALTER ROLE",
        CreateDatabaseStatement => "CREATE DATABASE",
        AlterDatabaseStatement or AlterDatabaseOptionsStatement or AlterDatabaseSettingStatement => "ALTER DATABASE",
        UnsupportedDefinition definition => $"{definition.Verb} {definition.Kind}".ToUpperInvariant(),
        DropStatement drop => "DROP " + drop.Kind.ToUpperInvariant(),
        AlterTableStatement alter => "ALTER " + alter.Kind.ToUpperInvariant(),
        AlterSchemaStatement => "ALTER SCHEMA",
        TruncateStatement => "TRUNCATE TABLE",
        CopyStatement => "COPY",
        LockTableStatement => "LOCK TABLE",
        MaintenanceStatement maintenance => maintenance.Verb.ToUpperInvariant(),
        DoStatement => "DO",
        CallStatement => "CALL",
        CommentStatement => "COMMENT",
        GrantStatement grant => (grant.IsRevoke ? "REVOKE" : "GRANT") + (grant.ObjectKind == "role" ? " ROLE" : ""),
        NotifyStatement => "NOTIFY",
        ListenStatement => "LISTEN",
        UnlistenStatement => "UNLISTEN",
        _ => statement.GetType().Name.Replace("Statement", "", StringComparison.Ordinal).ToUpperInvariant(),
    };

    /// <summary>Statements that change the database, which a read-only transaction refuses.</summary>
    internal static bool IsDefinition(Statement statement) => statement is CreateSchemaStatement or CreateTableStatement
        or CreateTableAsStatement or CreateSequenceStatement or AlterSequenceStatement or CreateViewStatement
        or CreateIndexStatement or CreateExtensionStatement or UpdateExtensionStatement or CreateEnumStatement or AlterUserTypeStatement or CreateFunctionStatement
        or AlterFunctionStatement or AlterFunctionOptionsStatement or DropFunctionStatement or UnsupportedDefinition or DropStatement
        or AlterTableStatement or AlterSchemaStatement or TruncateStatement or CommentStatement or GrantStatement
        or CreateRoleStatement or AlterRoleStatement or RenameRoleStatement or AlterRoleSettingStatement
        or CreateModelStatement or AlterModelStatement or CreateDatabaseStatement or AlterDatabaseStatement or AlterDatabaseOptionsStatement or AlterDatabaseSettingStatement;
}
