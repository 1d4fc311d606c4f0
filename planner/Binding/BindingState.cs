using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Definitions;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>
/// What the binding of one statement shares: column ids, parameters, places of expressions, tables used.
/// </summary>
internal sealed class BindingState(PlannerContext context)
{
    private const int ParametersMax = 65_535;

    private readonly List<SqlType> _parameters = [.. context.ParameterTypes];
    private readonly List<int> _parameterPositions = [];
    private readonly Dictionary<int, QueryScope> _owners = [];
    private readonly Dictionary<int, string> _qualifiers = [];
    private readonly Dictionary<int, RecordShape> _shapes = [];
    private readonly Dictionary<int, (uint Table, short Number)> _origins = [];
    private readonly Dictionary<TableId, bool> _tables = [];
    private readonly List<ColumnExpression> _columns = [];
    private readonly VectorModels _models = new(context);
    private int _nextTable = 1;

    internal PlannerContext Context { get; set; } = context;

    /// <summary>What is to be noted for the statement's text; null where only a plan is wanted.</summary>
    internal FormRecord? Forms { get; init; }

    /// <summary>What is written of collations.</summary>
    internal Collations Collations { get; } = new();

    internal bool HasModifyingWith { get; set; }

    /// <summary>How many functions written in SQL the place that is being bound is in.</summary>
    internal int InlineDepth { get; set; }

    /// <summary>The least that such a function around the place promises: what it calls counts as no more than that.</summary>
    internal Volatility Volatility { get; set; } = Volatility.Volatile;

    internal bool HasRowLocks { get; set; }

    /// <summary>The ways other than whole scans by which tables are read.</summary>
    internal HashSet<TableAccess> Accesses { get; } = [];

    internal HashSet<TableId> TablesRead { get; } = [];

    /// <summary>The literals, by number, that were bound as values.</summary>
    internal HashSet<int> ValueLiterals { get; } = [];

    /// <summary>WITH queries whose binding has begun and not ended.</summary>
    internal List<CommonTableBinding> Recursing { get; } = [];

    internal int NextTableId() => _nextTable++;

    /// <summary>Binds where recursive queries may not refer to themselves.</summary>
    internal T Barred<T>(RecursionBar bar, Func<T> bind)
    {
        if (Recursing.Count == 0 || bar == RecursionBar.None)
            return bind();
        RecursionBar[] before = [.. Recursing.Select(static table => table.Bar)];
        foreach (CommonTableBinding table in Recursing)
            table.Bar = table.Bar is RecursionBar.Form or RecursionBar.Modification ? table.Bar : bar;
        try
        {
            return bind();
        }
        finally
        {
            for (int i = 0; i < before.Length; i++)
                Recursing[i].Bar = before[i];
        }
    }

    internal ColumnExpression NewColumn(SqlType type, string name)
    {
        var column = new ColumnExpression(type, _columns.Count, name);
        _columns.Add(column);
        return column;
    }

    internal ColumnExpression Column(int id) => _columns[id];

    /// <summary>
    /// Notes which query level a column belongs to, and the name of the table in front of it in messages.
    /// </summary>
    internal void Own(ColumnExpression column, QueryScope scope, string? qualifier = null)
    {
        _owners[column.ColumnId] = scope;
        if (qualifier is not null)
            _qualifiers[column.ColumnId] = qualifier;
    }

    internal QueryScope? OwnerOf(int columnId) => _owners.GetValueOrDefault(columnId);

    internal string QualifiedName(ColumnExpression column) =>
        _qualifiers.TryGetValue(column.ColumnId, out string? table) ? $"{table}.{column.Name}" : column.Name;

    /// <summary>The expression itself, with the place it stands at noted for later messages.</summary>
    internal T Mark<T>(T expression, int position) where T : ScalarExpression
    {
        expression.TextPosition = position;
        return expression;
    }

    internal int PositionOf(ScalarExpression expression) => expression.TextPosition;

