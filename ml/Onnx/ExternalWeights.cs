namespace VecSQL.Ml.Onnx;

/// <summary>Whether a model keeps weights in files of their own, beside it.</summary>
/// <remarks>
/// Layout: protobuf. A model's field 7 is its graph, a graph's field 5 a tensor; a tensor's field 14 is 1, and field 13
/// names the file, where its numbers lie elsewhere. What is no protobuf has none; ONNX Runtime refuses it.
/// </remarks>
internal static class ExternalWeights
{
    private const int Graph = 7, Tensor = 5, Location = 13, Bytes = 2;

    internal static bool Has(ReadOnlySpan<byte> model)
    {
        while (TryNext(ref model, out int field, out ReadOnlySpan<byte> graph))
        {
            while (field == Graph && TryNext(ref graph, out int part, out ReadOnlySpan<byte> tensor))
            {
                while (part == Tensor && TryNext(ref tensor, out int inner, out _))
                {
                    if (inner == Location)
                        return true;
                }
            }
        }
        return false;
    }

    /// <summary>Takes a field off a message; its content is empty unless it is a message or bytes.</summary>
    private static bool TryNext(ref ReadOnlySpan<byte> message, out int field, out ReadOnlySpan<byte> content)
    {
        content = default;
        field = 0;
        if (!TryVarint(ref message, out ulong tag))
            return false;
        field = (int)(tag >> 3);
        ulong length;
        switch (tag & 7)
        {
            case 0:
                return TryVarint(ref message, out _);
            case 1:
                length = 8;
                break;
            case 5:
                length = 4;
                break;
            case Bytes when TryVarint(ref message, out length):
                break;
            default:
                return false;
        }
        if (length > (ulong)message.Length)
            return false;
        content = (tag & 7) == Bytes ? message[..(int)length] : default;
        message = message[(int)length..];
        return true;
    }

    private static bool TryVarint(ref ReadOnlySpan<byte> message, out ulong value)
    {
        value = 0;
        for (int i = 0; i < message.Length && i < 10; i++)
        {
            value |= (ulong)(message[i] & 0x7F) << (7 * i);
            if (message[i] < 0x80)
            {
                message = message[(i + 1)..];
                return true;
            }
        }
        return false;
    }
}
