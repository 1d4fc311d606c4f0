using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Engine.Statements;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Procedural;

/// <summary>Runs a block of PL/pgSQL: each of its statements as a statement of the session, within the transaction that is open.</summary>
/// <remarks>
/// A block with handlers is a part of the transaction by itself: what it has done is undone before a handler runs, as with a savepoint.
/// An error that no handler takes leaves the block as it came, with the place in the block as its context.
/// Threads: the session's.
/// </remarks>
internal sealed class BlockRun(SqlSession session, CancellationToken cancellation)
{
    private SqlException? _handled; // what the innermost handler that runs has taken

    private SessionState State => session.State;

    /// <returns>Whether RETURN ended it.</returns>
    internal async ValueTask<bool> RunAsync(ProceduralBlock block)
    {
        if (block.Handlers.IsEmpty)
            return await RunAsync(block.Body);
        foreach (string condition in block.Handlers.SelectMany(static handler => handler.Conditions))
            Conditions.Require(condition);
        int part = State.Transaction.BeginPart();
        SqlException failure;
        try
        {
            bool isLeft = await RunAsync(block.Body);
            State.Transaction.EndPart(part);
            return isLeft;
        }
        catch (SqlException error)
        {
            failure = error;
        }
        await State.Transaction.UndoPartAsync(part);
        ExceptionHandler? taker = block.Handlers.FirstOrDefault(
            handler => handler.Conditions.Any(condition => Conditions.IsMet(condition, failure.State)));
        if (taker is null)
            throw failure;
        SqlException? outer = _handled;
        _handled = failure;
        try
        {
            return await RunAsync(taker.Body);
        }
        finally
        {
            _handled = outer;
        }
    }

    private async ValueTask<bool> RunAsync(IEnumerable<ProceduralStatement> statements)
    {
        foreach (ProceduralStatement statement in statements)
        {
            cancellation.ThrowIfCancellationRequested();
            bool isLeft = statement switch
            {
                NestedBlockStatement nested => await RunAsync(nested.Block),
                ConditionalStatement conditional => await RunAsync(conditional),
                LeaveStatement => true,
                _ => await RunOneAsync(statement),
            };
            if (isLeft)
                return true;
        }
        return false;
    }

    private async ValueTask<bool> RunAsync(ConditionalStatement conditional)
    {
        foreach (ConditionalBranch branch in conditional.Branches)
        {
            if (branch.Condition is null || await IsTrueAsync(branch.Condition, conditional.Line))
                return await RunAsync(branch.Body);
        }
        return false;
    }

    private async ValueTask<bool> RunOneAsync(ProceduralStatement statement)
    {
        switch (statement)
        {
            case EmbeddedStatement { IsPerform: var isPerform, Sql: var sql, Line: var line }:
                await RunSqlAsync(sql, sql.Text.Value, isPerform, $"line {line} at {(isPerform ? "PERFORM" : "SQL statement")}");
                break;
            case DynamicStatement dynamic:
                await RunDynamicAsync(dynamic);
                break;
            case RaiseStatement raise:
                await RaiseAsync(raise);
                break;
        }
        return false;
    }

    private async ValueTask RunDynamicAsync(DynamicStatement dynamic)
    {
        string place = $"line {dynamic.Line} at EXECUTE";
        string text = await TextAsync(dynamic.Sql, place)
            ?? throw new SqlException(SqlState.NullValueNotAllowed, "query string argument of EXECUTE is null").Inside(Context(place));
        using SyntaxMemory memory = Executions.SyntaxMemory(State.Database);
        IReadOnlyList<Statement> statements;
        try
        {
            statements = SqlParser.Parse(text, memory, strings: State.StringRules);
        }
        catch (SqlException error)
        {
            throw error.Inside(Context(place));
        }
        foreach (Statement sql in statements)
        {
            string? refusal = sql is TransactionStatement ? "EXECUTE of transaction commands is not implemented"
                : sql is CopyStatement { File: null } ? "cannot COPY to/from client in PL/pgSQL"
                : null;
            if (refusal is not null)
                throw new SqlException(SqlState.FeatureNotSupported, refusal).Inside(Context(place));
            await RunSqlAsync(sql, text, dropsRows: true, place);
        }
    }

    /// <param name="dropsRows">Rows may come, and are of no use; otherwise a statement that has any is refused.</param>
    private async ValueTask RunSqlAsync(Statement sql, string text, bool dropsRows, string place)
    {
        try
        {
            await using StatementWork work = await StatementDispatch.OpenAsync(session, sql, query: null, [], isInScript: true, cancellation);
            if (work.Columns is not null && !dropsRows)
            {
                throw new SqlException(SqlState.SyntaxError, "query has no destination for result data", position: 1,
                    hint: "If you want to discard the results of a SELECT, use PERFORM instead.");
            }
            while (await work.NextAsync(cancellation) is not null)
            {
                // The rows go nowhere.
            }
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw Inside(error, $"SQL statement \"{text}\"", place);
        }
    }

