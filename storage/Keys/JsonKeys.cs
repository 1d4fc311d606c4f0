using System.Text.Json;
using VecSQL.Catalog.Values;

namespace VecSQL.Storage.Keys;

/// <summary>jsonb values as bytes that memcmp orders.</summary>
/// <remarks>
/// Order: null, strings, numbers, booleans, arrays, objects; arrays and objects by how many items they have, then item by item.
/// An empty array by itself comes before everything, as in PostgreSQL.
/// </remarks>
public static class JsonKeys
{
    private const byte EmptyArray = 0, Null = 1, String = 2, Number = 3, False = 4, True = 5, Array = 6, Object = 7;

    public static void Write(ReadOnlySpan<byte> json, KeyWriter target)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 10_000 });
        if (!reader.Read())
            throw new InvalidOperationException("an empty jsonb value");
        WriteValue(ref reader, target, isWhole: true);
    }

    private static void WriteValue(ref Utf8JsonReader reader, KeyWriter target, bool isWhole)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                target.Byte(Null);
                break;
            case JsonTokenType.String:
                target.Byte(String);
                WriteString(ref reader, target);
                break;
            case JsonTokenType.Number:
                target.Byte(Number);
                WriteNumber(ref reader, target);
                break;
            case JsonTokenType.True:
                target.Byte(True);
                break;
            case JsonTokenType.False:
                target.Byte(False);
                break;
            default:
                WriteContainer(ref reader, target, isWhole);
                break;
        }
    }

    private static void WriteContainer(ref Utf8JsonReader reader, KeyWriter target, bool isWhole)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        int count = CountItems(reader);
        if (isWhole && !isObject && count == 0)
        {
            target.Byte(EmptyArray);
            return;
        }
        target.Byte(isObject ? Object : Array);
        target.UInt32((uint)count);
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                WriteString(ref reader, target);
                reader.Read();
            }
            WriteValue(ref reader, target, isWhole: false);
        }
    }

    // The reader is passed by value: the caller's stays where it is.
    private static int CountItems(Utf8JsonReader reader)
    {
        int count = 0;
        while (reader.Read() && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
                reader.Read();
            reader.Skip();
            count++;
        }
        return count;
    }

    private static void WriteString(ref Utf8JsonReader reader, KeyWriter target)
    {
        if (!reader.ValueIsEscaped)
        {
            target.Escaped(reader.ValueSpan);
            return;
        }
        byte[] plain = new byte[reader.ValueSpan.Length];
        target.Escaped(plain.AsSpan(0, reader.CopyString(plain)));
    }

    private static void WriteNumber(ref Utf8JsonReader reader, KeyWriter target)
    {
        SqlNumeric number = SqlNumeric.Parse(reader.ValueSpan);
        Span<byte> bytes = new byte[number.EncodedLengthMax];
        NumericKeys.Write(bytes[..number.Write(bytes)], target);
    }
}