    /// <summary>Notes the stored column whose values a column has unchanged.</summary>
    internal void SetOrigin(ColumnExpression column, uint table, short number) =>
        _origins[column.ColumnId] = (table, number);

    /// <summary>The stored column; zeros where there is none.</summary>
    internal (uint Table, short Number) OriginOf(ColumnExpression column) =>
        _origins.GetValueOrDefault(column.ColumnId);

    /// <summary>Columns of their own for what another query level computes, where names have to be told apart by them.</summary>
    internal LogicalPlan Renew(LogicalPlan plan, ref ImmutableArray<(string Name, ColumnExpression Column)> columns)
    {
        if (Forms is null)
            return plan;
        ImmutableArray<(string Name, ColumnExpression Column)> own =
            [.. columns.Select(column => (column.Name, Copy(column.Column, column.Name)))];
        ImmutableArray<ProjectItem> items =
            [.. own.Zip(columns, static (copy, column) => new ProjectItem(copy.Column, column.Column))];
        columns = own;
        return new LogicalProject(plan, items);
    }

    /// <summary>A new column for the same values, as another reference to a common table has.</summary>
    internal ColumnExpression Copy(ColumnExpression column, string name)
    {
        ColumnExpression copy = NewColumn(column.Type, name);
        Stand(copy, column);
        Collations.Note(copy, column);
        if (_origins.TryGetValue(column.ColumnId, out (uint Table, short Number) origin))
            _origins[copy.ColumnId] = origin;
        return copy;
    }

    internal void SetShape(ColumnExpression column, RecordShape? shape)
    {
        if (shape is not null)
            _shapes[column.ColumnId] = shape;
    }

    /// <summary>Notes what a column stands for: what is known of the value is known of it.</summary>
    internal void Stand(ColumnExpression column, ScalarExpression value)
    {
        SetShape(column, ShapeOf(value));
        SetModel(column, ModelOf(value));
    }

    internal void SetModel(ColumnExpression column, ModelUse? model) => _models.Note(column, model);

    /// <summary>What vectors were made by; null where that is not known.</summary>
    internal ModelUse? ModelOf(ScalarExpression expression) => _models.Of(expression, OriginOf);

    /// <exception cref="SqlException">42V02: the call compares vectors of two models.</exception>
    internal CallExpression RefuseMixed(CallExpression call, int position)
    {
        if (VectorModels.Compares(call.Function) && ModelOf(call.Arguments[0]) is { } left && ModelOf(call.Arguments[1]) is { } right
            && left != right)
        {
            throw VectorModels.Mismatch(left, right, Context.Catalog, position);
        }
        return call;
    }

    internal RecordShape? ShapeOf(ScalarExpression expression) => expression switch
    {
        RowConstruction row => new RecordShape([.. row.Names], [.. row.Items.Select(item => item.Type)]),
        CallExpression { Function.OutColumns: { Length: > 0 } columns } call => new RecordShape(
            [.. columns.Select(column => column.Name)],
            [.. columns.Select(column => new SqlType(Polymorphism.ResultOf(call, column.Type)))]),
        ColumnExpression column => _shapes.GetValueOrDefault(column.ColumnId),
        InlinedCall call => ShapeOf(call.Value),
        CaseOperation { Else: RowConstruction otherwise } => ShapeOf(otherwise),
        _ => null,
    };

    internal void Use(TableEntry table, bool isModified)
    {
        if (table.Kind == TableKind.Table)
            _tables[table.Id] = isModified || _tables.GetValueOrDefault(table.Id);
    }

    /// <summary>Notes that the statement needs the model, which is kept from being dropped as tables are.</summary>
    internal void Use(ModelEntry model)
    {
        if (!model.IsBuiltIn)
            UsedModels.Add(model.Oid);
    }

    /// <summary>Object ids of the models that the statement needs.</summary>
    internal SortedSet<uint> UsedModels { get; } = [];

    internal ImmutableArray<TableUse> Tables => [.. _tables.Select(use => new TableUse(use.Key, use.Value))];

