using System.Buffers;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Catalog.Values;
using VecSQL.Columnar.Columns;

namespace VecSQL.Executor.Functions.Json;

internal enum PathValueKind : byte { Null, Boolean, Number, String, Array, Object, DateTime }

/// <summary>A value that a jsonpath finds or computes.</summary>
internal sealed class PathValue
{
    internal static readonly PathValue Null = new() { Kind = PathValueKind.Null };
    internal static readonly PathValue True = new() { Kind = PathValueKind.Boolean, IsTrue = true };
    internal static readonly PathValue EmptyObject = new() { Kind = PathValueKind.Object, Json = "{}"u8.ToArray() };
    internal static readonly PathValue False = new() { Kind = PathValueKind.Boolean };

    private JsonbLayout? _layout;

    internal PathValueKind Kind { get; private init; }

    internal bool IsTrue { get; private init; }

    internal SqlNumeric Number { get; private init; }

    internal string Text { get; private init; } = "";

    /// <summary>An array's or object's text, in jsonb's normal form.</summary>
    internal ReadOnlyMemory<byte> Json { get; private init; }

    internal PathDateTime DateTime { get; private init; }

    internal bool IsContainer => Kind is PathValueKind.Array or PathValueKind.Object;

    /// <summary>What <c>.type()</c> answers.</summary>
    internal string TypeName => Kind == PathValueKind.DateTime ? BuiltinTypes.FormatType(DateTime.Type, null) : Kind.ToString().ToLowerInvariant();

    /// <summary>Where PostgreSQL would have a part of this container, in bytes from its beginning; 0 for what is no part of it.</summary>
    internal long OffsetOf(PathValue part)
    {
        if (part.Json.Length == Json.Length || !Json.Span.Overlaps(part.Json.Span, out int at) || at < 0)
            return 0;
        return (_layout ??= new JsonbLayout(Json.Span)).OffsetAt(at);
    }

    internal static PathValue Of(bool value) => value ? True : False;

    internal static PathValue Of(SqlNumeric value) => new() { Kind = PathValueKind.Number, Number = value };

    internal static PathValue Of(string value) => new() { Kind = PathValueKind.String, Text = value };

    internal static PathValue Of(PathDateTime value) => new() { Kind = PathValueKind.DateTime, DateTime = value };

    internal static PathValue Read(ReadOnlyMemory<byte> json)
    {
        ReadOnlySpan<byte> text = json.Span;
        switch (JsonValue.KindOf(text))
        {
            case JsonKind.Null:
                return Null;
            case JsonKind.Boolean:
                return Of(text[0] == 't');
            case JsonKind.Number:
                return Of(SqlNumeric.Parse(text));
            case JsonKind.String:
                byte[] decoded = new byte[text.Length];
                return Of(Encoding.UTF8.GetString(decoded, 0, JsonStrings.Decode(text[1..^1], decoded)));
            default:
                return new PathValue { Kind = text[0] == '[' ? PathValueKind.Array : PathValueKind.Object, Json = json };
        }
    }

    /// <summary>An array's elements, or an object's values.</summary>
    internal List<PathValue> Children()
    {
        List<PathValue> children = [];
        if (Kind == PathValueKind.Array)
        {
            foreach (ReadOnlySpan<byte> element in new JsonElements(Json.Span))
                children.Add(Read(Part(element)));
        }
        else if (Kind == PathValueKind.Object)
        {
            foreach (JsonMember member in new JsonMembers(Json.Span))
                children.Add(Read(Part(member.Value)));
        }
        return children;
    }

    internal PathValue? Field(string key) =>
        JsonValue.TryGetField(Json.Span, Encoding.UTF8.GetBytes(key), out ReadOnlySpan<byte> value) ? Read(Part(value)) : null;

    internal List<(string Key, PathValue Value)> Fields()
    {
        List<(string, PathValue)> fields = [];
        foreach (JsonMember member in new JsonMembers(Json.Span))
        {
            byte[] decoded = new byte[member.RawKey.Length];
            fields.Add((Encoding.UTF8.GetString(decoded, 0, JsonStrings.Decode(member.RawKey, decoded)), Read(Part(member.Value))));
        }
        return fields;
    }

    internal void Write(IBufferWriter<byte> target, FormatContext format)
    {
        switch (Kind)
        {
            case PathValueKind.Null:
                target.Write("null"u8);
                break;
            case PathValueKind.Boolean:
                target.Write(IsTrue ? "true"u8 : "false"u8);
                break;
            case PathValueKind.Number:
                Number.WriteText(target);
                break;
            case PathValueKind.String:
                JsonStrings.Encode(Encoding.UTF8.GetBytes(Text), target);
                break;
            case PathValueKind.DateTime:
                JsonStrings.Encode(Encoding.UTF8.GetBytes(DateTime.Write(format)), target);
                break;
            default:
                target.Write(Json.Span);
                break;
        }
    }

    private ReadOnlyMemory<byte> Part(ReadOnlySpan<byte> part)
    {
        Json.Span.Overlaps(part, out int offset);
        return Json.Slice(offset, part.Length);
    }
}
