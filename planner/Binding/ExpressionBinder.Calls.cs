using System.Collections.Immutable;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;
using VecSQL.Planner.Binding.Types;
using VecSQL.Planner.Logical;
using VecSQL.Planner.Physical;

namespace VecSQL.Planner.Binding;

/// <summary>Calls of functions; aggregates, window functions and set-returning ones go to their own places.</summary>
internal sealed partial class ExpressionBinder
{
    private const int ArgumentsMax = 100;

    private FunctionCall? _tableFunction;

    private ScalarExpression BindCall(FunctionCall call)
    {
        if (call.Arguments.Count > ArgumentsMax)
        {
            throw new SqlException(SqlState.TooManyArguments,
                $"cannot pass more than {ArgumentsMax} arguments to a function", call.Position);
        }
        CheckNames(call);
        call = new EmbedCalls(_state).Arrange(call);
        ScalarExpression[] arguments = [.. call.Arguments.Select(argument => Bind(argument.Value))];
        string?[] names = [.. call.Arguments.Select(argument => argument.Name)];
        if (!call.WithinGroup.IsEmpty)
            return BindOrderedSet(call, arguments);
        if (call.Over is null && TryConversionCall(call, arguments) is { } conversion)
            return conversion;
        ChosenFunction chosen = Choose(call.Name, arguments, names, call.IsVariadic, call.Position);
        FunctionEntry function = chosen.Function;
        if (function.Kind == FunctionKind.Procedure)
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"{function.Name}() is a procedure", call.Position, "To call a procedure, use CALL.");
        }
        CheckDecorations(call, function);
        if (function.Definition is { } definition)
            return BindInlined(call, chosen, definition, arguments);
        CallExpression bound = new EmbedCalls(_state).Settle(
            BuildCall(chosen, arguments, call.IsVariadic, call.Position), isStored: _scope.Place == ExpressionPlace.Generated);
        bound.Form = call.WordPosition.Value != 0 ? CallForm.Special : CallForm.Plain;
        if (call.Over is not null)
            return BindWindowCall(call, bound);
        if (function.Kind == FunctionKind.Window)
        {
            throw new SqlException(SqlState.WrongObjectType,
                $"window function {function.Name} requires an OVER clause", call.Position);
        }
        if (function.Kind == FunctionKind.Aggregate)
            return BindAggregate(call, bound);
        return function.ReturnsSet && !ReferenceEquals(call, _tableFunction) ? BindSetCall(bound, call.Position)
            : bound;
    }

    /// <summary>A function in FROM: the call itself may return a set.</summary>
    internal ScalarExpression BindTableFunction(Expression call)
    {
        _tableFunction = call as FunctionCall;
        return BindSettled(call);
    }

    /// <summary>The rows of a function written in SQL that stands in FROM; null for other functions.</summary>
    internal BoundQuery? TryBindRows(FunctionCall call)
    {
        if (_state.Forms is not null || !IsMade(call.Name))
            return null;
        ScalarExpression[] arguments = [.. call.Arguments.Select(argument => Bind(argument.Value))];
        string?[] names = [.. call.Arguments.Select(argument => argument.Name)];
        ChosenFunction chosen = Choose(call.Name, arguments, names, call.IsVariadic, call.Position);
        if (chosen.Function is not { ReturnsSet: true, Definition: { } definition })
            return null;
        CheckDecorations(call, chosen.Function);
        List<ScalarExpression> converted = Converted(chosen, arguments, call.Position, out uint result);
        return new FunctionInliner(_state).Rows(chosen.Function, definition, [.. converted],
            FunctionInliner.ColumnsOf(definition, result));
    }

    private ScalarExpression BindInlined(
        FunctionCall call, ChosenFunction chosen, Catalog.Objects.FunctionDefinition definition, ScalarExpression[] arguments)
    {
        if (definition.ReturnsSet && _state.Forms is null)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"function {call.Name} returns rows, which is supported in FROM alone", call.Position);
        }
        List<ScalarExpression> converted = Converted(chosen, arguments, call.Position, out uint result);
        if (_state.Forms is not null) // the text calls it
            return new CallExpression(new SqlType(result), chosen.Function, Coercion.List(converted.Take(GivenCount(chosen))));
        return _state.Mark(
            new FunctionInliner(_state).Value(chosen.Function, definition, [.. converted], new SqlType(result), _scope.Place), call.Position);
    }

    /// <summary>How many arguments a call's text has: those left out at the end are not in it.</summary>
    private static int GivenCount(ChosenFunction chosen)
    {
        int count = chosen.Order.Length;
        while (count > 0 && chosen.Order[count - 1] < 0)
            count--;
        return chosen.IsSpread ? chosen.Function.Arguments.Length : count;
    }

    private static void CheckNames(FunctionCall call)
    {
        HashSet<string> seen = [];
        foreach (FunctionArgument argument in call.Arguments)
        {
            if (argument.Name is null && seen.Count > 0)
            {
                throw new SqlException(SqlState.SyntaxError,
                    "positional argument cannot follow named argument", argument.Position);
            }
            if (argument.Name is { } name && !seen.Add(name))
            {
                throw new SqlException(SqlState.SyntaxError,
                    $"argument name \"{name}\" used more than once", argument.Position);
            }
        }
    }

    private static void CheckDecorations(FunctionCall call, FunctionEntry function)
    {
        if (function.Kind == FunctionKind.Aggregate)
        {
            if (FunctionRegistry.FindAggregate(function.Oid) is { Kind: not 'n' })
            {
                throw new SqlException(SqlState.WrongObjectType,
                    $"WITHIN GROUP is required for ordered-set aggregate {function.Name}", call.Position);
            }
            if (call.Arguments.IsEmpty && !call.IsStar)
            {
                throw new SqlException(SqlState.WrongObjectType,
                    $"{function.Name}(*) must be used to call a parameterless aggregate function", call.Position);
            }
            return;
        }
        string? misused = call switch
        {
            { IsStar: true } => $"{function.Name}(*) specified, but {function.Name} is not an aggregate function",
            { IsDistinct: true } => $"DISTINCT specified, but {function.Name} is not an aggregate function",
            { OrderBy.IsEmpty: false } => $"ORDER BY specified, but {function.Name} is not an aggregate function",
            { Filter: not null } when function.Kind != FunctionKind.Window || call.Over is null =>
                $"FILTER specified, but {function.Name} is not an aggregate function",
            { Over: not null } when function.Kind != FunctionKind.Window =>
                $"OVER specified, but {function.Name} is not a window function nor an aggregate function",
            _ => null,
        };
        if (misused is not null)
            throw new SqlException(SqlState.WrongObjectType, misused, call.Position);
    }

    internal CallExpression ResolveFunction(
        QualifiedName name, ScalarExpression[] arguments, string?[] names, bool isVariadic, int position)
    {
        ChosenFunction chosen = Choose(name, arguments, names, isVariadic, position);
        return BuildCall(chosen, arguments, isVariadic, position);
    }

    private ChosenFunction Choose(
        QualifiedName name, ScalarExpression[] arguments, string?[] names, bool isVariadic, int position)
    {
        new NameLookup(_state).CheckSchema(name);
        uint[] types = [.. arguments.Select(argument => argument.Type.Oid)];
        ChosenFunction? chosen =
            FunctionChoice.TryFind(name, types, names, isVariadic, IsVisible, Made(name), out bool isAmbiguous);
        return chosen ?? throw FunctionChoice.NotFound(name, types, names, isAmbiguous, position);
    }

    private bool IsMade(QualifiedName name) =>
        CatalogMark.TryReadFunction(name.Name, out _) || _state.Context.Catalog.FindFunctions(name.Name).Any();

    /// <summary>The functions that somebody made which the name may mean: of those with equal arguments, the path's first.</summary>
    private List<FunctionEntry> Made(QualifiedName name)
    {
        CatalogSnapshot catalog = _state.Context.Catalog;
        if (CatalogMark.TryReadFunction(name.Name, out uint marked))
            return catalog.Find(marked) is FunctionDefinition definition ? [definition.AsEntry("")] : [];
        List<FunctionEntry> found = [];
        foreach (FunctionDefinition function in catalog.FindFunctions(name.Name))
            found.Add(function.AsEntry(catalog.Find(function.SchemaOid)?.Name ?? ""));
        if (found.Count == 0 || name.Schema is not null)
            return [.. found.Where(function => function.Schema == name.Schema)];
        ImmutableArray<string> path = _state.Context.SearchPath;
        return [.. found.Where(function => path.Contains(function.Schema)).OrderBy(function => path.IndexOf(function.Schema))
            .DistinctBy(static function => string.Join(',', function.Arguments))];
    }

    /// <summary>
    /// pg_catalog and what the path names; pgvector's functions live in public and are found from anywhere.
    /// </summary>
    private bool IsVisible(string schema) =>
        schema is "pg_catalog" or "public" || _state.Context.SearchPath.Contains(schema);

    private CallExpression BuildCall(ChosenFunction chosen, ScalarExpression[] arguments, bool isVariadic, int position)
    {
        FunctionEntry function = chosen.Function;
        if (function.Volatility > _state.Volatility)
            function = function with { Volatility = _state.Volatility };
        List<ScalarExpression> converted = Converted(chosen, arguments, position, out uint result);
        bool isVariadicAny = isVariadic && function.VariadicElement == TypeOid.Any;
        if (isVariadicAny && !BuiltinTypes.Find(arguments[^1].Type.Oid).IsArray)
            throw new SqlException(SqlState.DatatypeMismatch, "VARIADIC argument must be an array", position);
        return _state.RefuseMixed(_state.Mark(new CallExpression(
            new SqlType(result), function, Coercion.List(converted), isVariadicAny), position), position);
    }

    /// <summary>What the function is given, as the types that it takes.</summary>
    private List<ScalarExpression> Converted(ChosenFunction chosen, ScalarExpression[] arguments, int position, out uint result)
    {
        FunctionEntry function = chosen.Function;
        uint[] declared = [.. chosen.Types];
        uint[] actual = new uint[declared.Length];
        for (int i = 0; i < actual.Length; i++)
            actual[i] = chosen.Order[i] < 0 ? declared[i] : arguments[chosen.Order[i]].Type.Oid;
        result = Polymorphism.Resolve(actual, declared, function.Result, position);
        List<ScalarExpression> converted = [];
        for (int i = 0; i < declared.Length; i++)
        {
            if (chosen.Order[i] < 0)
            {
                // Left out with a default: the implementation fills in what is missing at the end.
                if (function.Definition is not null || chosen.Order.AsSpan(i).ContainsAnyExcept(-1))
                    converted.Add(DefaultOf(function, i, declared[i], position));
                continue;
            }
            ScalarExpression argument = arguments[chosen.Order[i]];
            converted.Add(_coercion.Coerce(argument, new SqlType(declared[i]), CastContext.Implicit, position));
        }
        if (chosen.IsSpread && function.VariadicElement != TypeOid.Any)
            converted = SpreadToArray(converted, function, declared);
        return converted;
    }

    private ScalarExpression DefaultOf(FunctionEntry function, int argument, uint type, int position)
    {
        if (function.Definition?.Arguments[argument].DefaultSql is { } sql)
        {
            var binder = new ExpressionBinder(_state, new QueryScope(null));
            return binder.Coercion.TryConvert(binder.Bind(SqlParser.ParseExpression(sql)), new SqlType(type), CastContext.Assignment, position)
                ?? throw Coercion.CannotCast(TypeOid.Unknown, type, position);
        }
        string value = function.DefaultValues[argument - (function.Arguments.Length - function.DefaultCount)];
        if (value.Length == 0)
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"leaving out an argument of {function.Name} before a named one is not supported", position);
        }
        return value == "null" ? Coercion.Null(new SqlType(type)) : LiteralReader.Read(value, new SqlType(type), position, _state.Context.Format);
    }

    private static List<ScalarExpression> SpreadToArray(
        List<ScalarExpression> arguments, FunctionEntry function, uint[] declared)
    {
        int fixedCount = function.Arguments.Length - 1;
        uint element = declared[^1];
        var array = new ArrayConstruction(new SqlType(BuiltinTypes.ArrayOf(element)),
            Coercion.List(arguments.Skip(fixedCount)), IsNested: false);
        return [.. arguments.Take(fixedCount), array];
    }

    /// <summary>
    /// A call of a type's name with one argument is a conversion where no function has the name and the type.
    /// </summary>
    private ScalarExpression? TryConversionCall(FunctionCall call, ScalarExpression[] arguments)
    {
        if (arguments.Length != 1 || call.IsStar || call.IsDistinct || call.Arguments[0].Name is not null)
            return null;
        if (TypeResolver.Find(new TypeName(call.Name, []), _state.Context) is not { IsPseudo: false } target)
            return null;
        uint source = arguments[0].Type.Oid;
        bool hasExact = FunctionRegistry.FindFunctions(call.Name.Name).Any(function =>
            function.Arguments.Length == 1 && function.Arguments[0] == source);
        if (hasExact)
            return null;
        CastPathKind kind = source == TypeOid.Unknown
            ? CastPathKind.Relabel
            : CastPath.Find(source, target.Oid, CastContext.Explicit).Kind;
        bool isConversion = kind == CastPathKind.Relabel
            || (kind == CastPathKind.Text && TypeFacts.Category(target.Oid) != 'S');
        return isConversion
            ? _coercion.TryConvert(arguments[0], new SqlType(target.Oid), CastContext.Explicit, call.Position)
            : null;
    }

    internal void RefuseOtherModel(ScalarExpression value, ColumnEntry column, int position)
    {
        if (column.Model is { } held && _state.ModelOf(value) is { } made && made != held)
            throw VectorModels.Misplaced(column, held, made, _state.Context.Catalog, position);
    }

    /// <summary>A set-returning call becomes a column that a projection of its own computes.</summary>
    private ScalarExpression BindSetCall(CallExpression call, int position)
    {
        if (!PlaceNames.AllowsSets(_scope.Place))
        {
            throw new SqlException(SqlState.FeatureNotSupported,
                $"set-returning functions are not allowed in {PlaceNames.Of(_scope.Place)}", position);
        }
        int level = 0;
        foreach (int used in ColumnSet.UsedBy(call))
        {
            if (_scope.SetCallLevels.TryGetValue(used, out int inner))
                level = Math.Max(level, inner + 1);
        }
        while (_scope.SetCalls.Count <= level)
            _scope.SetCalls.Add([]);
        ProjectItem? same = _scope.SetCalls[level].Find(item => item.Value.Equals(call)
            && call.Function.Volatility != Volatility.Volatile && _scope.Place != ExpressionPlace.Select);
        if (same is not null)
            return same.Column;
        ColumnExpression column = _state.NewColumn(call.Type, call.Function.Name);
        _state.Own(column, _scope);
        _state.Stand(column, call);
        _state.Forms?.SetCalls.Add(column.ColumnId, call);
        _scope.SetCalls[level].Add(new ProjectItem(column, call));
        _scope.SetCallLevels[column.ColumnId] = level;
        return column;
    }
}
