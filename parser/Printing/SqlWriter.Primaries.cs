using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

internal sealed partial class SqlWriter
{
    private void WritePrimary(Expression expression)
    {
        switch (expression)
        {
            case IntegerLiteral integer:
                Add(integer.Text);
                break;
            case NumericLiteral numeric:
                Add(numeric.Text);
                break;
            case StringLiteral text:
                WriteLiteral(text.Value);
                break;
            case BitStringLiteral bits:
                Add("B'").Add(bits.Bits).Add("'");
                break;
            case BooleanLiteral boolean:
                Add(boolean.Value ? "true" : "false");
                break;
            case NullLiteral:
                Add("NULL");
                break;
            case DefaultExpression:
                Add("DEFAULT");
                break;
            case ParameterReference parameter:
                Add("$").Add(parameter.Number.ToString());
                break;
            case ColumnReference column:
                Write(column.Name);
                break;
            case StarExpression star:
                WriteStar(star);
                break;
            case KeywordValueExpression word:
                Add(word.Keyword).Add(word.Precision is { } precision ? $"({precision})" : "");
                break;
            case SubscriptExpression subscript:
                WriteBase(subscript.Operand, isField: false, subscript.ContinuesOperand);
                WriteSubscript(subscript.Lower, subscript.Upper, subscript.IsSlice);
                break;
            case FieldExpression field:
                WriteBase(field.Operand, isField: true);
                Add(".").Add(field.Field == "*" ? "*" : SqlPrinter.QuoteIdentifier(field.Field));
                break;
            default:
                WriteConstruct(expression);
                break;
        }
    }

    private void WriteConstruct(Expression expression)
    {
        switch (expression)
        {
            case FunctionCall call:
                Write(call);
                break;
            case CaseExpression choice:
                Write(choice);
                break;
            case ScalarQueryExpression query:
                WriteGroup(query.Query);
                break;
            case ExistsExpression exists:
                Add("EXISTS ");
                WriteGroup(exists.Query);
                break;
            case ArrayQueryExpression array:
                Add("ARRAY");
                WriteGroup(array.Query);
                break;
            case ArrayExpression array:
                Add("ARRAY");
                WriteItems(array);
                break;
            case RowExpression row:
                Add(row.IsExplicit ? "ROW" : "").WriteParenthesized(row.Items, Write);
                break;
            case CoalesceExpression coalesce:
                Add("COALESCE").WriteParenthesized(coalesce.Items, Write);
                break;
            case NullIfExpression nullIf:
                Add("NULLIF").WriteParenthesized([nullIf.Left, nullIf.Right], Write);
                break;
            case MinMaxExpression most:
                Add(most.IsGreatest ? "GREATEST" : "LEAST").WriteParenthesized(most.Items, Write);
                break;
            case GroupingExpression grouping:
                Add("GROUPING").WriteParenthesized(grouping.Items, Write);
                break;
            default:
                Invariant.Holds(false, $"no way to print a {expression.GetType().Name}");
                break;
        }
    }

    private void WriteStar(StarExpression star)
    {
        if (star.Qualifier is not null)
        {
            Write(star.Qualifier);
            Add(".");
        }
        Add("*");
    }

    /// <summary>
    /// What a subscript or a field is taken of. A column's field needs parentheses, or it would be a column of a table.
    /// </summary>
    private void WriteBase(Expression operand, bool isField, bool isContinued = false)
    {
        bool isOpen = operand is ParameterReference or ScalarQueryExpression
            || (operand is SubscriptExpression && (isField || isContinued))
            || operand is FieldExpression { Field: not "*" } || (operand is ColumnReference && !isField);
        if (!isOpen)
            Add("(");
        Write(operand);
        if (!isOpen)
            Add(")");
    }

    private void WriteSubscript(Expression? lower, Expression? upper, bool isSlice)
    {
        Add("[");
        if (lower is not null)
            Write(lower);
        WriteIf(isSlice, " : "); // spaces, so that a cast cannot be read
        if (upper is not null)
            Write(upper);
        Add("]");
    }

    /// <summary>The brackets of ARRAY[…]; lists inside need no word of their own.</summary>
    private void WriteItems(ArrayExpression array)
    {
        GuardStack();
        bool isNested = !array.Items.IsEmpty && array.Items.All(item => item is ArrayExpression);
        Add("[");
        if (isNested)
            WriteList(array.Items, item => WriteItems((ArrayExpression)item));
        else
            WriteList(array.Items, Write);
        Add("]");
    }

