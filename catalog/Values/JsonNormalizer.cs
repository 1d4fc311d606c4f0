using System.Buffers;
using System.Text;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Values;

/// <summary>
/// Turns JSON text into the one form that jsonb keeps: checked, keys sorted and unique, numbers and spaces uniform.
/// </summary>
/// <remarks>
/// Keys are ordered by length, then by bytes; of equal keys the last one wins. <c>{"a": 1, "b": [1, 2]}</c> is how it
/// looks.
/// Cost: each object's members are moved at most once, and only where they were not in order.
/// </remarks>
internal ref struct JsonNormalizer
{
    private JsonReader _reader;
    private byte[] _output;
    private int _length;

    private JsonNormalizer(ReadOnlySpan<byte> text)
    {
        _reader = new JsonReader(text, isJsonb: true);
        _output = ArrayPool<byte>.Shared.Rent((2 * text.Length) + 64);
    }

    /// <exception cref="SqlException">The text is not JSON (22P02), or holds a zero character (22P05).</exception>
    internal static void Append(ReadOnlySpan<byte> text, BinaryColumnBuilder target)
    {
        var normalizer = new JsonNormalizer(text);
        try
        {
            normalizer.WriteValue(0);
            normalizer._reader.ExpectEnd();
            target.Append(normalizer._output.AsSpan(0, normalizer._length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(normalizer._output);
        }
    }

    private void WriteValue(int depth)
    {
        _reader.CheckDepth(depth);
        _reader.SkipSpaces();
        switch (_reader.Current)
        {
            case (byte)'{':
                WriteObject(depth);
                break;
            case (byte)'[':
                WriteArray(depth);
                break;
            case (byte)'"':
                WriteString();
                break;
            default:
                WriteScalar();
                break;
        }
    }

    private void WriteArray(int depth)
    {
        _reader.Advance(1);
        Put((byte)'[');
        _reader.SkipSpaces();
        if (!_reader.TryTake(']'))
        {
            while (true)
            {
                WriteValue(depth + 1);
                _reader.SkipSpaces();
                if (_reader.TryTake(']'))
                    break;
                if (!_reader.TryTake(','))
                    throw _reader.Expected("\",\" or \"]\"");
                Put(", "u8);
            }
        }
        Put((byte)']');
    }

    private readonly record struct Member(int KeyStart, int KeyLength, int Start, int End, int Order);

    private void WriteObject(int depth)
    {
        _reader.Advance(1);
        Put((byte)'{');
        _reader.SkipSpaces();
        if (_reader.TryTake('}'))
        {
            Put((byte)'}');
            return;
        }
        int start = _length;
        var members = new List<Member>();
        byte[] keys = []; // decoded
        int keysLength = 0;
        bool isSorted = true;
        while (true)
        {
            _reader.SkipSpaces();
            if (_reader.Current != '"')
                throw _reader.Expected(members.Count == 0 ? "string or \"}\"" : "string");
            if (members.Count > 0)
                Put(", "u8);
            int memberStart = _length;
            ReadOnlySpan<byte> raw = _reader.SkipString();
            int keyStart = keysLength;
            if (keys.Length < keysLength + raw.Length)
                Array.Resize(ref keys, Math.Max(keys.Length * 2, keysLength + raw.Length + 64));
            keysLength += JsonStrings.Decode(raw, keys.AsSpan(keysLength));
            ReadOnlySpan<byte> key = keys.AsSpan(keyStart, keysLength - keyStart);
            PutString(key);
            Put(": "u8);
            _reader.SkipSpaces();
            if (!_reader.TryTake(':'))
                throw _reader.Expected("\":\"");
            WriteValue(depth + 1);
            var member = new Member(keyStart, key.Length, memberStart, _length, members.Count);
            isSorted &= members.Count == 0 || CompareKeys(keys.AsSpan(members[^1].KeyStart, members[^1].KeyLength),
                key) < 0;
            members.Add(member);
            _reader.SkipSpaces();
            if (_reader.TryTake('}'))
                break;
            if (!_reader.TryTake(','))
                throw _reader.Expected("\",\" or \"}\"");
        }
        if (!isSorted)
            Rearrange(start, members, keys);
        Put((byte)'}');
    }

    /// <summary>Puts an object's members in order and drops all but the last of equal keys.</summary>
    private void Rearrange(int start, List<Member> members, byte[] keys)
    {
        members.Sort((left, right) =>
        {
            int order = CompareKeys(keys.AsSpan(left.KeyStart, left.KeyLength),
                keys.AsSpan(right.KeyStart, right.KeyLength));
            return order != 0 ? order : left.Order.CompareTo(right.Order);
        });
        byte[] copy = ArrayPool<byte>.Shared.Rent(_length - start);
        _output.AsSpan(start, _length - start).CopyTo(copy);
        _length = start;
        for (int i = 0; i < members.Count; i++)
        {
            Member member = members[i];
            bool isRepeated = i + 1 < members.Count && CompareKeys(
                keys.AsSpan(member.KeyStart, member.KeyLength),
                keys.AsSpan(members[i + 1].KeyStart, members[i + 1].KeyLength)) == 0;
            if (isRepeated)
                continue;
            if (_length > start)
                Put(", "u8);
            Put(copy.AsSpan(member.Start - start, member.End - member.Start));
        }
        ArrayPool<byte>.Shared.Return(copy);
    }

    /// <summary>jsonb's order of keys: by length, then by bytes.</summary>
    internal static int CompareKeys(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);

    private void WriteString()
    {
        ReadOnlySpan<byte> raw = _reader.SkipString();
        if (raw.IndexOf((byte)'\\') < 0)
        {
            Put((byte)'"'); // without escapes it is as it shall be
            Put(raw);
            Put((byte)'"');
            return;
        }
        byte[] decoded = ArrayPool<byte>.Shared.Rent(raw.Length);
        int length = JsonStrings.Decode(raw, decoded);
        PutString(decoded.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(decoded);
    }

    private void WriteScalar()
    {
        ReadOnlySpan<byte> token = _reader.ReadScalarToken("JSON value");
        bool isPlain = token[0] is >= (byte)'a' and <= (byte)'z'
            || (token.IndexOfAny((byte)'e', (byte)'E') < 0 && !token.StartsWith("-0"u8) && token.Length < 16_000);
        if (isPlain)
        {
            Put(token);
            return;
        }
        SqlNumeric number = SqlNumeric.Parse(token);
        Reserve(number.TextLengthMax);
        _length += number.WriteText(_output.AsSpan(_length));
    }

    private void PutString(ReadOnlySpan<byte> text)
    {
        Reserve(JsonStrings.EncodedLengthMax(text));
        _length += JsonStrings.Encode(text, _output.AsSpan(_length));
    }

    private void Put(byte value)
    {
        Reserve(1);
        _output[_length++] = value;
    }

    private void Put(scoped ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_output.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int count)
    {
        if (_length + count <= _output.Length)
            return;
        byte[] grown = ArrayPool<byte>.Shared.Rent(Math.Max(_output.Length * 2, _length + count));
        _output.AsSpan(0, _length).CopyTo(grown);
        ArrayPool<byte>.Shared.Return(_output);
        _output = grown;
    }
}
