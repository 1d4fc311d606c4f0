using System.Collections.Frozen;

namespace VecSQL.Flight.Http2.Hpack;

/// <summary>The fields that every connection knows by number.</summary>
/// <remarks>Source: RFC 7541, appendix A.</remarks>
internal static class StaticTable
{
    private static readonly HeaderField[] Fields =
    [
        new(":authority", ""), new(":method", "GET"), new(":method", "POST"), new(":path", "/"), new(":path", "/index.html"),
        new(":scheme", "http"), new(":scheme", "https"), new(":status", "200"), new(":status", "204"), new(":status", "206"),
        new(":status", "304"), new(":status", "400"), new(":status", "404"), new(":status", "500"), new("accept-charset", ""),
        new("accept-encoding", "gzip, deflate"), new("accept-language", ""), new("accept-ranges", ""), new("accept", ""),
        new("access-control-allow-origin", ""), new("age", ""), new("allow", ""), new("authorization", ""), new("cache-control", ""),
        new("content-disposition", ""), new("content-encoding", ""), new("content-language", ""), new("content-length", ""),
        new("content-location", ""), new("content-range", ""), new("content-type", ""), new("cookie", ""), new("date", ""), new("etag", ""),
        new("expect", ""), new("expires", ""), new("from", ""), new("host", ""), new("if-match", ""), new("if-modified-since", ""),
        new("if-none-match", ""), new("if-range", ""), new("if-unmodified-since", ""), new("last-modified", ""), new("link", ""),
        new("location", ""), new("max-forwards", ""), new("proxy-authenticate", ""), new("proxy-authorization", ""), new("range", ""),
        new("referer", ""), new("refresh", ""), new("retry-after", ""), new("server", ""), new("set-cookie", ""),
        new("strict-transport-security", ""), new("transfer-encoding", ""), new("user-agent", ""), new("vary", ""), new("via", ""),
        new("www-authenticate", ""),
    ];

    private static readonly FrozenDictionary<HeaderField, int> Whole = Enumerable.Range(1, Count).ToFrozenDictionary(number => Fields[number - 1]);

    private static readonly FrozenDictionary<string, int> Names = Enumerable.Range(1, Count)
        .GroupBy(number => Fields[number - 1].Name).ToFrozenDictionary(group => group.Key, group => group.First());

    public static int Count => Fields.Length;

    /// <param name="number">From 1.</param>
    public static HeaderField Field(int number) => Fields[number - 1];

    /// <summary>The number of a field with the same name and value; 0 where there is none.</summary>
    public static int Find(HeaderField field) => Whole.GetValueOrDefault(field);

    /// <summary>The number of a field with the same name; 0 where there is none.</summary>
    public static int FindName(string name) => Names.GetValueOrDefault(name);
}