    internal string SchemaNameOf(TableEntry table) => Context.Catalog.Find(table.SchemaOid)?.Name ?? "pg_catalog";

    /// <summary>The literal as a value of the type.</summary>
    /// <exception cref="SqlException">Its text is not a value of the type.</exception>
    internal ScalarExpression Read(Logical.UnknownLiteral literal, SqlType type)
    {
        ScalarExpression value = LiteralReader.Read(literal.Value, type, literal.Position, Context.Format);
        if (Context.Literals is null || literal.Value is not { } text)
            return value;
        if (literal.Number.Value > 0 && value is TextCastExpression { Operand: ConstantExpression name } cast)
            return cast with { Operand = Open(literal.Number, text, isNumber: false, name) };
        if (literal.Number.Value == 0)
            Context.Literals.NoteFixed(text, type);
        return Open(literal.Number, text, isNumber: false, value);
    }

    /// <summary>A literal's value; a parameter in its place where the plan is to leave it open.</summary>
    internal ScalarExpression Open(LiteralNumber number, string text, bool isNumber, ScalarExpression value)
    {
        NoteValue(number);
        return Context.Literals is { } literals && number.Value > 0 && value is ConstantExpression constant
            ? literals.Open(number, text, isNegative: isNumber && text[0] == '-', constant)
            : value;
    }

    internal void NoteValue(LiteralNumber number)
    {
        if (number.Value > 0)
            ValueLiterals.Add(number.Value);
    }

    /// <summary>The value itself, also of a literal: the plan depends on it.</summary>
    internal ScalarExpression Fix(ScalarExpression value)
    {
        if (value is not ParameterExpression { Literal: { } place })
            return value;
        Context.Literals?.Fix(new LiteralNumber(place.Literal.Number));
        return place.Constant;
    }

    /// <summary>Parameter $number: of the type declared or found so far, else of a type to be found.</summary>
    internal ScalarExpression Parameter(int number, int position)
    {
        if (number is < 1 or > ParametersMax)
            throw new SqlException(SqlState.UndefinedParameter, $"there is no parameter ${number}", position);
        while (_parameters.Count < number)
            _parameters.Add(default);
        while (_parameterPositions.Count < number)
            _parameterPositions.Add(0);
        _parameterPositions[number - 1] = position;
        SqlType type = _parameters[number - 1];
        return IsFound(type)
            ? new ParameterExpression(type, number - 1)
            : new Logical.UnknownParameter(number - 1, position);
    }

    /// <exception cref="SqlException">42P08: the parameter was found to be of another type before.</exception>
    internal ParameterExpression ResolveParameter(Logical.UnknownParameter parameter, uint type)
    {
        SqlType known = _parameters[parameter.Index];
        if (IsFound(known) && known.Oid != type)
        {
            throw new SqlException(SqlState.AmbiguousParameter,
                $"inconsistent types deduced for parameter ${parameter.Index + 1}", parameter.Position)
            {
                Detail = $"{BuiltinTypes.FormatType(known)} versus {BuiltinTypes.FormatType(new SqlType(type))}",
            };
        }
        _parameters[parameter.Index] = new SqlType(type);
        return Mark(new ParameterExpression(new SqlType(type), parameter.Index), parameter.Position);
    }

    internal static SqlException Indeterminate(int index, int position) => new(
        SqlState.IndeterminateDatatype, $"could not determine data type of parameter ${index + 1}", position);

    /// <summary>The types of all parameters, when binding is done.</summary>
    internal ImmutableArray<SqlType> FinishParameters()
    {
        for (int i = 0; i < _parameters.Count; i++)
        {
            if (!IsFound(_parameters[i]))
                throw Indeterminate(i, i < _parameterPositions.Count ? _parameterPositions[i] : 0);
        }
        return [.. _parameters];
    }

    private static bool IsFound(SqlType type) => type.Oid is not (0 or TypeOid.Unknown);
}

/// <summary>The fields of a record whose make-up is known.</summary>
internal sealed record RecordShape(ImmutableArray<string> Names, ImmutableArray<SqlType> Types);
