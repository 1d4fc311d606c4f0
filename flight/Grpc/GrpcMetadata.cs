using System.Buffers;
using System.Collections;
using System.Text;

namespace VecSQL.Flight.Grpc;

/// <summary>What goes with a call beside its messages: pairs of a key and a text, or bytes where the key ends in <c>-bin</c>.</summary>
/// <remarks>
/// Source: gRPC documentation, "gRPC over HTTP2", "Custom-Metadata". Keys are lower-case; one may be there several times.
/// Threads: one at a time.
/// </remarks>
public sealed class GrpcMetadata : IEnumerable<GrpcMetadata.Entry>
{
    private const string BytesSuffix = "-bin";

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyz_-.");

    private readonly List<Entry> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The last text of a key; null where there is none.</summary>
    public string? Find(string key)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Key == key)
                return _entries[i].Text;
        }
        return null;
    }

    /// <summary>The last bytes of a key that ends in <c>-bin</c>; null where there are none, or they are not base64.</summary>
    public byte[]? FindBytes(string key) => Find(key) is { } text ? Decode(text) : null;

    public IEnumerable<string> All(string key) => _entries.Where(entry => entry.Key == key).Select(entry => entry.Text);

    /// <exception cref="ArgumentException">The key has other characters than metadata may, or is for bytes; or the text has.</exception>
    public void Add(string key, string text)
    {
        if (!IsKey(key) || IsForBytes(key))
            throw new ArgumentException($"\"{key}\" is no key for text in metadata", nameof(key));
        if (text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            throw new ArgumentException("metadata that is not printable ASCII needs a key in -bin", nameof(text));
        _entries.Add(new Entry(key, text));
    }

    /// <param name="key">Ends in <c>-bin</c>.</param>
    public void Add(string key, ReadOnlySpan<byte> bytes)
    {
        if (!IsKey(key) || !IsForBytes(key))
            throw new ArgumentException($"\"{key}\" is no key for bytes in metadata", nameof(key));
        _entries.Add(new Entry(key, Convert.ToBase64String(bytes).TrimEnd('=')));
    }

    public IEnumerator<Entry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Takes a header as it came; several values of bytes may be joined by commas.</summary>
    internal void Receive(string key, string? text)
    {
        if (text is null || key.StartsWith(':') || key is "te" or "content-type" || key.StartsWith("grpc-", StringComparison.Ordinal))
            return;
        if (!IsForBytes(key))
        {
            _entries.Add(new Entry(key, text));
            return;
        }
        foreach (string part in text.Split(','))
            _entries.Add(new Entry(key, part.Trim()));
    }

    /// <summary>Bytes in base64, with padding or without; null where it is none.</summary>
    internal static byte[]? Decode(string text)
    {
        string padded = text.TrimEnd('=');
        padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
        byte[] bytes = new byte[padded.Length / 4 * 3];
        return Convert.TryFromBase64String(padded, bytes, out int count) ? bytes[..count] : null;
    }

    /// <summary>A status message as a header has it: bytes that are not printable ASCII, and the percent sign, as %XX.</summary>
    internal static string EncodeMessage(string message)
    {
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%'))
            return message;
        StringBuilder text = new(message.Length + 16);
        foreach (byte unit in Encoding.UTF8.GetBytes(message))
        {
            if (unit is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
                text.Append((char)unit);
            else
                text.Append('%').Append(unit.ToString("X2"));
        }
        return text.ToString();
    }

    /// <summary>The reverse; what is no %XX is taken as it stands.</summary>
    internal static string DecodeMessage(string text)
    {
        if (!text.Contains('%'))
            return text;
        List<byte> bytes = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isEscape = text[i] == '%' && i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]);
            if (isEscape)
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i].ToString()));
            }
        }
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static bool IsKey(string key) => key.Length > 0 && !key.AsSpan().ContainsAnyExcept(KeyCharacters);

    private static bool IsForBytes(string key) => key.EndsWith(BytesSuffix, StringComparison.Ordinal);

    /// <param name="Text">As the header has it: base64 where the key ends in <c>-bin</c>.</param>
    public readonly record struct Entry(string Key, string Text);
}
