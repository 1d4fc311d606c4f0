using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Parser.Printing;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Explain;

/// <summary>Writes bound expressions as SQL, the way PostgreSQL's EXPLAIN does.</summary>
/// <param name="inputs">What the input row's columns are called.</param>
internal sealed class ExpressionText(IReadOnlyList<string> inputs, ExplainNames names)
{
    internal string Of(ScalarExpression expression) => expression switch
    {
        ConstantExpression constant => Constant(constant),
        ParameterExpression parameter => $"${parameter.Index + 1}",
        InputExpression input => input.Ordinal < inputs.Count ? inputs[input.Ordinal] : $"column{input.Ordinal + 1}",
        OuterExpression outer => names.Outer(outer.Slot),
        CallExpression call => Call(call),
        RelabelExpression relabel => Cast(relabel.Operand, relabel.Type),
        TextCastExpression cast => Cast(cast.Operand, cast.Type),
        ArrayCastExpression cast => Cast(cast.Operand, cast.Type),
        LogicalOperation logical =>
            "(" + string.Join(logical.IsAnd ? " AND " : " OR ", logical.Operands.Select(Of)) + ")",
        NotOperation not => $"(NOT {Of(not.Operand)})",
        NullTest test => $"({Of(test.Operand)} IS {(test.IsNegated ? "NOT " : "")}NULL)",
        BooleanTest test => $"({Of(test.Operand)} IS {(test.IsNegated ? "NOT " : "")}{Truth(test.Value)})",
        DistinctTest test => $"({Of(test.Left)} IS {(test.IsNegated ? "NOT " : "")}DISTINCT FROM {Of(test.Right)})",
        _ => Rest(expression),
    };

    internal string List(IEnumerable<ScalarExpression> expressions) => string.Join(", ", expressions.Select(Of));

    internal IReadOnlyList<string> SortKeys(IEnumerable<SortKey> keys) => [.. keys.Select(key =>
        Of(key.Key) + (key.IsDescending ? " DESC" : "")
        + (key.NullsFirst == key.IsDescending ? "" : key.NullsFirst ? " NULLS FIRST" : " NULLS LAST"))];

    private string Rest(ScalarExpression expression) => expression switch
    {
        CaseOperation choice => Case(choice),
        CoalesceOperation coalesce => $"COALESCE({List(coalesce.Operands)})",
        NullIfOperation nullIf => $"NULLIF({Of(nullIf.Left)}, {Of(nullIf.Right)})",
        MinMaxOperation minMax => $"{(minMax.IsGreatest ? "GREATEST" : "LEAST")}({List(minMax.Operands)})",
        ArrayComparison comparison =>
            $"({Of(comparison.Operand)} {Symbol(comparison.Function)} "
            + $"{(comparison.IsAll ? "ALL" : "ANY")} ({Of(comparison.Array)}))",
        InListOperation list => InList(list),
        ArrayConstruction array => $"ARRAY[{List(array.Items)}]",
        RowConstruction row => $"ROW({List(row.Items)})",
        RowComparison rows => $"(ROW({List(rows.Left)}) {rows.Operator} ROW({List(rows.Right)}))",
        SubscriptOperation subscript => Of(subscript.Operand) + string.Concat(subscript.Subscripts.Select(
            bounds => $"[{Bounds(bounds, subscript.IsSlice)}]")),
        SubscriptAssignment assignment => $"{Of(assignment.Place)} := {Of(assignment.Value)}",
        FieldOperation field => $"({Of(field.Operand)}).f{field.Field + 1}",
        SubplanExpression subplan => names.Subplan(subplan),
        SampleTest sample => $"{(sample.IsByBlock ? "system" : "bernoulli")} ({Of(sample.Percent)})"
            + (sample.Seed is null ? "" : $" REPEATABLE ({Of(sample.Seed)})"),
        NextValueExpression next => $"nextval({next.SequenceOid})",
        _ => expression.GetType().Name,
    };

    private string Bounds(SubscriptBounds bounds, bool isSlice)
    {
        string lower = bounds.Lower is null ? "" : Of(bounds.Lower), upper = bounds.Upper is null ? ""
            : Of(bounds.Upper);
        return isSlice ? $"{lower}:{upper}" : lower + upper;
    }

