using System.Collections.Immutable;
using System.Globalization;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Printing;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>Makes a function of what CREATE FUNCTION says, and checks that it can be one.</summary>
internal sealed class FunctionDraft(SessionState session, CreateFunctionStatement statement)
{
    private PlannerContext Context => Definitions.Context(session);

    internal FunctionDefinition Make(SchemaEntry schema)
    {
        RefuseLanguage();
        ImmutableArray<ArgumentEntry> arguments = Arguments();
        FunctionDefinition function = With(new FunctionDefinition(0, schema.Oid, statement.Name.Name)
        {
            Arguments = arguments,
            Result = default,
            Source = statement.Body?.Value ?? "",
        }, statement.Options);
        function = WithResult(function);
        RefuseUndetermined(function);
        if (function.Rows == 0 && function.ReturnsSet)
            function = function with { Rows = 1000 };
        return WithBody(function);
    }

    /// <summary>The function with the options applied.</summary>
    internal static FunctionDefinition With(FunctionDefinition function, ValueList<FunctionOption> options)
    {
        HashSet<string> seen = [];
        foreach (FunctionOption option in options)
        {
            if (!seen.Add(option.Name))
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options") { Position = option.Position };
            function = option.Name switch
            {
                "volatility" => function with { Volatility = Enum.Parse<Volatility>(option.Value, ignoreCase: true) },
                "strict" => function with { IsStrict = option.Value == "true" },
                "leakproof" => function with { IsLeakproof = option.Value == "true" },
                "security" => function with { IsSecurityDefiner = option.Value == "definer" },
                "parallel" => function with { Parallel = ParallelOf(option) },
                "cost" => function with { Cost = Figure(option, "COST must be positive") },
                "rows" when !function.ReturnsSet && function.Result != default => throw new SqlException(
                    SqlState.InvalidParameterValue, "ROWS is not applicable when function does not return a set"),
                "rows" => function with { Rows = Figure(option, "ROWS must be positive") },
                _ => function,
            };
        }
        return function;
    }

