using System.Buffers.Binary;
using System.Text;

namespace VecSQL.Kit.Models;

/// <summary>Writes SentencePiece's table of replacements: a double-array trie over UTF-8, then the replacements.</summary>
/// <remarks>A child of a node lies at the node's place xor its offset xor the child's byte; the value of a key that ends
/// at a node lies at that of byte 0.</remarks>
public sealed class CharsmapBuilder
{
    private readonly List<uint> _units = [0];
    private readonly List<bool> _taken = [true];

    public static byte[] Build(IReadOnlyDictionary<string, string> replacements)
    {
        CharsmapBuilder builder = new();
        List<byte> texts = [];
        List<(byte[] Key, int Value)> keys = [];
        foreach ((string key, string replacement) in replacements)
        {
            keys.Add((Encoding.UTF8.GetBytes(key), texts.Count));
            texts.AddRange(Encoding.UTF8.GetBytes(replacement));
            texts.Add(0);
        }
        keys.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        builder.Place(0, keys, 0);
        byte[] file = new byte[4 + (builder._units.Count * 4) + texts.Count];
        BinaryPrimitives.WriteInt32LittleEndian(file, builder._units.Count * 4);
        for (int i = 0; i < builder._units.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4 + (i * 4)), builder._units[i]);
        texts.CopyTo(file, 4 + (builder._units.Count * 4));
        return file;
    }

    /// <summary>Places the children of a node, whose keys are equal up to a depth.</summary>
    private void Place(int node, List<(byte[] Key, int Value)> keys, int depth)
    {
        byte[] labels = [.. keys.Select(key => depth < key.Key.Length ? key.Key[depth] : (byte)0).Distinct()];
        int offset = 1;
        while (labels.Any(label => IsTaken(node ^ offset ^ label)))
            offset++;
        _units[node] |= (uint)offset << 10;
        foreach (byte label in labels)
            _taken[node ^ offset ^ label] = true;
        foreach (byte label in labels)
        {
            int child = node ^ offset ^ label;
            List<(byte[] Key, int Value)> below =
                [.. keys.Where(key => (depth < key.Key.Length ? key.Key[depth] : (byte)0) == label)];
            if (label == 0)
            {
                _units[node] |= 1 << 8;
                _units[child] = (uint)below[0].Value | 0x80000000;
                continue;
            }
            _units[child] = label;
            Place(child, below, depth + 1);
        }
    }

    private bool IsTaken(int index)
    {
        while (_units.Count <= (index | 0xFF))
        {
            _units.Add(0);
            _taken.Add(false);
        }
        return _taken[index];
    }
}
