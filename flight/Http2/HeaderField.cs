namespace VecSQL.Flight.Http2;

/// <summary>A header as HTTP/2 has it: the name in lower case; a pseudo-header's begins with a colon.</summary>
internal readonly record struct HeaderField(string Name, string Value)
{
    /// <summary>What a field counts beside its characters. Source: RFC 7541, 4.1.</summary>
    public const int OverheadBytes = 32;

    public int Bytes => Name.Length + Value.Length + OverheadBytes;
}