    private static char ParallelOf(FunctionOption option) => option.Value switch
    {
        "safe" => 's',
        "unsafe" => 'u',
        "restricted" => 'r',
        _ => throw new SqlException(SqlState.SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE"),
    };

    private static double Figure(FunctionOption option, string refusal)
    {
        double figure = double.Parse(option.Value, CultureInfo.InvariantCulture);
        return figure > 0 ? figure : throw new SqlException(SqlState.InvalidParameterValue, refusal);
    }

    private void RefuseLanguage()
    {
        bool hasOwnBody = statement.Return is not null || statement.IsAtomic;
        string? language = statement.Options.FirstOrDefault(option => option.Name == "language")?.Value;
        if (language is null && !hasOwnBody)
            throw Wrong("no language specified");
        switch (language?.ToLowerInvariant())
        {
            case null or "sql":
                break;
            case "internal" or "c" or "plpgsql":
                throw StatementDispatch.Unsupported($"language {language}");
            default:
                throw new SqlException(SqlState.UndefinedObject, $"language \"{language}\" does not exist");
        }
        if (statement.Body is null && !hasOwnBody)
            throw Wrong("no function body specified");
        if (statement.Body is not null && hasOwnBody)
            throw Wrong("duplicate function body specified");
    }

    private ImmutableArray<ArgumentEntry> Arguments()
    {
        var arguments = ImmutableArray.CreateBuilder<ArgumentEntry>();
        HashSet<string> inputs = [], outputs = [];
        foreach (FunctionParameter parameter in statement.Parameters)
        {
            if (parameter.Name is { } name && ((IsInput(parameter) && !inputs.Add(name)) | (IsOutput(parameter) && !outputs.Add(name))))
                throw Wrong($"parameter name \"{name}\" used more than once");
            if (!IsInput(parameter))
            {
                if (parameter.Default is not null)
                    throw Wrong("only input parameters can have default values");
                continue;
            }
            if (arguments is [.., { IsVariadic: true }])
                throw Wrong("VARIADIC parameter must be the last input parameter");
            SqlType type = TypeOf(parameter);
            if (parameter.Mode == "variadic" && !BuiltinTypes.Find(type.Oid).IsArray && type.Oid != TypeOid.AnyArray)
                throw Wrong("VARIADIC parameter must be an array");
            string? value = parameter.Default is { } expression ? DefaultOf(expression, type) : null;
            if (value is null && arguments is [.., { DefaultSql: not null }])
                throw Wrong("input parameters after one with a default value must also have defaults");
            arguments.Add(new ArgumentEntry(parameter.Name ?? "", type)
            {
                DefaultSql = value, IsVariadic = parameter.Mode == "variadic", IsInOut = parameter.Mode == "inout",
            });
        }
        return arguments.ToImmutable();
    }

    private SqlType TypeOf(FunctionParameter parameter)
    {
        if (parameter.Type.IsSetOf)
            throw Wrong("functions cannot accept set arguments");
        if (QueryPlanner.FindType(parameter.Type, Context) is null && parameter.Type.Name.Parts.Count == 1)
            throw new SqlException(SqlState.UndefinedObject, $"type {parameter.Type.Name} does not exist");
        SqlType type = QueryPlanner.ResolveType(parameter.Type, Context);
        bool isRefused = BuiltinTypes.Find(type.Oid).IsPseudo && !IsPolymorphic(type.Oid);
        return isRefused ? throw Wrong($"SQL functions cannot accept type {BuiltinTypes.FormatType(type)}") : new SqlType(type.Oid);
    }

    private string DefaultOf(Expression value, SqlType type)
    {
        ColumnEntry column = new(1, "", IsPolymorphic(type.Oid) ? SqlType.Text : type);
        return StoredExpressions.Default(value, column, Context) ?? $"NULL::{BuiltinTypes.FormatType(column.Type)}";
    }

    private FunctionDefinition WithResult(FunctionDefinition function)
    {
        ImmutableArray<ArgumentEntry> outputs =
        [
            .. statement.Parameters.Where(IsOutput)
                .Select(parameter => new ArgumentEntry(parameter.Name ?? "", QueryPlanner.ResolveType(parameter.Type, Context))
                {
                    IsInOut = parameter.Mode == "inout",
                }),
        ];
        bool isTable = statement.Parameters.Any(static parameter => parameter.Mode == "table");
        if (statement.Returns is null && outputs.IsEmpty)
            throw Wrong("function result type must be specified");
        SqlType told = statement.Returns is { } returns
            ? new SqlType(QueryPlanner.ResolveType(returns with { IsSetOf = false }, Context).Oid) : default;
        SqlType ofOutputs = outputs.Length == 1 ? new SqlType(outputs[0].Type.Oid) : SqlType.Record;
        if (statement.Returns is not null && outputs.Length > 0 && told != ofOutputs)
            throw Wrong($"function result type must be {BuiltinTypes.FormatType(ofOutputs)} because of OUT parameters");
        function = function with
        {
            Result = outputs.Length > 0 ? ofOutputs : told,
            ReturnsSet = isTable || statement.Returns is { IsSetOf: true },
            Columns = outputs,
            ReturnsTable = isTable,
        };
        bool isRecord = function.Result.Oid == TypeOid.Record;
        if (function.Result.Oid == TypeOid.Void || (isRecord && (!function.ReturnsSet || outputs.IsEmpty)))
            throw StatementDispatch.Unsupported($"a SQL function that returns {BuiltinTypes.FormatType(function.Result)}");
        if (BuiltinTypes.Find(function.Result.Oid).IsPseudo && !isRecord && !IsPolymorphic(function.Result.Oid))
            throw Wrong($"SQL functions cannot return type {BuiltinTypes.FormatType(function.Result)}");
        return function;
    }

    private static void RefuseUndetermined(FunctionDefinition function)
    {
        if (!IsPolymorphic(function.Result.Oid) || function.Arguments.Any(argument => IsPolymorphic(argument.Type.Oid)))
            return;
        string type = BuiltinTypes.FormatType(function.Result);
        throw new SqlException(SqlState.InvalidFunctionDefinition, "cannot determine result data type")
        {
            Detail = $"A result of type {type} requires at least one input of type anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange.",
        };
    }

    private FunctionDefinition WithBody(FunctionDefinition function)
    {
        bool isText = statement.Body is not null;
        if (statement.Return is { } value)
            function = function with { Query = "SELECT " + SqlPrinter.Print(value), IsReturn = true };
        else if (statement.IsAtomic)
            function = function with { Query = string.Join("; ", statement.Atomic.Select(SqlPrinter.Print)) };
        if (!isText)
            function = function with { SearchPath = [.. Context.SearchPath] };
        if (function.Arguments.Any(argument => IsPolymorphic(argument.Type.Oid)))
            return function; // what the body means is known when it is called
        if (isText && session.Settings.Show("check_function_bodies") == "off")
            return function; // pg_dump makes functions before the tables that they read
        try
        {
            QueryPlanner.BindFunction(function, Context);
            return function;
        }
        catch (SqlException error)
        {
            throw statement.Body is { } body
                ? QuotedBody.Place(error, statement, body)
                : error.Placed(0);
        }
    }

    private static bool IsInput(FunctionParameter parameter) => parameter.Mode is not ("out" or "table");

    private static bool IsOutput(FunctionParameter parameter) => parameter.Mode is "out" or "inout" or "table";

    private static bool IsPolymorphic(uint type) => type is TypeOid.AnyElement or TypeOid.AnyArray or TypeOid.AnyNonArray or TypeOid.AnyEnum
        or TypeOid.AnyCompatible or TypeOid.AnyCompatibleArray or TypeOid.AnyCompatibleNonArray;

    private static SqlException Wrong(string message) => new(SqlState.InvalidFunctionDefinition, message);
}
