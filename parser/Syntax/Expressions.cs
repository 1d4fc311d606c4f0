using VecSQL.Core.Collections;

namespace VecSQL.Parser.Syntax;

/// <summary>An expression. Special SQL spellings that are plain calls come as <see cref="FunctionCall"/>.</summary>
/// <remarks>
/// Desugared to calls in schema pg_catalog: EXTRACT(f FROM x) → extract('f', x); POSITION(a IN b) → position(b, a);
/// SUBSTRING(x FROM a FOR b) → substring(x, a, b); SUBSTRING(x SIMILAR p ESCAPE e) → substring(x, p, e) via similar_to_escape;
/// TRIM → btrim, ltrim, rtrim; OVERLAY(x PLACING y FROM a FOR b) → overlay(x, y, a, b); x AT TIME ZONE z → timezone(z, x);
/// NORMALIZE(x, form) → normalize(x, 'form'); COLLATION FOR (x) → pg_collation_for(x); (a, b) OVERLAPS (c, d) → overlaps(a, b, c, d).
/// </remarks>
public abstract record Expression : SyntaxNode
{
    /// <summary>Where the operator or keyword after the first operand stands (+, LIKE, IN, ::); 0 for what has none.</summary>
    public SourcePosition OperatorPosition { get; init; }
}

/// <summary>A number without point or exponent; the text may exceed any integer type.</summary>
public sealed record IntegerLiteral(string Text) : Expression
{
    public LiteralNumber Number { get; init; }
}

/// <summary>A number with point or exponent.</summary>
public sealed record NumericLiteral(string Text) : Expression
{
    public LiteralNumber Number { get; init; }
}

/// <summary>A string constant of any spelling ('…', E'…', U&amp;'…', $tag$…$tag$), unescaped. Its type is unknown.</summary>
public sealed record StringLiteral(string Value) : Expression
{
    public LiteralNumber Number { get; init; }
}

/// <summary>B'…' or X'…', as binary digits.</summary>
public sealed record BitStringLiteral(string Bits) : Expression;

public sealed record BooleanLiteral(bool Value) : Expression;

public sealed record NullLiteral : Expression;

/// <summary>DEFAULT as a value, in VALUES and SET.</summary>
public sealed record DefaultExpression : Expression;

/// <summary>$n</summary>
public sealed record ParameterReference(int Number) : Expression;

/// <summary>A column, qualified or not: <c>a</c>, <c>t.a</c>, <c>s.t.a</c>; also a whole row <c>t</c>, which only binding can tell.</summary>
public sealed record ColumnReference(QualifiedName Name) : Expression;

/// <summary><c>*</c> or <c>t.*</c>, in select lists and RETURNING, count(*) apart.</summary>
public sealed record StarExpression(QualifiedName? Qualifier) : Expression;

/// <summary>An operator with one operand before it. <c>NOT</c> is <see cref="NotExpression"/>.</summary>
public sealed record UnaryExpression(OperatorName Operator, Expression Operand) : Expression;

/// <summary>An operator between two operands, comparison included. AND and OR are <see cref="LogicalExpression"/>.</summary>
public sealed record BinaryExpression(OperatorName Operator, Expression Left, Expression Right) : Expression;

/// <summary>An operator's symbol, with a schema where written OPERATOR(schema.op).</summary>
public sealed record OperatorName(string Symbol, string? Schema = null) : SyntaxNode;

/// <summary>AND or OR over two or more operands: <c>a AND b AND c</c> is one node.</summary>
public sealed record LogicalExpression(bool IsAnd, ValueList<Expression> Operands) : Expression;

public sealed record NotExpression(Expression Operand) : Expression;

/// <summary>IS [NOT] NULL, also ISNULL and NOTNULL.</summary>
public sealed record IsNullExpression(Expression Operand, bool IsNegated) : Expression;

/// <summary>IS [NOT] TRUE, FALSE or UNKNOWN; <paramref name="Value"/> null is UNKNOWN.</summary>
public sealed record BooleanTestExpression(Expression Operand, bool? Value, bool IsNegated) : Expression;

/// <summary>IS [NOT] DISTINCT FROM.</summary>
public sealed record DistinctFromExpression(Expression Left, Expression Right, bool IsNegated) : Expression;

/// <summary>[NOT] BETWEEN [SYMMETRIC] low AND high.</summary>
public sealed record BetweenExpression(
    Expression Operand, Expression Low, Expression High, bool IsNegated, bool IsSymmetric) : Expression;

/// <summary>[NOT] IN (list).</summary>
public sealed record InListExpression(Expression Operand, ValueList<Expression> Items, bool IsNegated) : Expression;

/// <summary>[NOT] LIKE, ILIKE or SIMILAR TO, with ESCAPE where given.</summary>
public sealed record LikeExpression(
    Expression Operand, Expression Pattern, LikeKind Kind, Expression? Escape, bool IsNegated) : Expression;

public enum LikeKind : byte { Like, ILike, SimilarTo }

/// <summary>operand op ANY|SOME|ALL (array expression).</summary>
public sealed record QuantifiedArrayExpression(
    Expression Operand, OperatorName Operator, bool IsAll, Expression Array) : Expression;

