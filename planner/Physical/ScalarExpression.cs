using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Collections;

namespace VecSQL.Planner.Physical;

/// <summary>
/// A bound, typed expression over one input row. Equal trees compute equal values (volatile calls apart).
/// </summary>
/// <remarks>
/// Every conversion is explicit: the executor never looks for casts. In logical plans columns are <see
/// cref="ColumnExpression"/>;
/// physical plans have <see cref="InputExpression"/> in their place.
/// </remarks>
public abstract record ScalarExpression(SqlType Type)
{
    private object? _code;

    /// <summary>Where the expression stands in the text, for messages; no part of its value. 0 where that is not known.</summary>
    internal int TextPosition { get; set; }

    /// <summary>How the expression was written; no part of its value.</summary>
    internal CallForm Form { get; set; }

    /// <summary>Copies have neither code nor place: they are made to be changed.</summary>
    protected ScalarExpression(ScalarExpression original) => Type = original.Type;

    /// <summary>The code kept with the expression, which is no part of its value; null while there is none.</summary>
    public object? FindCode() => Volatile.Read(ref _code);

    /// <summary>Keeps what the executor compiled of the expression, so that a plan that runs again finds it without a search.</summary>
    public void KeepCode(object code) => Volatile.Write(ref _code, code);

    public virtual bool Equals(ScalarExpression? other) =>
        other is not null && EqualityContract == other.EqualityContract && Type == other.Type;

    public override int GetHashCode() => HashCode.Combine(EqualityContract, Type);
}

/// <summary>How a call or conversion is written.</summary>
internal enum CallForm : byte
{
    /// <summary>f(x), or what the node itself says.</summary>
    Plain,

    /// <summary>x + y</summary>
    Operator,

    /// <summary>A conversion that nobody asked for.</summary>
    Implicit,

    /// <summary>x::type</summary>
    Explicit,

    /// <summary>In words of its own: EXTRACT(year FROM x).</summary>
    Special,

    /// <summary>A constant that is looked up when the statement runs: 't'::regclass.</summary>
    Constant,
}

/// <summary>A literal. The column is constant and one row long.</summary>
public sealed record ConstantExpression(SqlType Type, Column Value) : ScalarExpression(Type)
{
    public bool IsNull => Value.IsNull(0);

    public bool Equals(ConstantExpression? other)
    {
        if (other is null || Type != other.Type || IsNull != other.IsNull)
            return false;
        return IsNull || Value.Type == other.Value.Type && (Value, other.Value) switch
        {
            (BoolColumn x, BoolColumn y) => x[0] == y[0],
            (BinaryColumn x, BinaryColumn y) => x[0].SequenceEqual(y[0]),
            (FixedColumn<short> x, FixedColumn<short> y) => x[0] == y[0],
            (FixedColumn<int> x, FixedColumn<int> y) => x[0] == y[0],
            (FixedColumn<long> x, FixedColumn<long> y) => x[0] == y[0],
            (FixedColumn<float> x, FixedColumn<float> y) => x[0].Equals(y[0]),
            (FixedColumn<double> x, FixedColumn<double> y) => x[0].Equals(y[0]),
            (FixedColumn<Fixed16> x, FixedColumn<Fixed16> y) => x[0] == y[0],
            _ => false,
        };
    }

    public override int GetHashCode() => IsNull ? Type.GetHashCode() : Value switch
    {
        BoolColumn x => HashCode.Combine(Type, x[0]),
        BinaryColumn x => HashOf(x[0]),
        FixedColumn<short> x => HashCode.Combine(Type, x[0]),
        FixedColumn<int> x => HashCode.Combine(Type, x[0]),
        FixedColumn<long> x => HashCode.Combine(Type, x[0]),
        FixedColumn<float> x => HashCode.Combine(Type, x[0]),
        FixedColumn<double> x => HashCode.Combine(Type, x[0]),
        FixedColumn<Fixed16> x => HashCode.Combine(Type, x[0]),
        _ => Type.GetHashCode(),
    };

    private static int HashOf(ReadOnlySpan<byte> bytes)
    {
        HashCode hash = new();
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    public static ConstantExpression Null(SqlType type, PhysicalType physical) => new(type, Column.Nulls(physical, 1));
}

/// <summary>The value of parameter $<c>Index + 1</c>.</summary>
public sealed record ParameterExpression(SqlType Type, int Index) : ScalarExpression(Type)
{
    /// <summary>The literal that it stands for; null for a parameter of the statement's own.</summary>
    internal LiteralPlace? Literal { get; init; }

