using System.Collections.Immutable;
using VecSQL.Catalog.Formats;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Planner;
using VecSQL.Planner.Physical;

namespace VecSQL.Engine.Plans;

/// <summary>A plan that leaves literals open, with what a statement must have in common with the one that it was made for.</summary>
/// <remarks>Threads: immutable.</remarks>
internal sealed class CachedPlan
{
    private readonly OpenLiterals _literals;
    private readonly (int Number, string Text)[] _fixed;

    internal CachedPlan(PlannedStatement plan, OpenLiterals literals, StatementShape shape, PlanBasis basis)
    {
        (Plan, Basis, _literals) = (plan, basis, literals);
        Columns = PlannedQuery.ColumnsOf(plan);
        _fixed = [.. Enumerable.Range(1, shape.Literals.Length).Where(number => !literals.IsOpen(number))
            .Select(number => (number, shape.Literal(number).Text))];
    }

    internal PlannedStatement Plan { get; }

    internal PlanBasis Basis { get; }

    internal ImmutableArray<ResultColumnInfo>? Columns { get; }

    /// <summary>Where runs of the plan are counted; null until one was. The plan is of one user.</summary>
    internal StatementFigures? Figures { get; set; }

    /// <summary>Whether a statement of the same shape has the same literals where the plan depends on them.</summary>
    internal bool Fits(StatementShape shape)
    {
        foreach ((int number, string text) in _fixed)
        {
            if (shape.Literal(number).Text != text)
                return false;
        }
        foreach ((int first, int second) in _literals.Ties)
        {
            if (shape.Literal(first).Text != shape.Literal(second).Text)
                return false;
        }
        return true;
    }

    /// <summary>The values of the literals; null where one cannot be read as the plan reads it.</summary>
    internal Column[]? Read(StatementShape shape, FormatContext format)
    {
        IReadOnlyList<OpenLiteral> open = _literals.Parameters;
        if (open.Count == 0)
            return [];
        var values = new Column[open.Count];
        try
        {
            for (int i = 0; i < values.Length; i++)
                values[i] = OpenLiterals.Read(open[i], shape.Literal(open[i].Number).Text, format);
        }
        catch (SqlException)
        {
            return null; // planned by itself, the statement fails at the literal's place
        }
        return values;
    }

    /// <summary>The values of all parameters: the client's, then the literals.</summary>
    internal Column[] Arguments(Column[] parameters, Column[] literals)
    {
        if (literals.Length == 0)
            return parameters;
        if (_literals.FirstParameter == 0)
            return literals;
        var all = new Column[_literals.FirstParameter + literals.Length];
        parameters.CopyTo(all, 0);
        literals.CopyTo(all, _literals.FirstParameter);
        return all;
    }
}
