using System.Globalization;
using System.Text;
using VecSQL.Vectors.Quantization;

namespace VecSQL.Bench.Tpch.Data;

/// <summary>Rows of the eight tables with the specification's counts and distributions (clause 4.2.3).</summary>
/// <remarks>
/// Every row is a function of seed, scale factor and its number. Not TPC's dbgen: the values are others, what queries select of them is
/// as much.
/// </remarks>
internal sealed partial class Generator(double scale, ulong seed)
{
    private const ulong TextStream = 1, SupplierStream = 2, PartStream = 3, PartSupplyStream = 4, CustomerStream = 5, OrderStream = 6, NationStream = 7;
    private const int SuppliersPerPart = 4, ComplaintShare = 2000; // five suppliers of ten thousand complain, five recommend

    private readonly TextPool _texts = new(seed ^ TextStream);
    private readonly byte[] _text = new byte[256];

    internal int SupplierCount { get; } = Scaled(10_000, scale);

    internal int PartCount { get; } = Scaled(200_000, scale);

    internal int CustomerCount { get; } = Scaled(150_000, scale);

    internal int OrderCount { get; } = Scaled(1_500_000, scale);

    private int ClerkCount { get; } = Scaled(1000, scale);

    internal void Write(string table, IRowWriter rows)
    {
        switch (table)
        {
            case "region":
                WriteRegions(rows);
                break;
            case "nation":
                WriteNations(rows);
                break;
            case "supplier":
                WriteSuppliers(rows);
                break;
            case "part":
                WriteParts(rows);
                break;
            case "partsupp":
                WritePartSupplies(rows);
                break;
            case "customer":
                WriteCustomers(rows);
                break;
            case "orders":
                WriteOrders(rows);
                break;
            case "lineitem":
                WriteLineItems(rows);
                break;
            default:
                throw new ArgumentException($"there is no table {table}");
        }
    }

    private static int Scaled(int count, double scale) => Math.Max(1, (int)Math.Round(count * scale));

    /// <summary>Random numbers for one row and no other.</summary>
    private SplitMix Random(ulong stream, int row)
    {
        SplitMix random = new((seed * 0x9E3779B97F4A7C15) ^ (stream << 48) ^ (ulong)(uint)row);
        return new SplitMix(random.Next());
    }

    private static int Between(ref SplitMix random, int least, int greatest) => least + random.Next(greatest - least + 1);

    private void WriteRegions(IRowWriter rows)
    {
        for (int i = 0; i < Words.Regions.Length; i++)
        {
            SplitMix random = Random(NationStream, 100 + i);
            rows.BeginRow(3);
            rows.Integer(i);
            Text(rows, Words.Regions[i]);
            rows.Text(_texts.Cut(ref random, 31, 115));
            rows.EndRow();
        }
    }

    private void WriteNations(IRowWriter rows)
    {
        for (int i = 0; i < Words.Nations.Length; i++)
        {
            SplitMix random = Random(NationStream, i);
            rows.BeginRow(4);
            rows.Integer(i);
            Text(rows, Words.Nations[i].Name);
            rows.Integer(Words.Nations[i].Region);
            rows.Text(_texts.Cut(ref random, 31, 114));
            rows.EndRow();
        }
    }

    private void WriteSuppliers(IRowWriter rows)
    {
        for (int key = 1; key <= SupplierCount; key++)
        {
            SplitMix random = Random(SupplierStream, key);
            BeginParty(rows, ref random, fields: 7, "Supplier#"u8, key);
            // Even spacing, so that a small scale factor has its share too.
            rows.Text((key % ComplaintShare) switch
            {
                7 => Remark(ref random, "Complaints"u8),
                11 => Remark(ref random, "Recommends"u8),
                _ => _texts.Cut(ref random, 25, 100),
            });
            rows.EndRow();
        }
    }

    /// <summary>What suppliers and customers have in common: key, name, address, nation, telephone number and balance.</summary>
    private void BeginParty(IRowWriter rows, ref SplitMix random, int fields, ReadOnlySpan<byte> title, int key)
    {
        int nation = random.Next(Words.Nations.Length);
        rows.BeginRow(fields);
        rows.Integer(key);
        Numbered(rows, title, key);
        Address(rows, ref random);
        rows.Integer(nation);
        Phone(rows, ref random, nation);
        rows.Money(Between(ref random, -99_999, 999_999));
    }

