namespace VecSQL.Cluster.Etcd;

/// <summary>One request to one endpoint did not go well.</summary>
internal sealed class EtcdFailure(EtcdFailureKind kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public EtcdFailureKind Kind => kind;
}

internal enum EtcdFailureKind : byte
{
    /// <summary>etcd has understood the request and will not do it, whomever one asks.</summary>
    Refused,

    /// <summary>What was asked for needs a login that etcd knows; it was not done.</summary>
    NotLoggedIn,

    /// <summary>The lease that it is about is none.</summary>
    NoLease,

    /// <summary>This endpoint cannot serve it, and has not done it.</summary>
    NotDone,

    /// <summary>There was no answer, or none that makes sense: it may have been done, or may yet be.</summary>
    Unknown,
}

internal static class EtcdFailures
{
    // gRPC's status codes, which the gateway passes on.
    private const int InvalidArgument = 3, NotFound = 5, AlreadyExists = 6, PermissionDenied = 7, ResourceExhausted = 8, FailedPrecondition = 9,
        OutOfRange = 11, Unimplemented = 12, Unauthenticated = 16;

    /// <summary>What an error of etcd's means for the request.</summary>
    public static EtcdFailure Of(int code, string message)
    {
        EtcdFailureKind kind = code switch
        {
            Unauthenticated => EtcdFailureKind.NotLoggedIn,
            // A login from before roles were changed; a request without any while etcd asks for one.
            InvalidArgument when Has("revision of auth store is old") || Has("user name is empty") => EtcdFailureKind.NotLoggedIn,
            NotFound when Has("requested lease not found") => EtcdFailureKind.NoLease,
            ResourceExhausted when Has("too many requests") => EtcdFailureKind.NotDone,
            InvalidArgument or NotFound or AlreadyExists or PermissionDenied or ResourceExhausted or FailedPrecondition or OutOfRange or Unimplemented =>
                EtcdFailureKind.Refused,
            _ when Has("no leader") => EtcdFailureKind.NotDone, // asked for with every request: tested before it is begun
            _ => EtcdFailureKind.Unknown,
        };
        return new EtcdFailure(kind, message);
        bool Has(string words) => message.Contains(words, StringComparison.Ordinal);
    }
}
