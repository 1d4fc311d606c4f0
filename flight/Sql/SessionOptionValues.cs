using System.Text;
using VecSQL.Columnar.Batches;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Flight.Protocol;
using ErrorValue = VecSQL.Flight.Protocol.SetSessionOptionsResult.Types.ErrorValue;
using Kind = VecSQL.Flight.Protocol.SessionOptionValue.OptionValueOneofCase;

namespace VecSQL.Flight.Sql;

/// <summary>Session options as settings: <c>catalog</c> is the database, <c>schema</c> the first of search_path, others are settings.</summary>
internal static class SessionOptionValues
{
    private const string Catalog = "catalog", Schema = "schema";

    private const uint TextOid = 25;

    public static async ValueTask<SetSessionOptionsResult> SetAsync(
        FlightSession session, SetSessionOptionsRequest request, CancellationToken cancellation)
    {
        SetSessionOptionsResult result = new();
        foreach ((string name, SessionOptionValue value) in request.SessionOptions)
        {
            if (await TrySetAsync(session, name, value, cancellation).ConfigureAwait(false) is { } wrong)
                result.Errors[name] = new SetSessionOptionsResult.Types.Error { Value = wrong };
        }
        return result;
    }

    public static ValueTask<GetSessionOptionsResult> GetAsync(FlightSession session, CancellationToken cancellation) =>
        session.RunAsync(async running =>
        {
            GetSessionOptionsResult result = new();
            result.SessionOptions[Catalog] = new SessionOptionValue { StringValue = session.Login.Database };
            IStatementResult rows = await running.BeginAsync(
                "SELECT name, setting FROM pg_settings UNION ALL SELECT 'schema', current_schema()::text", [], [], cancellation).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                while (await rows.NextAsync(0, cancellation).ConfigureAwait(false) is { } batch)
                    Add(batch, result);
            }
            return result;
        }, cancellation);

    private static void Add(ColumnBatch batch, GetSessionOptionsResult result)
    {
        BinaryColumn names = (BinaryColumn)batch[0], values = (BinaryColumn)batch[1];
        for (int row = 0; row < batch.RowCount; row++)
        {
            if (!values.IsNull(row))
                result.SessionOptions[Encoding.UTF8.GetString(names[row])] = new SessionOptionValue { StringValue = Encoding.UTF8.GetString(values[row]) };
        }
    }

    private static async ValueTask<ErrorValue?> TrySetAsync(
        FlightSession session, string name, SessionOptionValue value, CancellationToken cancellation)
    {
        if (name == Catalog)
            return TextOf(value) == session.Login.Database ? null : ErrorValue.InvalidValue; // a session stays in its database
        string? text = TextOf(value);
        if (text?.Contains('\0', StringComparison.Ordinal) is true)
            return ErrorValue.InvalidValue;
        if (name == Schema)
            (name, text) = ("search_path", text is null ? null : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""); // it is one name
        try
        {
            string tag = await session.RunAsync(async running =>
            {
                // No value of the option: back to what the session began with.
                IStatementResult result = text is not null
                    ? await running.BeginAsync("SELECT set_config($1, $2, false)", [TextOid, TextOid], [TextColumn(name), TextColumn(text)], cancellation)
                        .ConfigureAwait(false)
                    : await running.BeginAsync("SELECT set_config(name, reset_val, false) FROM pg_settings WHERE name = $1", [TextOid],
                        [TextColumn(name)], cancellation).ConfigureAwait(false);
                return await SessionStatements.DrainAsync(result, cancellation).ConfigureAwait(false);
            }, cancellation).ConfigureAwait(false);
            return SessionStatements.RowsOf(tag) > 0 ? null : ErrorValue.InvalidName;
        }
        catch (SqlException refused) when (refused.State != SqlState.QueryCanceled)
        {
            return refused.State == SqlState.UndefinedObject ? ErrorValue.InvalidName
                : refused.State == SqlState.InvalidParameterValue ? ErrorValue.InvalidValue : ErrorValue.Error;
        }
    }

    /// <summary>A value as a setting has it; null for none.</summary>
    private static string? TextOf(SessionOptionValue value) => value.OptionValueCase switch
    {
        Kind.StringValue => value.StringValue,
        Kind.BoolValue => value.BoolValue ? "on" : "off",
        Kind.Int64Value => value.Int64Value.ToString(),
        Kind.DoubleValue => value.DoubleValue.ToString("R"),
        Kind.StringListValue => string.Join(", ", value.StringListValue.Values),
        _ => null,
    };

    private static BinaryColumn TextColumn(string text) => BinaryColumn.Constant(Encoding.UTF8.GetBytes(text), 1);
}
