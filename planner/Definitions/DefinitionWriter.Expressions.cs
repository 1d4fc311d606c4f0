using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Definitions;

/// <summary>Expressions: every operator in parentheses, or for people where they are needed.</summary>
internal sealed partial class DefinitionWriter
{
    /// <param name="showsImplicit">Also the outermost conversion is written that nobody asked for.</param>
    internal void Write(ScalarExpression expression, bool showsImplicit)
    {
        if (TryWriteNoted(expression, showsImplicit))
            return;
        switch (expression)
        {
            case ConstantExpression constant:
                Constant(constant);
                break;
            case ParameterExpression parameter:
                Add($"${parameter.Index + 1}");
                break;
            case ColumnExpression column:
                Column(column, showsImplicit);
                break;
            case CallExpression { Form: not (CallForm.Implicit or CallForm.Explicit) } call:
                Call(call);
                break;
            case CallExpression { Arguments: [var operand, ..] } cast:
                Cast(cast, operand, showsImplicit);
                break;
            case RelabelExpression cast:
                Cast(cast, cast.Operand, showsImplicit);
                break;
            case TextCastExpression { Form: CallForm.Constant, Operand: ConstantExpression text } constant:
                Add(Parser.Printing.SqlPrinter.QuoteLiteral(names.Constant(constant.Type.Oid, TextOf(text), state))).Add("::").Add(names.Type(constant.Type));
                break;
            case TextCastExpression cast:
                Cast(cast, cast.Operand, showsImplicit);
                break;
            case ArrayCastExpression cast:
                Cast(cast, cast.Operand, showsImplicit);
                break;
            default:
                WriteTest(expression);
                break;
        }
    }

    /// <summary>What binding turned into something else than was written.</summary>
    private bool TryWriteNoted(ScalarExpression expression, bool showsImplicit)
    {
        if (forms.Collations.TryGetValue(expression, out QualifiedName? collation))
        {
            forms.Collations.Remove(expression); // what is below is the same node
            Open();
            Operand(expression, showsImplicit, null);
            Add(" COLLATE ").Add(string.Join('.', collation.Parts.Select(Parser.Printing.SqlPrinter.QuoteIdentifier)));
            Close();
            forms.Collations.Add(expression, collation);
            return true;
        }
        if (forms.SystemColumns.TryGetValue(expression, out var system))
        {
            Qualified(system.Item, system.Name);
            return true;
        }
        if (forms.Words.TryGetValue(expression, out KeywordValueExpression? word))
        {
            Add(word.Keyword.ToUpperInvariant()).Add(word.Precision is { } precision ? $"({precision})" : "");
            return true;
        }
        if (forms.Rows.TryGetValue(expression, out NamespaceItem? item))
        {
            Add(Parser.Printing.SqlPrinter.QuoteIdentifier(_items[item].Name)).Add(".*");
            return true;
        }
        if (!forms.RowQueries.TryGetValue(expression, out var comparison))
            return false;
        Add("((");
        AddList(comparison.Row, value => Write(value, showsImplicit: true));
        Add(") ").Add(comparison.Operator.Symbol).Add(" (");
        Query(comparison.Query, isNamed: false);
        Add("))");
        return true;
    }

    private void WriteTest(ScalarExpression expression)
    {
        switch (expression)
        {
            case LogicalOperation logical:
                Open();
                AddList(logical.Operands, operand => Operand(operand, showsImplicit: false, logical), logical.IsAnd ? " AND " : " OR ");
                Close();
                break;
            case NotOperation not:
                Open().Add("NOT ");
                Operand(not.Operand, showsImplicit: false, not);
                Close();
                break;
            case NullTest test:
                Open();
                Operand(test.Operand, showsImplicit: true, test);
                Add(test.IsNegated ? " IS NOT NULL" : " IS NULL");
                Close();
                break;
            case BooleanTest test:
                Open();
                Operand(test.Operand, showsImplicit: false, test);
                Add(test.IsNegated ? " IS NOT " : " IS ").Add(test.Value switch { true => "TRUE", false => "FALSE", null => "UNKNOWN" });
                Close();
                break;
            case DistinctTest { IsNegated: true } distinct:
                var plain = distinct with { IsNegated = false };
                Write(new NotOperation(plain), showsImplicit: false);
                break;
            case DistinctTest distinct:
                Open();
                Operand(distinct.Left, showsImplicit: true, distinct);
                Add(" IS DISTINCT FROM ");
                Operand(distinct.Right, showsImplicit: true, distinct);
                Close();
                break;
            case InListOperation list:
                InList(list);
                break;
            case ArrayComparison comparison:
                ArrayTest(comparison);
                break;
            case RowComparison rows:
                Add("(ROW(");
                Arguments(rows.Left);
                Add(") ").Add(rows.Operator).Add(" ROW(");
                Arguments(rows.Right);
                Add("))");
                break;
            default:
                WriteConstruct(expression);
                break;
        }
    }

    private void WriteConstruct(ScalarExpression expression)
    {
        switch (expression)
        {
            case CaseOperation choice:
                Case(choice);
                break;
            case CoalesceOperation coalesce:
                Listed("COALESCE", coalesce.Operands);
                break;
            case NullIfOperation nullIf:
                Listed("NULLIF", [nullIf.Left, nullIf.Right]);
                break;
            case MinMaxOperation most:
                Listed(most.IsGreatest ? "GREATEST" : "LEAST", most.Operands);
                break;
            case RowConstruction row:
                Listed("ROW", row.Items);
                break;
            case ArrayConstruction array:
                Add("ARRAY[");
                Arguments(array.Items);
                Add("]");
                if (array.Items.IsEmpty)
                    Add("::").Add(names.Type(array.Type));
                break;
            case SubscriptOperation subscript:
                Subscript(subscript);
                break;
            case FieldOperation field:
                bool isOpen = field.Operand is SubscriptOperation or FieldOperation;
                Add(isOpen ? "" : "(");
                Write(field.Operand, showsImplicit: true);
                Add(isOpen ? "." : ").").AddName(state.ShapeOf(field.Operand)?.Names[field.Field] ?? $"f{field.Field + 1}");
                break;
            case SubqueryExpression subquery:
                Subquery(subquery);
                break;
            default:
                throw Unwritable(expression);
        }
    }