    private string Call(CallExpression call)
    {
        if (Rules.TextScoring.IsPlaced(call))
            call = Rules.TextScoring.AsWritten(call);
        FunctionEntry function = call.Function;
        if (FunctionRegistry.FindOperatorOf(function.Oid) is { } op && op.Left != 0 == (call.Arguments.Count == 2))
        {
            return call.Arguments.Count == 2
                ? $"({Of(call.Arguments[0])} {op.Name} {Of(call.Arguments[1])})"
                : $"({op.Name} {Of(call.Arguments[0])})";
        }
        bool isCast = call.Arguments.Count > 0
            && FunctionRegistry.FindCast(call.Arguments[0].Type.Oid, call.Type.Oid)?.Function == function.Oid;
        if (isCast)
            return Cast(call.Arguments[0], call.Type);
        IEnumerable<string> arguments = call.Arguments.Select((argument, i) =>
            (call.IsVariadicArray && i == call.Arguments.Count - 1 ? "VARIADIC " : "") + Of(argument));
        return $"{SqlPrinter.QuoteIdentifier(function.Name)}({string.Join(", ", arguments)})";
    }

    private string Cast(ScalarExpression operand, SqlType type)
    {
        string text = Of(operand);
        bool isPlain = text.Length > 0 && text[0] == '(' && Encloses(text);
        return (isPlain ? text : $"({text})") + "::" + TypeName(type);
    }

    private string TypeName(SqlType type)
    {
        string name = BuiltinTypes.FormatType(type);
        return names.Format.Names is { } known ? CatalogMark.Resolve(name, known) : name;
    }

    private static bool Encloses(string text)
    {
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (depth == 0)
                return i == text.Length - 1;
        }
        return false;
    }

    private string InList(InListOperation list)
    {
        uint element = list.Items[0].Type.Oid;
        bool isConstant = list.Items.All(static item => item is ConstantExpression);
        string symbol = list.IsNegated ? "<> ALL" : "= ANY";
        if (!isConstant)
            return $"({Of(list.Operand)} {symbol} (ARRAY[{List(list.Items)}]))";
        IEnumerable<string> items =
            list.Items.Cast<ConstantExpression>().Select(item => item.IsNull ? "NULL" : ArrayItem(Text(item)));
        string array = "{" + string.Join(",", items) + "}";
        string type = TypeName(new SqlType(BuiltinTypes.ArrayOf(element)));
        return $"({Of(list.Operand)} {symbol} ({SqlPrinter.QuoteLiteral(array)}::{type}))";
    }

    private static readonly SearchValues<char> QuotedInArrays = SearchValues.Create("{}\", \\\t\n");

    private static string ArrayItem(string text)
    {
        bool needsQuotes = text.Length == 0 || text.Equals("null", StringComparison.OrdinalIgnoreCase)
            || text.AsSpan().ContainsAny(QuotedInArrays);
        return needsQuotes ? "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"" : text;
    }

    private string Case(CaseOperation choice)
    {
        var text = new StringBuilder("CASE");
        foreach (CaseBranch branch in choice.Branches)
            text.Append(" WHEN ").Append(Of(branch.Condition)).Append(" THEN ").Append(Of(branch.Result));
        if (choice.Else is not null)
            text.Append(" ELSE ").Append(Of(choice.Else));
        return text.Append(" END").ToString();
    }

    private static string Symbol(FunctionEntry function) =>
        FunctionRegistry.FindOperatorOf(function.Oid)?.Name ?? function.Name;

    private static string Truth(bool? value) => value switch
    {
        true => "TRUE",
        false => "FALSE",
        null => "UNKNOWN",
    };

    private string Constant(ConstantExpression constant)
    {
        string type = TypeName(constant.Type);
        if (constant.IsNull)
            return $"NULL::{type}";
        string text = Text(constant);
        switch (constant.Type.Oid)
        {
            case TypeOid.Bool:
                return text == "t" ? "true" : "false";
            case TypeOid.Int4 when text[0] != '-':
                return text;
            case TypeOid.Numeric when text[0] != '-' && text.Contains('.'):
                return text;
            case TypeOid.Text when CatalogMark.TryReadModel(text, out _, out _) && names.Format.Names is { } known:
                return $"{SqlPrinter.QuoteLiteral(CatalogMark.Resolve(text, known))}::{type}";
            default:
                return $"{SqlPrinter.QuoteLiteral(names.Shortened(text))}::{type}";
        }
    }

    private string Text(ConstantExpression constant)
    {
        var buffer = new ArrayBufferWriter<byte>();
        TypeFormats.For(constant.Type.Oid).WriteText(constant.Value, 0, buffer, names.Format);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