    private void Write(CaseExpression choice)
    {
        Add("CASE");
        if (choice.Operand is not null)
        {
            Add(" ");
            Write(choice.Operand);
        }
        foreach (WhenClause branch in choice.Whens)
        {
            Add(" ");
            Write(branch);
        }
        if (choice.Else is not null)
        {
            Add(" ELSE ");
            Write(choice.Else);
        }
        Add(" END");
    }

    private void Write(WhenClause branch)
    {
        Add("WHEN ");
        Write(branch.Condition);
        Add(" THEN ");
        Write(branch.Result);
    }

    private void Write(FunctionCall call)
    {
        WriteFunctionName(call.Name);
        Add("(");
        WriteIf(call.IsDistinct, "DISTINCT ");
        WriteIf(call.IsStar, "*");
        for (int index = 0; index < call.Arguments.Count; index++)
        {
            WriteIf(index > 0, ", ");
            WriteIf(call.IsVariadic && index == call.Arguments.Count - 1, "VARIADIC ");
            Write(call.Arguments[index]);
        }
        WriteOrder(call.OrderBy);
        Add(")");
        if (!call.WithinGroup.IsEmpty)
        {
            Add(" WITHIN GROUP (");
            Add("ORDER BY ").WriteList(call.WithinGroup, Write).Add(")");
        }
        if (call.Filter is not null)
        {
            Add(" FILTER (WHERE ");
            Write(call.Filter);
            Add(")");
        }
        if (call.Over is null)
            return;
        Add(" OVER ");
        if (call.Over is { BaseName: { } name, IsCopy: false })
            WriteName(name);
        else
            WriteDefinition(call.Over);
    }

    /// <summary>
    /// Some words that may name anything begin a clause in front of a parenthesis: operator(…), rollup(…).
    /// </summary>
    private void WriteFunctionName(QualifiedName name)
    {
        if (name.Parts.Count == 1 && KeywordTable.Find(name.Name) != Keyword.NoKeyword)
            Add("\"").Add(name.Name).Add("\"");
        else
            Write(name);
    }

    private void Write(FunctionArgument argument)
    {
        if (argument.Name is not null)
            WriteName(argument.Name).Add(" => ");
        Write(argument.Value);
    }

    private void WriteDefinition(WindowSpecification window)
    {
        Add("(");
        string gap = "";
        if (window.BaseName is { } name)
        {
            // In quotes, since PARTITION, RANGE, ROWS and GROUPS are words that may name a window.
            Add($"\"{name.Replace("\"", "\"\"")}\"");
            gap = " ";
        }
        if (!window.PartitionBy.IsEmpty)
        {
            Add(gap).Add("PARTITION BY ").WriteList(window.PartitionBy, Write);
            gap = " ";
        }
        if (!window.OrderBy.IsEmpty)
        {
            Add(gap).Add("ORDER BY ").WriteList(window.OrderBy, Write);
            gap = " ";
        }
        if (window.Frame is not null)
        {
            Add(gap);
            Write(window.Frame);
        }
        Add(")");
    }

    private void Write(WindowFrame frame)
    {
        Add(frame.Unit switch { FrameUnit.Rows => "ROWS", FrameUnit.Range => "RANGE", _ => "GROUPS" });
        Add(" BETWEEN ");
        Write(frame.Start);
        Add(" AND ");
        Write(frame.End);
        Add(frame.Exclusion switch
        {
            FrameExclusion.CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclusion.Group => " EXCLUDE GROUP",
            FrameExclusion.Ties => " EXCLUDE TIES",
            _ => "",
        });
    }

    private void Write(FrameBound bound)
    {
        if (bound.Offset is not null)
        {
            Add("(");
            Write(bound.Offset);
            Add(") ");
        }
        Add(bound.Kind switch
        {
            FrameBoundKind.UnboundedPreceding => "UNBOUNDED PRECEDING",
            FrameBoundKind.Preceding => "PRECEDING",
            FrameBoundKind.CurrentRow => "CURRENT ROW",
            FrameBoundKind.Following => "FOLLOWING",
            _ => "UNBOUNDED FOLLOWING",
        });
    }
}
