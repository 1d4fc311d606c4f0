using VecSQL.Columnar.Columns;

namespace VecSQL.Catalog.Values;

/// <summary>A key and its value.</summary>
public readonly ref struct JsonMember(ReadOnlySpan<byte> rawKey, ReadOnlySpan<byte> value)
{
    /// <summary>The key as written, with escapes, without quotes.</summary>
    public ReadOnlySpan<byte> RawKey { get; } = rawKey;

    public ReadOnlySpan<byte> Value { get; } = value;

    public bool KeyEquals(ReadOnlySpan<byte> key) => JsonValue.StringEquals(RawKey, key);

    /// <summary>Appends the key without escapes.</summary>
    public void AppendKey(BinaryColumnBuilder target) =>
        target.Commit(JsonStrings.Decode(RawKey, target.Reserve(RawKey.Length)));
}

/// <summary>Walks over the members of an object; over nothing for other values.</summary>
public ref struct JsonMembers
{
    private readonly ReadOnlySpan<byte> _json;
    private JsonReader _reader;
    private ReadOnlySpan<byte> _key, _value;

    public JsonMembers(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new JsonReader(json, isJsonb: false);
        _reader.SkipSpaces();
        _reader.TryTake('{');
    }

    public readonly JsonMember Current => new(_key, _value);

    public readonly JsonMembers GetEnumerator() => this;

    public bool MoveNext()
    {
        _reader.SkipSpaces();
        _reader.TryTake(',');
        _reader.SkipSpaces();
        if (_reader.IsAtEnd || _reader.Current != '"' || _reader.At == 0)
            return false;
        _key = _reader.SkipString();
        _reader.SkipSpaces();
        if (!_reader.TryTake(':'))
            return false; // a string on top, not a member
        _reader.SkipSpaces();
        int start = _reader.At;
        _reader.SkipValue(0);
        _value = _json[start.._reader.At];
        return true;
    }
}

/// <summary>Walks over the elements of an array; over nothing for other values.</summary>
public ref struct JsonElements
{
    private readonly ReadOnlySpan<byte> _json;
    private JsonReader _reader;
    private readonly bool _isArray;
    private ReadOnlySpan<byte> _value;

    public JsonElements(ReadOnlySpan<byte> json)
    {
        _json = json;
        _reader = new JsonReader(json, isJsonb: false);
        _reader.SkipSpaces();
        _isArray = _reader.TryTake('[');
    }

    public readonly ReadOnlySpan<byte> Current => _value;

    public readonly JsonElements GetEnumerator() => this;

    public bool MoveNext()
    {
        if (!_isArray)
            return false;
        _reader.SkipSpaces();
        _reader.TryTake(',');
        _reader.SkipSpaces();
        if (_reader.IsAtEnd || _reader.Current == ']')
            return false;
        int start = _reader.At;
        _reader.SkipValue(0);
        _value = _json[start.._reader.At];
        return true;
    }
}
