using System.Diagnostics.CodeAnalysis;

namespace VecSQL.Flight.Http2;

/// <summary>What the fields of a header block may be.</summary>
/// <remarks>Source: RFC 9113, 8.2 and 8.3.</remarks>
internal static class HeaderRules
{
    private const int PriorityBytes = 5;

    /// <summary>A HEADERS frame's part of the block, without padding and priority.</summary>
    /// <exception cref="Http2Exception">The padding is longer than the frame.</exception>
    public static ReadOnlySpan<byte> BlockOf(FrameHeader frame, ReadOnlySpan<byte> payload)
    {
        int padding = frame.Has(FrameFlags.Padded) && payload.Length > 0 ? payload[0] : 0;
        int before = (frame.Has(FrameFlags.Padded) ? 1 : 0) + (frame.Has(FrameFlags.Priority) ? PriorityBytes : 0);
        return before + padding <= payload.Length ? payload[before..^padding]
            : throw new Http2Exception(Http2Error.Protocol, "a frame's padding is longer than the frame");
    }

    /// <param name="fields">Null where they were longer than allowed.</param>
    /// <exception cref="Http2Exception">The stream cannot be believed.</exception>
    public static void Check([NotNull] List<HeaderField>? fields, HeaderKind kind, int streamId)
    {
        if (fields is null)
            throw new Http2Exception(Http2Error.EnhanceYourCalm, "headers are longer than allowed", streamId);
        int method = 0, scheme = 0, path = 0, status = 0, others = 0;
        foreach (HeaderField field in fields)
        {
            if (field.Name.StartsWith(':'))
            {
                if (others > 0)
                    throw Wrong($"{field.Name} comes after other headers", streamId);
                _ = field.Name switch
                {
                    ":method" => method++,
                    ":scheme" => scheme++,
                    ":path" when field.Value.Length > 0 => path++,
                    ":status" => status++,
                    ":authority" when kind == HeaderKind.Request => 0,
                    _ => throw Wrong($"{field.Name} is out of place", streamId),
                };
                continue;
            }
            others++;
            CheckField(field, streamId);
        }
        bool isRight = kind switch
        {
            HeaderKind.Request => (method, scheme, path, status) == (1, 1, 1, 0),
            HeaderKind.Response => (method, scheme, path, status) == (0, 0, 0, 1),
            _ => (method, scheme, path, status) == (0, 0, 0, 0),
        };
        if (!isRight)
            throw Wrong("what a request or an answer begins with is not there once", streamId);
    }

    /// <summary>Whether an answer's headers only say that the answer will come.</summary>
    public static bool IsInterim(List<HeaderField> fields) => fields is [{ Name: ":status", Value: ['1', _, _] }, ..];

    /// <summary>The value of a field; null where it is not there.</summary>
    public static string? Find(IReadOnlyList<HeaderField> fields, string name)
    {
        foreach (HeaderField field in fields)
        {
            if (field.Name == name)
                return field.Value;
        }
        return null;
    }

    private static void CheckField(HeaderField field, int streamId)
    {
        foreach (char letter in field.Name)
        {
            if (letter is <= ' ' or (>= 'A' and <= 'Z') or ':' or >= '\x7F')
                throw Wrong("a header's name has a character that none may have", streamId);
        }
        if (field.Name.Length == 0 || field.Value.AsSpan().ContainsAny('\0', '\r', '\n'))
            throw Wrong("a header has no name, or a value that none may have", streamId);
        bool isOfHttp1 = field.Name is "connection" or "proxy-connection" or "keep-alive" or "transfer-encoding" or "upgrade";
        if (isOfHttp1 || (field.Name == "te" && field.Value != "trailers"))
            throw Wrong($"{field.Name} has no place in HTTP/2", streamId);
    }

    private static Http2Exception Wrong(string message, int streamId) => new(Http2Error.Protocol, message, streamId);
}

/// <summary>Where a header block stands.</summary>
internal enum HeaderKind
{
    Request,
    Response,
    Trailers,
}