/// <summary>operand op ANY|SOME|ALL (query). IN (query) is <c>= ANY</c>, NOT IN (query) is NOT of it.</summary>
public sealed record QuantifiedQueryExpression(
    Expression Operand, OperatorName Operator, bool IsAll, QueryExpression Query) : Expression;

public sealed record ExistsExpression(QueryExpression Query) : Expression;

/// <summary>A query in parentheses, as a value.</summary>
public sealed record ScalarQueryExpression(QueryExpression Query) : Expression;

/// <summary>ARRAY(query).</summary>
public sealed record ArrayQueryExpression(QueryExpression Query) : Expression;

/// <summary>ARRAY[…]; inner brackets are nested nodes.</summary>
public sealed record ArrayExpression(ValueList<Expression> Items) : Expression;

/// <summary>ROW(…) or (a, b, …).</summary>
public sealed record RowExpression(ValueList<Expression> Items, bool IsExplicit) : Expression;

/// <summary>x[i] or x[a:b]; for a slice either bound may be missing.</summary>
public sealed record SubscriptExpression(Expression Operand, Expression? Lower, Expression? Upper, bool IsSlice) : Expression
{
    /// <summary>One of several subscripts of the same array, as in x[1][2]; (x[1])[2] takes a part of a part.</summary>
    public bool ContinuesOperand { get; init; }
}

/// <summary>(x).field; <c>(x).*</c> has field "*".</summary>
public sealed record FieldExpression(Expression Operand, string Field) : Expression;

/// <summary>CAST(x AS t), x::t and t 'literal'.</summary>
public sealed record CastExpression(Expression Operand, TypeName Type) : Expression;

public sealed record CollateExpression(Expression Operand, QualifiedName Collation) : Expression;

/// <summary>CASE; <paramref name="Operand"/> is null in the searched form.</summary>
public sealed record CaseExpression(
    Expression? Operand, ValueList<WhenClause> Whens, Expression? Else) : Expression;

public sealed record WhenClause(Expression Condition, Expression Result) : SyntaxNode;

public sealed record CoalesceExpression(ValueList<Expression> Items) : Expression;

public sealed record NullIfExpression(Expression Left, Expression Right) : Expression;

/// <summary>GREATEST and LEAST.</summary>
public sealed record MinMaxExpression(bool IsGreatest, ValueList<Expression> Items) : Expression;

/// <summary>
/// A value spelled as a keyword: current_date, current_time, current_timestamp, localtime, localtimestamp, current_user, user,
/// session_user, current_role, current_catalog, current_schema; with its precision where given.
/// </summary>
public sealed record KeywordValueExpression(string Keyword, int? Precision) : Expression;

/// <summary>GROUPING(…).</summary>
public sealed record GroupingExpression(ValueList<Expression> Items) : Expression;

/// <summary>A function, aggregate or window call.</summary>
public sealed record FunctionCall(QualifiedName Name, ValueList<FunctionArgument> Arguments) : Expression
{
    /// <summary>f(*)</summary>
    public bool IsStar { get; init; }

    /// <summary>Where words of its own stand that it was written in, as EXTRACT(field FROM x); 0 for name(x).</summary>
    public SourcePosition WordPosition { get; init; }

    public bool IsDistinct { get; init; }

    /// <summary>The last argument is marked VARIADIC.</summary>
    public bool IsVariadic { get; init; }

    public ValueList<OrderItem> OrderBy { get; init; } = [];

    /// <summary>The order of WITHIN GROUP (ORDER BY …); empty where there is none.</summary>
    public ValueList<OrderItem> WithinGroup { get; init; } = [];

    public Expression? Filter { get; init; }

    /// <summary>OVER: a window; null where there is none.</summary>
    public WindowSpecification? Over { get; init; }
}

/// <param name="Name">For name =&gt; value; null otherwise.</param>
public sealed record FunctionArgument(Expression Value, string? Name = null) : SyntaxNode;

/// <summary>A window, in OVER or in the WINDOW clause.</summary>
/// <param name="BaseName">OVER name has only this; OVER (name …) has this and more.</param>
public sealed record WindowSpecification(
    string? BaseName,
    ValueList<Expression> PartitionBy,
    ValueList<OrderItem> OrderBy,
    WindowFrame? Frame) : SyntaxNode
{
    /// <summary>OVER (name …): a window made from the named one, which must not have a frame then.</summary>
    public bool IsCopy { get; init; }
}

public sealed record WindowFrame(
    FrameUnit Unit, FrameBound Start, FrameBound End, FrameExclusion Exclusion) : SyntaxNode;

public sealed record FrameBound(FrameBoundKind Kind, Expression? Offset) : SyntaxNode;

public enum FrameUnit : byte { Rows, Range, Groups }

public enum FrameBoundKind : byte { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }

public enum FrameExclusion : byte { NoOthers, CurrentRow, Group, Ties }

/// <param name="NullsFirst">Null where not said: last for ascending, first for descending.</param>
/// <param name="UsingOperator">ORDER BY x USING op; null otherwise.</param>
public sealed record OrderItem(
    Expression Expression, bool IsDescending, bool? NullsFirst, OperatorName? UsingOperator = null) : SyntaxNode;