    public bool Equals(ParameterExpression? other)
    {
        if (other is null || Type != other.Type)
            return false;
        return Index == other.Index
            || (Literal is { } mine && other.Literal is { } theirs && mine.Owner == theirs.Owner && mine.Owner.AreEqual(mine, theirs));
    }

    public override int GetHashCode() => Literal is { } literal ? literal.Constant.GetHashCode() : HashCode.Combine(Type, Index);
}

/// <summary>A column of a logical plan. Ids are unique in a statement. Never in a physical plan.</summary>
public sealed record ColumnExpression(SqlType Type, int ColumnId, string Name) : ScalarExpression(Type)
{
    public bool Equals(ColumnExpression? other) => other is not null && ColumnId == other.ColumnId;

    public override int GetHashCode() => ColumnId;
}

/// <summary>The input row's column at this ordinal, from 0.</summary>
public sealed record InputExpression(SqlType Type, int Ordinal) : ScalarExpression(Type);

/// <summary>
/// A value of a row outside: slot <paramref name="Slot"/> of the nearest enclosing apply or subplan that defines
/// it.
/// </summary>
/// <remarks>
/// Slots are numbered uniquely within the statement, so that nested subqueries can refer past each other.
/// </remarks>
public sealed record OuterExpression(SqlType Type, int Slot) : ScalarExpression(Type);

/// <summary>
/// A function's value. Arguments have the function's types exactly; polymorphic ones are resolved by argument and
/// result types.
/// </summary>
/// <param name="IsVariadicArray">A VARIADIC "any" function was given its last arguments as one array.</param>
public sealed record CallExpression(
    SqlType Type, FunctionEntry Function, ValueList<ScalarExpression> Arguments, bool IsVariadicArray = false)
    : ScalarExpression(Type);

/// <summary>The same bytes under another type.</summary>
public sealed record RelabelExpression(SqlType Type, ScalarExpression Operand) : ScalarExpression(Type);

/// <summary>A cast through the text form: the source's output, then the target's input with its modifier.</summary>
public sealed record TextCastExpression(SqlType Type, ScalarExpression Operand) : ScalarExpression(Type);

/// <summary>
/// An element-wise cast of arrays: <paramref name="ElementCast"/> reads <see cref="InputExpression"/> 0.
/// </summary>
public sealed record ArrayCastExpression(SqlType Type, ScalarExpression Operand, ScalarExpression ElementCast)
    : ScalarExpression(Type);

/// <summary>AND or OR in three-valued logic. Operands may be computed in any order, but one that errors must not be
/// reached
/// for rows that an earlier operand decided.</summary>
public sealed record LogicalOperation(bool IsAnd, ValueList<ScalarExpression> Operands)
    : ScalarExpression(SqlType.Bool);

public sealed record NotOperation(ScalarExpression Operand) : ScalarExpression(SqlType.Bool);

/// <summary>IS [NOT] NULL. For rows (records) PostgreSQL's rule: all fields are (not) null.</summary>
public sealed record NullTest(ScalarExpression Operand, bool IsNegated) : ScalarExpression(SqlType.Bool);

/// <summary>IS [NOT] TRUE, FALSE, UNKNOWN (null).</summary>
public sealed record BooleanTest(ScalarExpression Operand, bool? Value, bool IsNegated)
    : ScalarExpression(SqlType.Bool);

/// <summary>IS [NOT] DISTINCT FROM through the equality function of the operands' type.</summary>
public sealed record DistinctTest(
    ScalarExpression Left, ScalarExpression Right, FunctionEntry Equality, bool IsNegated)
        : ScalarExpression(SqlType.Bool);

/// <summary>Branches in order; a branch is computed only for the rows that reach it.</summary>
/// <remarks>CASE x WHEN v is bound with its comparisons spelled out.</remarks>
public sealed record CaseOperation(
    SqlType Type, ValueList<CaseBranch> Branches, ScalarExpression? Else) : ScalarExpression(Type);

public sealed record CaseBranch(ScalarExpression Condition, ScalarExpression Result);

public sealed record CoalesceOperation(SqlType Type, ValueList<ScalarExpression> Operands) : ScalarExpression(Type);

/// <summary>NULLIF through the equality function.</summary>
public sealed record NullIfOperation(
    SqlType Type, ScalarExpression Left, ScalarExpression Right, CallExpression Equality) : ScalarExpression(Type);

/// <summary>GREATEST and LEAST by the type's default order; nulls are passed over.</summary>
public sealed record MinMaxOperation(
    SqlType Type, bool IsGreatest, ValueList<ScalarExpression> Operands) : ScalarExpression(Type);

/// <summary>operand op ANY|ALL (array).</summary>
/// <param name="Function">The operator's function over (operand, element).</param>
public sealed record ArrayComparison(
    FunctionEntry Function, ScalarExpression Operand, ScalarExpression Array, bool IsAll)
    : ScalarExpression(SqlType.Bool);

/// <summary>
/// operand = ANY (list) or &lt;&gt; ALL (list) with many constants: IN and NOT IN; the executor may hash.
/// </summary>
public sealed record InListOperation(
    FunctionEntry Equality, ScalarExpression Operand, ValueList<ScalarExpression> Items, bool IsNegated)
    : ScalarExpression(SqlType.Bool);

/// <summary>
/// ARRAY[…]; with <paramref name="IsNested"/> the items are arrays that become one of a dimension more.
/// </summary>
public sealed record ArrayConstruction(SqlType Type, ValueList<ScalarExpression> Items, bool IsNested)
    : ScalarExpression(Type);

public sealed record RowConstruction(
    SqlType Type, ValueList<ScalarExpression> Items, ValueList<string> Names) : ScalarExpression(Type);

/// <summary>Comparison of rows, field by field: =, &lt;&gt;, &lt;, &lt;=, &gt;, &gt;=.</summary>
/// <param name="Functions">The operator's function for each pair; for an ordering, the strict form for all but
/// equality tests.</param>
/// <param name="Equalities">The equality function for each pair.</param>
public sealed record RowComparison(
    string Operator, ValueList<ScalarExpression> Left, ValueList<ScalarExpression> Right,
    ValueList<FunctionEntry> Functions, ValueList<FunctionEntry> Equalities) : ScalarExpression(SqlType.Bool);

/// <summary>array[i][j] or array[a:b]; also jsonb['key'].</summary>
public sealed record SubscriptOperation(
    SqlType Type, ScalarExpression Operand, ValueList<SubscriptBounds> Subscripts, bool IsSlice)
        : ScalarExpression(Type);

/// <summary>The array or jsonb of <paramref name="Place"/> with a part replaced; what is missing on the way is
/// made.</summary>
public sealed record SubscriptAssignment(SqlType Type, SubscriptOperation Place, ScalarExpression Value)
    : ScalarExpression(Type);

public sealed record SubscriptBounds(ScalarExpression? Lower, ScalarExpression? Upper);

/// <summary>A field of a record by position, from 0.</summary>
public sealed record FieldOperation(SqlType Type, ScalarExpression Operand, int Field) : ScalarExpression(Type);

/// <summary>A subquery as a value, computed per row of outer values; once where there are none.</summary>
/// <remarks>
/// Inside <paramref name="Plan"/> the outer values are <see cref="OuterExpression"/>s with the slots given.
/// For Any and All, <paramref name="Test"/> is evaluated over each row of the plan's output (InputExpression), the
/// left operands being among
/// the outer values.
/// </remarks>
public sealed record SubplanExpression(
    SqlType Type, SubplanKind Kind, PhysicalPlan Plan, ImmutableArray<OuterValue> OuterValues, ScalarExpression? Test)
    : ScalarExpression(Type);

public enum SubplanKind : byte { Scalar, Exists, Any, All, Array }

/// <summary>What fills an outer slot: an expression over the row that the subplan or apply is computed for.</summary>
public sealed record OuterValue(int Slot, ScalarExpression Value);

/// <summary>TABLESAMPLE: whether the row is of the sample; with <paramref name="IsByBlock"/>, the block that it lies
/// in.</summary>
/// <param name="Percent">A float4: the share of the rows wanted.</param>
/// <param name="Seed">A float8 that gives the same sample again; without it every statement draws its own.</param>
/// <param name="Number">Sets the samples of one statement apart.</param>
public sealed record SampleTest(
    ScalarExpression RowId, ScalarExpression Percent, ScalarExpression? Seed, bool IsByBlock, int Number)
    : ScalarExpression(SqlType.Bool);

/// <summary>A sequence's next value, as the default of serial and identity columns.</summary>
public sealed record NextValueExpression(SqlType Type, uint SequenceOid) : ScalarExpression(Type);