    /// <summary>A comment with "Customer", anything, and the word.</summary>
    private ReadOnlySpan<byte> Remark(ref SplitMix random, ReadOnlySpan<byte> word)
    {
        ReadOnlySpan<byte> around = _texts.Cut(ref random, 25, 100);
        around.CopyTo(_text);
        int start = random.Next(around.Length - 8 - word.Length + 1), gap = random.Next(around.Length - 8 - word.Length - start + 1);
        "Customer"u8.CopyTo(_text.AsSpan(start));
        word.CopyTo(_text.AsSpan(start + 8 + gap));
        return _text.AsSpan(0, around.Length);
    }

    private void WriteParts(IRowWriter rows)
    {
        Span<int> names = stackalloc int[5];
        for (int key = 1; key <= PartCount; key++)
        {
            SplitMix random = Random(PartStream, key);
            rows.BeginRow(9);
            rows.Integer(key);
            for (int i = 0; i < names.Length; i++)
            {
                do
                    names[i] = random.Next(Words.PartNames.Length);
                while (names[..i].Contains(names[i]));
            }
            Text(rows, $"{Words.PartNames[names[0]]} {Words.PartNames[names[1]]} {Words.PartNames[names[2]]} " +
                $"{Words.PartNames[names[3]]} {Words.PartNames[names[4]]}");
            int maker = Between(ref random, 1, 5);
            Text(rows, $"Manufacturer#{maker}");
            Text(rows, $"Brand#{maker}{Between(ref random, 1, 5)}");
            Text(rows, $"{Pick(ref random, Words.Types[0])} {Pick(ref random, Words.Types[1])} {Pick(ref random, Words.Types[2])}");
            rows.Integer(Between(ref random, 1, 50));
            Text(rows, $"{Pick(ref random, Words.Containers[0])} {Pick(ref random, Words.Containers[1])}");
            rows.Money(RetailPrice(key));
            rows.Text(_texts.Cut(ref random, 5, 22));
            rows.EndRow();
        }
    }

    private static long RetailPrice(int part) => 90_000 + (part / 10 % 20_001) + (100 * (part % 1000));

    private void WritePartSupplies(IRowWriter rows)
    {
        for (int part = 1; part <= PartCount; part++)
        {
            SplitMix random = Random(PartSupplyStream, part);
            for (int i = 0; i < SuppliersPerPart; i++)
            {
                rows.BeginRow(5);
                rows.Integer(part);
                rows.Integer(SupplierOf(part, i));
                rows.Integer(Between(ref random, 1, 9999));
                rows.Money(Between(ref random, 100, 100_000));
                rows.Text(_texts.Cut(ref random, 49, 198));
                rows.EndRow();
            }
        }
    }

    /// <summary>One of the four suppliers of a part.</summary>
    private int SupplierOf(int part, int which) =>
        (int)((part + (which * (long)((SupplierCount / SuppliersPerPart) + ((part - 1) / SupplierCount)))) % SupplierCount) + 1;

    private void WriteCustomers(IRowWriter rows)
    {
        for (int key = 1; key <= CustomerCount; key++)
        {
            SplitMix random = Random(CustomerStream, key);
            BeginParty(rows, ref random, fields: 8, "Customer#"u8, key);
            Text(rows, Pick(ref random, Words.Segments));
            rows.Text(_texts.Cut(ref random, 29, 116));
            rows.EndRow();
        }
    }

    private void Address(IRowWriter rows, ref SplitMix random)
    {
        ReadOnlySpan<byte> letters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, "u8;
        int length = Between(ref random, 10, 40);
        for (int i = 0; i < length; i++)
            _text[i] = letters[random.Next(letters.Length)];
        rows.Text(_text.AsSpan(0, length));
    }

    private void Phone(IRowWriter rows, ref SplitMix random, int nation) => Text(rows,
        $"{nation + 10}-{Between(ref random, 100, 999)}-{Between(ref random, 100, 999)}-{Between(ref random, 1000, 9999)}");

    private void Numbered(IRowWriter rows, ReadOnlySpan<byte> prefix, int number)
    {
        prefix.CopyTo(_text);
        number.TryFormat(_text.AsSpan(prefix.Length), out int digits, "D9", CultureInfo.InvariantCulture);
        rows.Text(_text.AsSpan(0, prefix.Length + digits));
    }

    private void Text(IRowWriter rows, string text) => rows.Text(_text.AsSpan(0, Encoding.ASCII.GetBytes(text, _text)));

    private static string Pick(ref SplitMix random, string[] words) => words[random.Next(words.Length)];
}
