using System.Globalization;
using System.Runtime.InteropServices;

namespace VecSQL.Kit.Models;

/// <summary>Writes an ONNX model: a graph of operations over named values.</summary>
/// <remarks>Layout: the messages of onnx.proto; fields are given by their numbers there.</remarks>
public sealed class OnnxBuilder
{
    public const int Float32 = 1, Int32 = 6, Int64 = 7, Float16 = 10;

    private readonly ProtoWriter _graph = new ProtoWriter().Text(2, "sample");
    private int _lastName;

    /// <summary>Adds an input or an output.</summary>
    /// <param name="lengths">A negative one is free.</param>
    public string Port(bool isInput, string name, int element, params long[] lengths)
    {
        ProtoWriter shape = new();
        for (int i = 0; i < lengths.Length; i++)
        {
            ProtoWriter dimension = new();
            _ = lengths[i] < 0 ? dimension.Text(2, $"free{i}") : dimension.Number(1, lengths[i]);
            shape.Message(1, dimension);
        }
        ProtoWriter type = new ProtoWriter().Message(1, new ProtoWriter().Number(1, element).Message(2, shape));
        _graph.Message(isInput ? 11 : 12, new ProtoWriter().Text(1, name).Message(2, type));
        return name;
    }

    public string Constant(ReadOnlySpan<float> values, params long[] lengths) =>
        Constant(Float32, MemoryMarshal.AsBytes(values), lengths);

    public string Constant(ReadOnlySpan<long> values, params long[] lengths) =>
        Constant(Int64, MemoryMarshal.AsBytes(values), lengths);

    /// <summary>Numbers that lie in another file.</summary>
    public string ConstantIn(string file, params long[] lengths)
    {
        string name = NextName();
        _graph.Message(5, TensorIn(file, lengths).Text(8, name));
        return name;
    }

    /// <summary>The same, for an attribute.</summary>
    public static ProtoWriter TensorIn(string file, params long[] lengths)
    {
        ProtoWriter tensor = new();
        foreach (long length in lengths)
            tensor.Number(1, length);
        return tensor.Number(2, Float32).Message(13, new ProtoWriter().Text(1, "location").Text(2, file)).Number(14, 1);
    }

    /// <summary>Adds an operation; gives the name of its value.</summary>
    public string Apply(string operation, string[] inputs, params (string Name, object Value)[] attributes) =>
        ApplyAs(NextName(), operation, inputs, attributes);

    /// <summary>Adds an operation whose value has a name of its own, as that of an output.</summary>
    public string ApplyAs(
        string result, string operation, string[] inputs, params (string Name, object Value)[] attributes)
    {
        ProtoWriter node = new();
        foreach (string input in inputs)
            node.Text(1, input);
        node.Text(2, result).Text(4, operation);
        foreach ((string name, object value) in attributes)
        {
            ProtoWriter attribute = new ProtoWriter().Text(1, name);
            switch (value)
            {
                case float number:
                    attribute.Float(2, number).Number(20, 1);
                    break;
                case long[] numbers:
                    foreach (long number in numbers)
                        attribute.Number(8, number);
                    attribute.Number(20, 7);
                    break;
                case ProtoWriter tensor:
                    attribute.Message(5, tensor).Number(20, 4);
                    break;
                case OnnxBuilder body:
                    attribute.Message(6, body._graph).Number(20, 5);
                    break;
                default:
                    attribute.Number(3, Convert.ToInt64(value, CultureInfo.InvariantCulture)).Number(20, 2);
                    break;
            }
            node.Message(5, attribute);
        }
        _graph.Message(1, node);
        return result;
    }

    public byte[] ToArray() => new ProtoWriter()
        .Number(1, 8) // the format's version
        .Message(8, new ProtoWriter().Text(1, "").Number(2, 17)) // that of the operations
        .Message(7, _graph).ToArray();

    private string Constant(int element, ReadOnlySpan<byte> raw, long[] lengths)
    {
        ProtoWriter tensor = new();
        foreach (long length in lengths)
            tensor.Number(1, length);
        string name = NextName();
        _graph.Message(5, tensor.Number(2, element).Text(8, name).Bytes(9, raw));
        return name;
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"v{++_lastName}");
}
