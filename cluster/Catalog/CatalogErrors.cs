using VecSQL.Core.Errors;

namespace VecSQL.Cluster.Catalog;

/// <summary>What users are told where the cluster's catalog cannot take a change.</summary>
internal static class CatalogErrors
{
    private const string Retry = "The transaction might succeed if retried.";

    public static SqlException Unavailable(Exception cause) => new(
        SqlState.CannotConnectNow, "the cluster's metadata store does not answer", hint: "Definitions can be changed when it does.", cause: cause);

    public static SqlException Unknown(Exception cause) => new(
        SqlState.TransactionResolutionUnknown, "whether the transaction has committed is not known: the cluster's metadata store does not answer", cause: cause);

    public static SqlException Changed() => new(
        SqlState.SerializationFailure, "could not serialize access due to a concurrent change of definitions", hint: Retry) { IsPassing = true };

    public static SqlException GivenUp() => new(
        SqlState.SerializationFailure, "could not commit: the transaction was given up while it was being prepared", hint: Retry) { IsPassing = true };

    public static SqlException Behind(long version) => new(
        SqlState.SerializationFailure, "this node does not know the newest definitions yet", hint: Retry)
    {
        Detail = $"It has not come to version {version}.", IsPassing = true,
    };

    public static SqlException TooLarge(Exception cause) => new(
        SqlState.ProgramLimitExceeded, "transaction changes too many definitions at once", cause: cause) { Detail = cause.Message };
}
