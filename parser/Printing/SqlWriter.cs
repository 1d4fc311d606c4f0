using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Lexing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Parser.Printing;

/// <summary>Writes one tree; the parts for each kind of node are in files of their own.</summary>
internal sealed partial class SqlWriter
{
    private readonly StringBuilder _text = new();

    public override string ToString() => _text.ToString();

    internal void WriteNode(SyntaxNode node)
    {
        switch (node)
        {
            case Expression expression:
                Write(expression);
                break;
            case Statement statement:
                Write(statement);
                break;
            case QueryExpression query:
                Write(query);
                break;
            case QueryBody body:
                Write(body);
                break;
            case TableReference table:
                Write(table);
                break;
            case GroupingElement element:
                Write(element);
                break;
            case TableElement element:
                Write(element);
                break;
            case ColumnConstraint constraint:
                Write(constraint);
                break;
            case AlterAction action:
                Write(action);
                break;
            default:
                WritePart(node);
                break;
        }
    }

    /// <summary>Nodes that are parts of others and of no larger family.</summary>
    private void WritePart(SyntaxNode node)
    {
        switch (node)
        {
            case QualifiedName name:
                Write(name);
                break;
            case TypeName type:
                Write(type);
                break;
            case OperatorName symbol:
                Write(symbol);
                break;
            case SelectItem item:
                Write(item);
                break;
            case OrderItem item:
                Write(item);
                break;
            case WhenClause branch:
                Write(branch);
                break;
            case FunctionArgument argument:
                Write(argument);
                break;
            case WindowSpecification window:
                WriteDefinition(window);
                break;
            case NamedWindow window:
                Write(window);
                break;
            case WindowFrame frame:
                Write(frame);
                break;
            case FrameBound bound:
                Write(bound);
                break;
            case WithClause with:
                Write(with);
                break;
            case CommonTable table:
                Write(table);
                break;
            case LockingClause locking:
                Write(locking);
                break;
            case TableAlias alias:
                WriteAlias(alias.Name, alias.Columns);
                break;
            default:
                WriteSmallPart(node);
                break;
        }
    }

    private void WriteSmallPart(SyntaxNode node)
    {
        switch (node)
        {
            case TableSample sample:
                Write(sample);
                break;
            case TableFunction function:
                Write(function);
                break;
            case FunctionColumn column:
                Write(column);
                break;
            case TargetColumn column:
                Write(column);
                break;
            case OnConflictClause conflict:
                Write(conflict);
                break;
            case Assignment assignment:
                Write(assignment);
                break;
            case SubscriptTarget target:
                Write(target);
                break;
            case Option option:
                WriteUtilityOption(option);
                break;
            case TransactionModes modes:
                Write(modes);
                break;
            case ForeignKeyTarget target:
                Write(target);
                break;
            case SequenceOption option:
                Write(option);
                break;
            case IndexElement element:
                Write(element);
                break;
            default:
                Invariant.Holds(false, $"no way to print a {node.GetType().Name}");
                break;
        }
    }

    private SqlWriter Add(string text)
    {
        _text.Append(text);
        return this;
    }

    private SqlWriter WriteName(string name) => Add(SqlPrinter.QuoteIdentifier(name));

    private SqlWriter WriteLiteral(string value) => Add(SqlPrinter.QuoteLiteral(value));

    private void Write(QualifiedName name)
    {
        for (int index = 0; index < name.Parts.Count; index++)
        {
            if (index > 0)
                Add(".");
            WriteName(name.Parts[index]);
        }
    }

    private SqlWriter WriteList<T>(ValueList<T> items, Action<T> write, string separator = ", ")
    {
        for (int index = 0; index < items.Count; index++)
        {
            if (index > 0)
                Add(separator);
            write(items[index]);
        }
        return this;
    }

    private SqlWriter WriteParenthesized<T>(ValueList<T> items, Action<T> write)
    {
        Add("(");
        return WriteList(items, write).Add(")");
    }

    private SqlWriter WriteNames(ValueList<string> names) => WriteParenthesized(names, name => WriteName(name));

    /// <summary>A space and (a, b), or nothing for an empty list.</summary>
    private void WriteOptionalNames(ValueList<string> names)
    {
        if (!names.IsEmpty)
            Add(" ").WriteNames(names);
    }

    private void WriteIf(bool condition, string text)
    {
        if (condition)
            Add(text);
    }

    private static void GuardStack()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw SyntaxErrors.TooDeep();
    }
}
