using VecSQL.Core.Collections;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WriteFunctionDefinition(Statement statement)
    {
        switch (statement)
        {
            case CreateFunctionStatement create:
                Write(create);
                break;
            case DropFunctionStatement drop:
                Add("DROP FUNCTION ");
                WriteIf(drop.IfExists, "IF EXISTS ");
                WriteList(drop.Functions, Write);
                WriteIf(drop.Cascade, " CASCADE");
                break;
            case AlterFunctionStatement alter:
                Add("ALTER FUNCTION ");
                Write(alter.Function);
                Add(" ");
                Write(alter.Action);
                break;
            case AlterFunctionOptionsStatement alter:
                Add("ALTER FUNCTION ");
                Write(alter.Function);
                WriteFunctionOptions(alter.Options);
                break;
        }
    }

    private void Write(CreateFunctionStatement create)
    {
        Add(create.OrReplace ? "CREATE OR REPLACE FUNCTION " : "CREATE FUNCTION ");
        Write(create.Name);
        Add(" ").WriteParenthesized(new ValueList<FunctionParameter>([.. create.Parameters.Where(item => item.Mode != "table")]), Write);
        FunctionParameter[] columns = [.. create.Parameters.Where(item => item.Mode == "table")];
        if (columns.Length > 0)
            Add(" RETURNS TABLE ").WriteParenthesized(new ValueList<FunctionParameter>(columns), Write);
        if (create.Returns is { } returns)
        {
            Add(" RETURNS ");
            Write(returns);
        }
        WriteFunctionOptions(create.Options);
        if (create.Body is { } body)
        {
            Add(" AS ");
            Write(body);
        }
        if (create.Return is { } value)
        {
            Add(" RETURN ");
            Write(value);
        }
        if (!create.IsAtomic)
            return;
        Add(" BEGIN ATOMIC ");
        foreach (Statement statement in create.Atomic)
        {
            Write(statement);
            Add("; ");
        }
        Add("END");
    }

    private void Write(FunctionParameter parameter)
    {
        if (parameter.Mode is not ("in" or "table"))
            Add(parameter.Mode.ToUpperInvariant()).Add(" ");
        if (parameter.Name is { } name)
            WriteName(name).Add(" ");
        Write(parameter.Type);
        if (parameter.Default is { } value)
        {
            Add(" DEFAULT ");
            Write(value);
        }
    }

    private void Write(FunctionSignature function)
    {
        Write(function.Name);
        if (!function.IsBare)
            Add(" ").WriteParenthesized(function.Parameters, Write);
    }

    private void WriteFunctionOptions(ValueList<FunctionOption> options)
    {
        foreach (FunctionOption option in options)
        {
            Add(" ");
            switch (option.Name)
            {
                case "language":
                    Add("LANGUAGE ").WriteLiteral(option.Value);
                    break;
                case "strict":
                    Add(option.Value == "true" ? "STRICT" : "CALLED ON NULL INPUT");
                    break;
                case "leakproof":
                    Add(option.Value == "true" ? "LEAKPROOF" : "NOT LEAKPROOF");
                    break;
                case "parallel":
                    Add("PARALLEL ").WriteName(option.Value);
                    break;
                case "volatility":
                    Add(option.Value.ToUpperInvariant());
                    break;
                default:
                    Add(option.Name.ToUpperInvariant()).Add(" ").Add(option.Value.ToUpperInvariant());
                    break;
            }
        }
    }
}
