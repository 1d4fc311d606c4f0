using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteLeadingWith(WithClause? with)
    {
        if (with is null)
            return;
        Write(with);
        Add(" ");
    }

    /// <summary>The table that a statement changes.</summary>
    private void WriteTarget(string verb, QualifiedName table, string? alias)
    {
        Add(verb);
        Write(table);
        if (alias is not null)
            Add(" AS ").WriteName(alias);
    }

    private void Write(InsertStatement insert)
    {
        WriteLeadingWith(insert.With);
        WriteTarget("INSERT INTO ", insert.Table, insert.Alias);
        WriteInserted(insert);
        if (insert.OnConflict is not null)
        {
            Add(" ");
            Write(insert.OnConflict);
        }
        WriteReturning(insert.Returning);
    }

    private void WriteReturning(ValueList<SelectItem> items)
    {
        if (!items.IsEmpty)
            Add(" RETURNING ").WriteList(items, Write);
    }

    private void Write(OnConflictClause conflict)
    {
        Add("ON CONFLICT");
        if (!conflict.TargetColumns.IsEmpty)
            Add(" ").WriteParenthesized(conflict.TargetColumns, WriteConflictTarget);
        WriteWhere(conflict.TargetWhere);
        if (conflict.ConstraintName is not null)
            Add(" ON CONSTRAINT ").WriteName(conflict.ConstraintName);
        if (!conflict.DoesUpdate)
        {
            Add(" DO NOTHING");
            return;
        }
        Add(" DO UPDATE SET ").WriteList(conflict.Assignments, Write);
        WriteWhere(conflict.Where);
    }

    private void WriteConflictTarget(Expression target)
    {
        if (target is not CollateExpression collate)
        {
            WriteIndexed(target);
            return;
        }
        WriteIndexed(collate.Operand);
        Add(" COLLATE ");
        Write(collate.Collation);
    }

    private void Write(Assignment assignment)
    {
        if (assignment.IsRow)
            WriteParenthesized(assignment.Columns, Write);
        else
            Write(assignment.Columns[0]);
        Add(" = ");
        Write(assignment.Value);
    }

    private void Write(TargetColumn column)
    {
        WriteName(column.Name);
        foreach (SubscriptTarget target in column.Subscripts)
            Write(target);
    }

    private void Write(SubscriptTarget target) => WriteSubscript(target.Lower, target.Upper, target.IsSlice);

    private void Write(UpdateStatement update)
    {
        WriteLeadingWith(update.With);
        WriteTarget("UPDATE ", update.Table, update.Alias);
        Add(" SET ").WriteList(update.Assignments, Write);
        if (!update.From.IsEmpty)
            Add(" FROM ").WriteList(update.From, Write);
        WriteWhere(update.Where);
        WriteReturning(update.Returning);
    }

    private void Write(DeleteStatement delete)
    {
        WriteLeadingWith(delete.With);
        WriteTarget("DELETE FROM ", delete.Table, delete.Alias);
        if (!delete.Using.IsEmpty)
            Add(" USING ").WriteList(delete.Using, Write);
        WriteWhere(delete.Where);
        WriteReturning(delete.Returning);
    }

    private void Write(MergeStatement merge)
    {
        WriteLeadingWith(merge.With);
        WriteTarget("MERGE INTO ", merge.Table, merge.Alias);
        Add(" USING ");
        Write(merge.Source);
        Add(" ON ");
        Write(merge.Condition);
        foreach (MergeWhen when in merge.Whens)
            Write(when);
    }

    private void Write(MergeWhen when)
    {
        Add(when.IsMatched ? " WHEN MATCHED" : " WHEN NOT MATCHED");
        if (when.Condition is not null)
        {
            Add(" AND ");
            Write(when.Condition);
        }
        Add(" THEN ");
        switch (when.Action)
        {
            case UpdateStatement update:
                Add("UPDATE SET ").WriteList(update.Assignments, Write);
                break;
            case InsertStatement insert:
                Add("INSERT");
                WriteInserted(insert);
                break;
            default:
                Add(when.Action is null ? "DO NOTHING" : "DELETE");
                break;
        }
    }

    /// <summary>What stands behind the table of an INSERT.</summary>
    private void WriteInserted(InsertStatement insert)
    {
        if (!insert.Columns.IsEmpty)
            Add(" ").WriteParenthesized(insert.Columns, Write);
        Add(insert.OverridingSystem switch
        {
            true => " OVERRIDING SYSTEM VALUE", false => " OVERRIDING USER VALUE", null => "",
        });
        Add(" ");
        if (insert.Source is null)
            Add("DEFAULT VALUES");
        else
            Write(insert.Source);
    }

    private void Write(TruncateStatement truncate)
    {
        Add("TRUNCATE ").WriteList(truncate.Tables, Write);
        WriteIf(truncate.RestartIdentity, " RESTART IDENTITY");
        WriteIf(truncate.Cascade, " CASCADE");
    }

    private void Write(CopyStatement copy)
    {
        Add("COPY ");
        if (copy.Query is not null)
        {
            Add("(");
            Write(copy.Query);
            Add(")");
        }
        else if (copy.Table is not null)
        {
            Write(copy.Table);
            WriteOptionalNames(copy.Columns);
        }
        Add(copy.IsFrom ? " FROM " : " TO ");
        WriteIf(copy.IsProgram, "PROGRAM ");
        if (copy.File is null)
            Add(copy.IsFrom ? "STDIN" : "STDOUT");
        else
            WriteLiteral(copy.File);
        if (!copy.Options.IsEmpty)
            Add(" WITH ").WriteParenthesized(copy.Options, WriteUtilityOption);
        WriteWhere(copy.Where);
    }

    /// <summary>name, name value, name (item, …)</summary>
    private void WriteUtilityOption(Option option)
    {
        WriteName(option.Name);
        if (option.Value is not null)
        {
            Add(" ");
            Write(option.Value);
        }
        if (option.Items is [StarExpression])
            Add(" *");
        else if (!option.Items.IsEmpty)
            Add(" ").WriteParenthesized(option.Items, Write);
    }

    /// <summary>name = value; a dot in the name separates its prefix.</summary>
    private void WriteStorageOption(Option option)
    {
        WriteDotted(option.Name);
        if (option.Value is null)
            return;
        Add(" = ");
        Write(option.Value);
    }

    private void WriteDotted(string name) =>
        WriteList(new ValueList<string>(name.Split('.')), part => WriteName(part), ".");

    private void WriteStorageOptions(ValueList<Option> options)
    {
        if (!options.IsEmpty)
            Add(" WITH ").WriteParenthesized(options, WriteStorageOption);
    }
}