    private DefinitionWriter Open() => layout.IsPretty ? this : Add("(");

    private void Close() => Add(layout.IsPretty ? "" : ")");

    /// <summary>An operand, in parentheses where it would be read otherwise without.</summary>
    private void Operand(ScalarExpression expression, bool showsImplicit, ScalarExpression? parent)
    {
        bool needsParentheses = layout.IsPretty && !IsSimple(expression, parent);
        if (needsParentheses)
            Add("(");
        Write(expression, showsImplicit);
        if (needsParentheses)
            Add(")");
    }

    private void Arguments(IEnumerable<ScalarExpression> arguments) =>
        AddList(arguments, argument => Write(argument, showsImplicit: true));

    private void Listed(string word, IEnumerable<ScalarExpression> arguments)
    {
        Add(word).Add("(");
        Arguments(arguments);
        Add(")");
    }

    /// <summary>Never as type(operand), which would not be read back as the same.</summary>
    private void Cast(ScalarExpression cast, ScalarExpression operand, bool showsImplicit)
    {
        if (cast.Form != CallForm.Explicit && !showsImplicit)
        {
            Operand(operand, showsImplicit: false, cast);
            return;
        }
        if (operand is ConstantExpression constant && constant.Type.Oid == cast.Type.Oid && constant.Type.Modifier < 0)
        {
            Constant(constant, showsType: false);
        }
        else
        {
            Open();
            Operand(operand, showsImplicit: false, cast);
            Close();
        }
        Add("::").Add(names.Type(cast.Type));
    }

    private void InList(InListOperation list)
    {
        IReadOnlyList<ScalarExpression> items = forms.Lists.TryGetValue(list, out var noted) ? noted : list.Items;
        Open();
        Operand(list.Operand, showsImplicit: !layout.IsStored, list);
        if (layout.IsStored)
        {
            Add(list.IsNegated ? " NOT IN (" : " IN (");
            Arguments(items);
            Add("))");
            return;
        }
        string equals = SymbolOf(list.Equality, "=");
        Add(" ").Add(list.IsNegated ? equals.Replace("=", "<>", StringComparison.Ordinal) + " ALL (" : equals + " ANY (");
        uint type = list.Items[0].Type.Oid;
        bool isConverted = items[0].Type.Oid != type;
        if (isConverted)
            Open();
        Add("ARRAY[");
        Arguments(items);
        Add("]");
        if (isConverted)
        {
            Close();
            Add("::").Add(names.Type(new SqlType(BuiltinTypes.ArrayOf(type))));
        }
        Add(")");
        Close();
    }

    private void ArrayTest(ArrayComparison comparison)
    {
        Open();
        Operand(comparison.Operand, showsImplicit: true, comparison);
        Add(" ").Add(SymbolOf(comparison.Function, comparison.Function.Name)).Add(comparison.IsAll ? " ALL (" : " ANY (");
        Operand(comparison.Array, showsImplicit: true, comparison);
        // ANY ((SELECT …)) without a type would be ANY of the query's rows.
        if (comparison.Array is SubqueryExpression { Kind: SubplanKind.Scalar })
            Add("::").Add(names.Type(comparison.Array.Type));
        Add(")");
        Close();
    }

    private string SymbolOf(FunctionEntry function, string otherwise) =>
        FunctionRegistry.FindOperatorOf(function.Oid) is { } op ? names.Operator(op) : otherwise;

    private void Case(CaseOperation choice)
    {
        Clause("CASE", 0, 4, 0);
        ScalarExpression? operand = forms.CaseOperands.GetValueOrDefault(choice);
        if (operand is not null)
        {
            Add(" ");
            Write(operand, showsImplicit: true);
        }
        foreach (CaseBranch branch in choice.Branches)
        {
            if (!layout.IsIndented)
                Add(" ");
            Clause("WHEN ", 0, 0, 0);
            Write(operand is null ? branch.Condition : ((CallExpression)branch.Condition).Arguments[1], showsImplicit: false);
            Add(" THEN ");
            Write(branch.Result, showsImplicit: true);
        }
        if (!layout.IsIndented)
            Add(" ");
        Clause("ELSE ", 0, 0, 0);
        if (choice.Else is null)
            Add("NULL::").Add(names.Type(choice.Type));
        else
            Write(choice.Else, showsImplicit: true);
        if (!layout.IsIndented)
            Add(" ");
        Clause("END", -4, 0, 0);
    }

    private void Subscript(SubscriptOperation subscript)
    {
        bool isOpen = subscript.Operand is ColumnExpression or FieldOperation;
        Add(isOpen ? "" : "(");
        Write(subscript.Operand, showsImplicit: true);
        Add(isOpen ? "" : ")");
        foreach (SubscriptBounds bounds in subscript.Subscripts)
        {
            Add("[");
            if (bounds.Lower is { } lower)
                Write(lower, showsImplicit: false);
            if (subscript.IsSlice)
                Add(":");
            if (bounds.Upper is { } upper)
                Write(upper, showsImplicit: false);
            Add("]");
        }
    }
}
