using System.Globalization;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner;

/// <summary>The literals that a plan leaves open, so that it serves all statements which differ in nothing else.</summary>
/// <remarks>
/// Binding puts a parameter where a literal stands and notes how its text is read. What it makes of literals in another way (as a
/// position in the select list, a type's modifier, a limit) is part of the plan: <see cref="IsOpen"/> says no of such a literal, and the plan is
/// for statements that have the same text there. Where two open literals were found to be equal, the plan is for statements in which they are.
/// Threads: one at a time, while planning; immutable afterwards.
/// </remarks>
/// <param name="firstParameter">The index of the first parameter that stands for a literal: the statement's own come before.</param>
public sealed class OpenLiterals(int firstParameter)
{
    private readonly List<OpenLiteral> _parameters = [];
    private readonly HashSet<int> _fixed = [];
    private readonly List<(int First, int Second)> _ties = [];
    private bool _isPlanned;

    /// <summary>What the parameters behind the statement's own stand for, in order.</summary>
    public IReadOnlyList<OpenLiteral> Parameters => _parameters;

    /// <summary>Pairs of literals, by number, that must have the same text.</summary>
    public IReadOnlyList<(int First, int Second)> Ties => _ties;

    /// <summary>How many parameters the statement has of its own.</summary>
    public int FirstParameter => firstParameter;

    /// <summary>The plan depends on the moment it was made at, so that it serves no other statement.</summary>
    public bool IsOfTheMoment { get; private set; }

    /// <summary>Whether the plan is for any text of the literal, by number.</summary>
    public bool IsOpen(int number) => !_fixed.Contains(number) && _parameters.Exists(open => open.Number == number);

    /// <summary>A parameter in the place of a literal that was read as the constant.</summary>
    /// <param name="isNegative">The text has a minus sign that the literal itself has not.</param>
    internal ParameterExpression Open(LiteralNumber number, string text, bool isNegative, ConstantExpression constant)
    {
        var open = new OpenLiteral(number.Value, constant.Type, isNegative);
        int at = _parameters.IndexOf(open);
        if (at < 0)
        {
            at = _parameters.Count;
            _parameters.Add(open);
        }
        return new ParameterExpression(constant.Type, firstParameter + at) { Literal = new LiteralPlace(this, open, text, constant) };
    }

    /// <summary>The literal's value becomes part of the plan.</summary>
    internal void Fix(LiteralNumber number)
    {
        if (number.Value > 0)
            _fixed.Add(number.Value);
    }

    /// <summary>A literal that is read as a moment may be the word for the one when it is read.</summary>
    internal void NoteFixed(string text, SqlType type)
    {
        uint oid = BuiltinTypes.ElementOf(type.Oid) is var element and not 0 ? element : type.Oid;
        bool isTime = oid is TypeOid.Date or TypeOid.Timestamp or TypeOid.TimestampTz or TypeOid.Time or TypeOid.TimeTz;
        if (isTime && (Has(text, "now") || Has(text, "today") || Has(text, "yesterday") || Has(text, "tomorrow")))
            IsOfTheMoment = true;
    }

    /// <summary>Whether two literals are the same while the statement is planned; that they are is then part of the plan.</summary>
    internal bool AreEqual(LiteralPlace left, LiteralPlace right)
    {
        if (_isPlanned || !left.Constant.Equals(right.Constant))
            return false;
        if (left.Text == right.Text && left.Literal.IsNegative == right.Literal.IsNegative)
            _ties.Add((left.Literal.Number, right.Literal.Number));
        else
            _fixed.UnionWith([left.Literal.Number, right.Literal.Number]);
        return true;
    }

    internal void End() => _isPlanned = true;

    /// <summary>The value of an open literal in a statement that has this text there.</summary>
    /// <exception cref="Core.Errors.SqlException">The text is no value of the type.</exception>
    public static Column Read(OpenLiteral open, string text, FormatContext format)
    {
        string read = open.IsNegative ? "-" + text : text;
        if (open.Type.Oid == TypeOid.Int4 && int.TryParse(read, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number))
            return FixedColumn<int>.Constant(number, 1);
        return LiteralReader.Read(read, open.Type, 0, format) is ConstantExpression constant
            ? constant.Value
            : throw new Core.Errors.InvariantException("a literal was left open that is not read as it is planned");
    }

    private static bool Has(string text, string word) => text.Contains(word, StringComparison.OrdinalIgnoreCase);
}

/// <param name="Number">Which literal of the text, from 1.</param>
/// <param name="IsNegative">A number with a minus sign before it.</param>
public readonly record struct OpenLiteral(int Number, SqlType Type, bool IsNegative);

/// <summary>Where a parameter stands for a literal, and what that was in the statement that was planned.</summary>
internal sealed record LiteralPlace(OpenLiterals Owner, OpenLiteral Literal, string Text, ConstantExpression Constant);
