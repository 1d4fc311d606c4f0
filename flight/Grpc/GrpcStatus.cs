namespace VecSQL.Flight.Grpc;

/// <summary>A status as its headers have it.</summary>
internal readonly record struct GrpcStatus(GrpcStatusCode Code, string Message, ReadOnlyMemory<byte> Details, GrpcMetadata Trailers)
{
    public const string CodeHeader = "grpc-status", MessageHeader = "grpc-message", DetailsHeader = "grpc-status-details-bin";

    /// <summary>A longer message would not fit what clients take of headers.</summary>
    private const int MessageCharactersMax = 2_000;

    public static GrpcStatus Ok(GrpcMetadata trailers) => new(GrpcStatusCode.Ok, "", default, trailers);

    public static GrpcStatus Of(GrpcException error) => new(error.Code, error.Message, error.Details, error.Trailers);

    public void Write(Action<string, string> header)
    {
        header(CodeHeader, ((int)Code).ToString());
        if (Message.Length > 0)
        {
            header(MessageHeader, GrpcMetadata.EncodeMessage(
                Message.Length <= MessageCharactersMax ? Message : string.Concat(Message.AsSpan(0, MessageCharactersMax), "…")));
        }
        if (!Details.IsEmpty)
            header(DetailsHeader, Convert.ToBase64String(Details.Span).TrimEnd('='));
        foreach (GrpcMetadata.Entry entry in Trailers)
            header(entry.Key, entry.Text);
    }
}
