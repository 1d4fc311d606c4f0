using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateTableStatement create:
                Write(create);
                break;
            case CreateTableAsStatement create:
                Write(create);
                break;
            case CreateViewStatement create:
                Write(create);
                break;
            case CreateIndexStatement create:
                Write(create);
                break;
            case CreateSequenceStatement create:
                Add(create.IsTemporary ? "CREATE TEMPORARY SEQUENCE " : "CREATE SEQUENCE ");
                WriteIf(create.IfNotExists, "IF NOT EXISTS ");
                Write(create.Name);
                WriteSequenceOptions(create.Options);
                break;
            case AlterSequenceStatement alter:
                Add("ALTER SEQUENCE ");
                WriteIf(alter.IfExists, "IF EXISTS ");
                Write(alter.Name);
                WriteSequenceOptions(alter.Options);
                break;
            case AlterTableStatement alter:
                Write(alter);
                break;
            case AlterSchemaStatement alter:
                Add("ALTER SCHEMA ").WriteName(alter.Name).Add(" ");
                Write(alter.Action);
                break;
            default:
                WriteSmallDefinition(statement);
                break;
        }
    }

    private void WriteSmallDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateSchemaStatement create:
                Add("CREATE SCHEMA ");
                WriteIf(create.IfNotExists, "IF NOT EXISTS ");
                WriteName(create.Name);
                if (create.Owner is not null)
                    Add(" AUTHORIZATION ").WriteName(create.Owner);
                foreach (Statement element in create.Elements)
                {
                    Add(" ");
                    Write(element);
                }
                break;
            case UpdateExtensionStatement update:
                Add("ALTER EXTENSION ").WriteName(update.Name);
                Add(" UPDATE");
                if (update.Version is not null)
                    Add(" TO ").WriteLiteral(update.Version);
                break;
            case CreateExtensionStatement create:
                Write(create);
                break;
            case CreateRoleStatement or AlterRoleStatement or RenameRoleStatement or AlterRoleSettingStatement:
                WriteRoleDefinition(statement);
                break;
            case CreateDatabaseStatement or AlterDatabaseStatement or AlterDatabaseOptionsStatement or AlterDatabaseSettingStatement:
                WriteDatabaseDefinition(statement);
                break;
            case CreateModelStatement or AlterModelStatement:
                WriteModelDefinition(statement);
                break;
            case CreateFunctionStatement or DropFunctionStatement or AlterFunctionStatement or AlterFunctionOptionsStatement:
                WriteFunctionDefinition(statement);
                break;
            case CreateEnumStatement or AlterUserTypeStatement:
                WriteUserType(statement);
                break;
            case RefreshStatement refresh:
                Add("REFRESH MATERIALIZED VIEW ");
                WriteIf(refresh.IsConcurrent, "CONCURRENTLY ");
                Write(refresh.Name);
                WriteIf(refresh.WithoutData, " WITH NO DATA");
                break;
            case DropStatement drop:
                Add("DROP ").Add(drop.Kind.ToUpperInvariant()).Add(" ");
                WriteIf(drop.IsConcurrent, "CONCURRENTLY ");
                WriteIf(drop.IfExists, "IF EXISTS ");
                WriteList(drop.Names, Write);
                WriteIf(drop.Cascade, " CASCADE");
                WriteIf(drop.IsForced, " WITH (FORCE)");
                break;
            case UnsupportedDefinition unsupported:
                string source = unsupported.Text.Value; // nothing else is known of it
                Add(source.Length > 0 ? source : $"{unsupported.Verb} {unsupported.Kind}".ToUpperInvariant());
                break;
            default:
                Invariant.Holds(false, $"no way to print a {statement.GetType().Name}");
                break;
        }
    }

    private void Write(CreateExtensionStatement create)
    {
        Add("CREATE EXTENSION ");
        WriteIf(create.IfNotExists, "IF NOT EXISTS ");
        WriteName(create.Name);
        if (create.Schema is not null)
            Add(" SCHEMA ").WriteName(create.Schema);
        if (create.Version is not null)
            Add(" VERSION ").WriteLiteral(create.Version);
        WriteIf(create.Cascade, " CASCADE");
    }

    private void Write(CreateTableStatement create)
    {
        Add(create.IsTemporary ? "CREATE TEMPORARY TABLE "
            : create.IsUnlogged ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ");
        WriteIf(create.IfNotExists, "IF NOT EXISTS ");
        Write(create.Name);
        Add(" ").WriteParenthesized(create.Elements, Write);
        Option? tablespace = null;
        foreach (Option clause in create.Clauses)
        {
            if (clause.Name == "tablespace")
                tablespace = clause;
            else
                WriteClause(clause);
        }
        WriteStorageOptions(create.Options);
        WriteOnCommit(create.OnCommit);
        if (tablespace is not null)
            WriteClause(tablespace);
        if (create.Split is { Count: { } count })
            Add($" SPLIT INTO {count} TABLETS");
        else if (create.Split is { } split)
            Add(" SPLIT AT VALUES ").WriteParenthesized(split.Points, point => WriteParenthesized(point, Write));
    }

    private void WriteClause(Option clause)
    {
        Add(" ").Add(clause.Name.ToUpperInvariant());
        if (clause.Value is not null)
        {
            Add(" ");
            Write(clause.Value);
        }
        if (clause.Items.IsEmpty)
            return;
        Add(" ").WriteParenthesized(clause.Items, clause.Name == "inherits" ? Write : WriteIndexed);
    }

    private void WriteOnCommit(string? action) =>
        WriteIf(action is not null, $" ON COMMIT {action?.ToUpperInvariant()}");

    private void Write(CreateTableAsStatement create)
    {
        Add(create.IsMaterializedView ? "CREATE MATERIALIZED VIEW "
            : create.IsTemporary ? "CREATE TEMPORARY TABLE "
            : create.IsUnlogged ? "CREATE UNLOGGED TABLE " : "CREATE TABLE ");
        WriteIf(create.IfNotExists, "IF NOT EXISTS ");
        Write(create.Name);
        WriteOptionalNames(create.Columns);
        WriteStorageOptions(create.Options);
        WriteOnCommit(create.OnCommit);
        Add(" AS ");
        if (create.Query is { } query)
            Write(query);
        else if (create.Prepared is { } prepared)
            Write(prepared);
        WriteIf(create.WithoutData, " WITH NO DATA");
    }

    private void Write(CreateViewStatement create)
    {
        Add(create.OrReplace ? "CREATE OR REPLACE " : "CREATE ");
        WriteIf(create.IsTemporary, "TEMPORARY ");
        Add("VIEW ");
        Write(create.Name);
        WriteOptionalNames(create.Columns);
        Option[] check = [.. create.Options.Where(option => option.Name == "check_option")];
        // One that is not last was written among the storage parameters, and stays there.
        bool isClause = check.Length == 1 && ReferenceEquals(create.Options[^1], check[0]);
        WriteStorageOptions(isClause ? new ValueList<Option>([.. create.Options.SkipLast(1)]) : create.Options);
        Add(" AS ");
        Write(create.Query);
        if (isClause && check[0].Value is ColumnReference kind)
            Add(" WITH ").Add(kind.Name.Name.ToUpperInvariant()).Add(" CHECK OPTION");
    }

    private void Write(CreateIndexStatement create)
    {
        Add(create.IsUnique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ");
        WriteIf(create.IsConcurrent, "CONCURRENTLY ");
        WriteIf(create.IfNotExists, "IF NOT EXISTS ");
        if (create.Name is not null)
            WriteName(create.Name).Add(" ");
        Add("ON ");
        Write(create.Table);
        Add(" USING ").WriteName(create.Method).Add(" ").WriteParenthesized(create.Elements, Write);
        if (!create.Include.IsEmpty)
            Add(" INCLUDE ").WriteNames(create.Include);
        WriteIf(create.NullsNotDistinct, " NULLS NOT DISTINCT");
        WriteStorageOptions(create.Options);
        WriteWhere(create.Where);
    }

    private void Write(IndexElement element)
    {
        WriteIndexed(element.Expression);
        if (element.Collation is not null)
        {
            Add(" COLLATE ");
            Write(element.Collation);
        }
        if (element.OperatorClass is not null)
        {
            Add(" ");
            Write(element.OperatorClass);
        }
        WriteIf(element.IsDescending, " DESC");
        WriteNullsOrder(element.NullsFirst);
    }

    /// <summary>What an index is on: a column or a call as it is, all else in parentheses.</summary>
    private void WriteIndexed(Expression expression)
    {
        bool isOpen = expression is ColumnReference { Name.Parts.Count: 1 }
            || expression is FunctionCall { Over: null, Filter: null, WithinGroup.IsEmpty: true };
        WriteIf(!isOpen, "(");
        Write(expression);
        WriteIf(!isOpen, ")");
    }

    private void WriteSequenceOptions(ValueList<SequenceOption> options)
    {
        if (!options.IsEmpty)
            Add(" ").WriteList(options, Write, " ");
    }

    private void Write(SequenceOption option)
    {
        Add(option.Name.ToUpperInvariant());
        if (option.Value is { } value)
            Add(" ").Add(value.ToString());
        if (option.Type is not null)
        {
            Add(" ");
            Write(option.Type);
        }
        if (option.ObjectName is null)
            return;
        Add(" ");
        Write(option.ObjectName);
    }
}
