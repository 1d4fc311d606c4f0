using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using VecSQL.Core.Errors;
using VecSQL.Flight.Grpc;
using VecSQL.Flight.Protocol;

namespace VecSQL.Flight.Sql;

/// <summary>SQL's errors as gRPC's: one table, by SQLSTATE and where it has none by class.</summary>
/// <remarks>
/// The trailer <c>x-vecsql-sqlstate</c> has the SQLSTATE; the details are a google.rpc.Status with an ErrorInfo whose reason is the
/// SQLSTATE and whose metadata are PostgreSQL's fields, where they have a value: detail, hint, position, schema, table, column, constraint.
/// </remarks>
internal static class SqlStatus
{
    public const string StateTrailer = "x-vecsql-sqlstate";

    /// <summary>Message and details are headers, of which some clients take no more than 8 KiB together: the message's bytes as they are or
    /// threefold, and the details in base64.</summary>
    private const int MessageBytesMax = 2_500, FieldBytesMax = 700;

    private static readonly Dictionary<string, GrpcStatusCode> Codes = new()
    {
        ["08"] = GrpcStatusCode.Unavailable,
        ["08P01"] = GrpcStatusCode.InvalidArgument, // again would be wrong again
        ["0A"] = GrpcStatusCode.Unimplemented,
        ["21"] = GrpcStatusCode.InvalidArgument,
        ["22"] = GrpcStatusCode.InvalidArgument,
        ["23"] = GrpcStatusCode.FailedPrecondition,
        ["23505"] = GrpcStatusCode.AlreadyExists,
        ["24"] = GrpcStatusCode.FailedPrecondition,
        ["25"] = GrpcStatusCode.FailedPrecondition,
        ["26"] = GrpcStatusCode.NotFound,
        ["28"] = GrpcStatusCode.Unauthenticated,
        ["2B"] = GrpcStatusCode.FailedPrecondition,
        ["2D"] = GrpcStatusCode.FailedPrecondition,
        ["34"] = GrpcStatusCode.NotFound,
        ["3B"] = GrpcStatusCode.NotFound,
        ["3D"] = GrpcStatusCode.NotFound,
        ["3F"] = GrpcStatusCode.NotFound,
        ["40"] = GrpcStatusCode.Aborted,
        ["42"] = GrpcStatusCode.InvalidArgument,
        ["42501"] = GrpcStatusCode.PermissionDenied,
        ["42704"] = GrpcStatusCode.NotFound,
        ["42P01"] = GrpcStatusCode.NotFound,
        ["42V01"] = GrpcStatusCode.NotFound,
        ["42710"] = GrpcStatusCode.AlreadyExists,
        ["42723"] = GrpcStatusCode.AlreadyExists,
        ["42P04"] = GrpcStatusCode.AlreadyExists,
        ["42P06"] = GrpcStatusCode.AlreadyExists,
        ["42P07"] = GrpcStatusCode.AlreadyExists,
        ["44"] = GrpcStatusCode.FailedPrecondition,
        ["53"] = GrpcStatusCode.ResourceExhausted,
        ["54"] = GrpcStatusCode.ResourceExhausted,
        ["55"] = GrpcStatusCode.FailedPrecondition,
        ["57"] = GrpcStatusCode.Unavailable,
        ["57014"] = GrpcStatusCode.Cancelled,
        ["P0"] = GrpcStatusCode.FailedPrecondition,
        ["XX001"] = GrpcStatusCode.DataLoss,
        ["XX002"] = GrpcStatusCode.DataLoss,
    };

    /// <summary>The status that a call ends with; null where the error is none of SQL's.</summary>
    public static GrpcException? Of(Exception error) => error is SqlException known ? Of(known) : null;

    public static GrpcException Of(SqlException error)
    {
        string state = error.State.Code;
        GrpcStatusCode code = Codes.TryGetValue(state, out GrpcStatusCode exact) ? exact
            : Codes.GetValueOrDefault(state[..2], GrpcStatusCode.Internal);
        string message = error.State == SqlState.InternalError ? "internal error"
            : Shortened(error.Message, MessageBytesMax, static rune => rune.Value is >= ' ' and <= '~' and not '%' ? 1 : 3 * rune.Utf8SequenceLength);
        GrpcMetadata trailers = [];
        trailers.Add(StateTrailer, state);
        return new GrpcException(code, message, error) { Details = DetailsOf(error, code, message), Trailers = trailers };
    }

    private static byte[] DetailsOf(SqlException error, GrpcStatusCode code, string message)
    {
        ErrorInfo info = new() { Reason = error.State.Code, Domain = "vecsql" };
        Add(info, "detail", error.Detail);
        Add(info, "hint", error.Hint);
        Add(info, "position", error.Position > 0 ? error.Position.ToString() : null);
        Add(info, "schema", error.SchemaName);
        Add(info, "table", error.TableName);
        Add(info, "column", error.ColumnName);
        Add(info, "constraint", error.ConstraintName);
        Status status = new() { Code = (int)code, Message = Shortened(message) };
        status.Details.Add(Any.Pack(info));
        return status.ToByteArray();
    }

    private static void Add(ErrorInfo info, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            info.Metadata.Add(name, Shortened(value));
    }

    private static string Shortened(string text) => Shortened(text, FieldBytesMax, static rune => rune.Utf8SequenceLength);

    private static string Shortened(string text, int bytesMax, Func<Rune, int> bytesOf)
    {
        int length = 0, bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += bytesOf(rune);
            if (bytes > bytesMax)
                return string.Concat(text.AsSpan(0, length), "…");
            length += rune.Utf16SequenceLength;
        }
        return text;
    }
}