    private async ValueTask<bool> IsTrueAsync(EmbeddedExpression expression, int line) =>
        await ValueAsync(expression, "bool", $"line {line} at IF") is BoolColumn column && !column.IsNull(0) && column[0];

    private async ValueTask<string?> TextAsync(EmbeddedExpression expression, string place) =>
        await ValueAsync(expression, "text", place) is BinaryColumn column && !column.IsNull(0) ? Encoding.UTF8.GetString(column[0]) : null;

    /// <summary>An expression's value as a column of one row; null where it is a query without rows.</summary>
    private async ValueTask<Column?> ValueAsync(EmbeddedExpression expression, string type, string place)
    {
        try
        {
            ColumnBatch? row = await InternalQuery.FirstAsync(State, $"SELECT ({expression.Sql})::pg_catalog.{type}", cancellation,
                State.StringRules);
            return row?.Columns[0];
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            throw Inside(error, $"SQL expression \"{expression.Sql}\"", place);
        }
    }

    private async ValueTask RaiseAsync(RaiseStatement raise)
    {
        string place = $"line {raise.Line} at RAISE";
        if (raise is { Condition: null, Format: null, Options.IsEmpty: true })
        {
            throw _handled ?? new SqlException(SqlState.StackedDiagnosticsAccessedWithoutActiveHandler,
                "RAISE without parameters cannot be used outside an exception handler").Inside(Context(place));
        }
        Dictionary<string, string> options = [];
        if (raise.Format is { } format)
            options["MESSAGE"] = await FormatAsync(format, [.. raise.Arguments], place);
        foreach (RaiseOption option in raise.Options)
        {
            string value = await TextAsync(option.Value, place) ?? throw new SqlException(SqlState.NullValueNotAllowed,
                "RAISE statement option cannot be null").Inside(Context(place));
            if (!options.TryAdd(option.Name, value))
                throw new SqlException(SqlState.SyntaxError, $"RAISE option already specified: {option.Name}").Inside(Context(place));
        }
        string? code = options.TryGetValue("ERRCODE", out string? given) ? CodeOf(given, place) : raise.Condition is { } condition ? Conditions.CodeOf(condition) : null;
        string message = options.GetValueOrDefault("MESSAGE") ?? raise.Condition?.TrimStart(':') ?? code ?? "";
        string? detail = options.GetValueOrDefault("DETAIL"), hint = options.GetValueOrDefault("HINT");
        if (raise.Level != "EXCEPTION")
        {
            SqlState state = code is not null ? new SqlState(code) : raise.Level == "WARNING" ? SqlState.Warning : SqlState.SuccessfulCompletion;
            State.Notices.Send(new SqlNotice(raise.Level, state, message, detail, hint));
            return;
        }
        throw new SqlException(code is null ? SqlState.RaiseException : new SqlState(code), message, hint: hint)
        {
            Detail = detail,
            Where = Context(place),
            SchemaName = options.GetValueOrDefault("SCHEMA"),
            TableName = options.GetValueOrDefault("TABLE"),
            ColumnName = options.GetValueOrDefault("COLUMN"),
            DataTypeName = options.GetValueOrDefault("DATATYPE"),
            ConstraintName = options.GetValueOrDefault("CONSTRAINT"),
        };
    }

    /// <summary>Of ERRCODE: a name or a SQLSTATE.</summary>
    private static string CodeOf(string given, string place)
    {
        if (given.Length == 5 && given.All(static c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)))
            return given;
        return Conditions.FindCode(given) ?? throw Conditions.Unknown(given).Inside(Context(place));
    }

    private async ValueTask<string> FormatAsync(string format, EmbeddedExpression[] arguments, string place)
    {
        StringBuilder message = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            bool isDoubled = format[i] == '%' && i + 1 < format.Length && format[i + 1] == '%';
            if (format[i] != '%' || isDoubled)
                message.Append(format[i]);
            else
                message.Append(await TextAsync(arguments[next++], place) ?? "<NULL>");
            i += isDoubled ? 1 : 0;
        }
        return message.ToString();
    }

    /// <summary>The error with what it happened in. One that names a place in what was run tells so by itself.</summary>
    private SqlException Inside(Exception error, string what, string place)
    {
        SqlException told = session.Named(ErrorTable.ToSql(error, State.Clock));
        return told.Inside(told.Position > 0 ? Context(place) : $"{what}\n{Context(place)}");
    }

    private static string Context(string place) => $"PL/pgSQL function inline_code_block {place}";
}
