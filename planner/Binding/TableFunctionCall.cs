using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;

namespace VecSQL.Planner.Binding;

/// <summary>A call in FROM of a function whose rows depend on the table that an argument names, and so have no types of their own.</summary>
internal sealed class TableFunctionCall
{
    private readonly Dictionary<string, Expression> _given = [];
    private readonly FunctionCall _call;

    /// <param name="parameters">In the order in which arguments without names are taken.</param>
    /// <exception cref="SqlException">The arguments do not fit.</exception>
    internal TableFunctionCall(FunctionCall call, IReadOnlyList<string> parameters)
    {
        _call = call;
        bool isNamed = false;
        for (int i = 0; i < call.Arguments.Count; i++)
        {
            FunctionArgument argument = call.Arguments[i];
            isNamed |= argument.Name is not null;
            if (argument.Name is null && (isNamed || i >= parameters.Count))
                throw Refused(SqlState.UndefinedFunction, $"{Name} has not {call.Arguments.Count} arguments of this kind");
            string name = argument.Name ?? parameters[i];
            if (!parameters.Contains(name))
                throw Refused(SqlState.UndefinedFunction, $"{Name} has no argument \"{name}\"");
            if (!_given.TryAdd(name, argument.Value))
                throw Refused(SqlState.SyntaxError, $"argument \"{name}\" of {Name} is given more than once");
        }
    }

    internal string Name => _call.Name.Name;

    internal Expression? Find(string parameter) => _given.GetValueOrDefault(parameter);

    internal Expression Get(string parameter) => Find(parameter) ?? throw Missing(parameter);

    /// <summary>A value that is the same for the whole statement; null where it is not given.</summary>
    internal Expression? FindPlain(string parameter) => Find(parameter) is not { } value ? null
        : IsPlain(value) ? value
        : throw Refused(SqlState.FeatureNotSupported, $"argument \"{parameter}\" of {Name} must be a constant or a parameter");

    /// <summary>A constant that names something; null where it is not given.</summary>
    internal string? FindConstant(string parameter)
    {
        if (Find(parameter) is not { } value || value is NullLiteral)
            return null;
        Expression bare = value is CastExpression cast ? cast.Operand : value;
        return bare is StringLiteral text
            ? text.Value : throw Refused(SqlState.FeatureNotSupported, $"argument \"{parameter}\" of {Name} must be a constant");
    }

    internal QualifiedName TableName(string parameter)
    {
        string text = FindConstant(parameter) ?? throw Missing(parameter);
        return SqlParser.ParseExpression(text) is ColumnReference name
            ? name.Name : throw Refused(SqlState.InvalidName, $"invalid name syntax: \"{text}\"");
    }

    /// <summary>A constant that is SQL over a table's columns, as SQL; null where it is not given.</summary>
    internal string? FindSql(string parameter) =>
        FindConstant(parameter) is { } sql ? $"({SqlPrinter.Print(SqlParser.ParseExpression(sql))})" : null;

    internal ColumnEntry ColumnOf(TableEntry table, string name) => table.LiveColumns.FirstOrDefault(column => column.Name == name)
        ?? throw Refused(SqlState.UndefinedColumn, $"column \"{name}\" of relation \"{table.Name}\" does not exist");

    /// <summary>The column that an argument names, or else the first of a vector's type.</summary>
    internal ColumnEntry VectorColumn(TableEntry table, string parameter, Func<SqlType, bool> isVector)
    {
        if (FindConstant(parameter) is not { } name)
        {
            return table.LiveColumns.FirstOrDefault(column => isVector(column.Type))
                ?? throw Refused(SqlState.UndefinedColumn, $"table \"{table.Name}\" has no vector column");
        }
        ColumnEntry column = ColumnOf(table, name);
        return isVector(column.Type) ? column : throw Refused(SqlState.DatatypeMismatch, $"column \"{name}\" is not a vector");
    }

    internal SqlException Missing(string parameter) =>
        Refused(SqlState.UndefinedFunction, $"argument \"{parameter}\" of {Name} is missing");

    internal SqlException Refused(SqlState state, string message, string? hint = null) => new(state, message, _call.Position, hint);

    internal static bool IsPlain(Expression value) => value switch
    {
        StringLiteral or IntegerLiteral or NumericLiteral or NullLiteral or ParameterReference => true,
        CastExpression cast => IsPlain(cast.Operand),
        UnaryExpression unary => IsPlain(unary.Operand),
        ArrayExpression array => array.Items.All(IsPlain),
        FunctionCall call => call.Name.Name == "embed" && call.Arguments.All(static argument => IsPlain(argument.Value)),
        _ => false,
    };

    internal static string Quote(string name) => SqlPrinter.QuoteIdentifier(name);
}
