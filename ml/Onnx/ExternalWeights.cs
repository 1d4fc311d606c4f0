namespace VecSQL.Ml.Onnx;

/// <summary>Whether a model keeps weights in files of their own, beside it.</summary>
/// <remarks>
/// Layout: protobuf. Tensors lie in graphs, in nodes' attributes, in functions and in what training adds (see
/// <see cref="ContentOf"/>); a tensor's field 13 names the file where its numbers lie elsewhere. What is no protobuf has
/// none; ONNX Runtime refuses it.
/// </remarks>
internal static class ExternalWeights
{
    private const int Location = 13, Bytes = 2, GroupStart = 3, GroupEnd = 4;
    private const int DepthMax = 200; // what is deeper, protobuf itself does not read

    private enum Message
    {
        None,
        Model,
        Training,
        Function,
        Graph,
        Node,
        Attribute,
        SparseTensor,
        Tensor,
    }

    /// <summary>Whether it does, or is too deep to tell.</summary>
    internal static bool Has(ReadOnlySpan<byte> model) => Has(model, Message.Model, 0);

    private static bool Has(ReadOnlySpan<byte> message, Message kind, int depth)
    {
        while (TryNext(ref message, out int field, out ReadOnlySpan<byte> content))
        {
            if (kind == Message.Tensor && field == Location)
                return true;
            Message inner = ContentOf(kind, field);
            if (inner != Message.None && (depth == DepthMax || Has(content, inner, depth + 1)))
                return true;
        }
        return false;
    }

    private static Message ContentOf(Message kind, int field) => (kind, field) switch
    {
        (Message.Model, 7) => Message.Graph,
        (Message.Model, 20) => Message.Training,
        (Message.Model, 25) => Message.Function,
        (Message.Training, 1 or 2) => Message.Graph,
        (Message.Function, 7) => Message.Node,
        (Message.Function, 11) => Message.Attribute,
        (Message.Graph, 1) => Message.Node,
        (Message.Graph, 5) => Message.Tensor,
        (Message.Graph, 15) => Message.SparseTensor,
        (Message.Node, 5) => Message.Attribute,
        (Message.Attribute, 5 or 10) => Message.Tensor,
        (Message.Attribute, 6 or 11) => Message.Graph,
        (Message.Attribute, 22 or 23) => Message.SparseTensor,
        (Message.SparseTensor, 1 or 2) => Message.Tensor,
        _ => Message.None,
    };

    /// <summary>Takes a field off a message; its content is empty unless it is a message or bytes. Groups, which have gone
    /// out of use, are passed over.</summary>
    private static bool TryNext(ref ReadOnlySpan<byte> message, out int field, out ReadOnlySpan<byte> content)
    {
        field = 0;
        for (int groups = 0; TryPart(ref message, out ulong tag, out content);)
        {
            groups += (tag & 7) switch { GroupStart => 1, GroupEnd => -1, _ => 0 };
            field = (int)(tag >> 3);
            if (groups < 0)
                return false;
            if (groups == 0 && (tag & 7) != GroupEnd)
                return true;
        }
        content = default;
        return false;
    }

    private static bool TryPart(ref ReadOnlySpan<byte> message, out ulong tag, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (!TryVarint(ref message, out tag))
            return false;
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
            case GroupStart or GroupEnd:
                return true;
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
