namespace VecSQL.Clients.Tests.Wire;

/// <summary>Values in binary that are malformed or out of range: refused with PostgreSQL's and pgvector's codes, and
/// nothing worse.</summary>
[Collection(ServerCollection.Name)]
public sealed class BinaryParameterTests(ServerFixture node)
{
    /// <summary>A type, the code, and the values that get it, in hexadecimal; - is an empty one.</summary>
    public static TheoryData<string, string, string> Malformed => new()
    {
        { "numeric", "08P01", "00020000000000000001 ffff000000000000 000300000000 -" },
        { "numeric", "22P03", "00010000000100000001 00010000000000002710 0001000000000000ffff 000100000000ffff0001" },
        { "numeric", "22P03", "0001000000004e200001 0001000000000000000178" },
        { "int4[]", "08P01", "- 000000010000000000000017" },
        { "int4[]", "54000", "000000070000000000000017 000000010000000000000017ffffffff00000001" },
        { "int4[]", "54000", "0000000100000000000000177fffffff00000001" },
        { "int4[]", "54000", "000000010000000000000017000000017fffffff0000000400000005" },
        { "int4[]", "54000", "000000010000000000000017000000027fffffff00000004000000050000000400000005" },
        { "int4[]", "54000", "00000002000000000000001700010000000000010001000000000001" },
        { "int4[]", "54000", "0000000100000000000000170bebc20000000001" },
        { "int4[]", "22P03", "ffffffff0000000000000017 0000000100000000000000170000000100000001000000080000000500000005" },
        { "int4[]", "22P03", "00000001000000020000001700000001000000010000000400000005" },
        { "int4[]", "22P03", "0000000100000000000000170000000100000001fffffffe" },
        { "int4[]", "22P03", "000000010000000000000017000000010000000100000004000000057a" },
        { "int4[]", "42804", "00000001000000000000001900000001000000010000000400000005" },
        { "text[]", "22021", "000000010000000000000019000000010000000100000001ff" },
        { "text[]", "22021", "00000001000000000000001900000001000000010000000100" },
        { "text[]", "22P03", "0000000100000000000000190000000100000001000000056162" },
        { "vector", "08P01", "- 00010000 000200003f800000 0001" },
        { "vector", "22000", "00000000 000100013f800000 000100007fc00000 000100007f800000" },
        { "vector", "54000", "ffff0000" },
        { "vector", "22P03", "000100003f80000078" },
        { "halfvec", "08P01", "- 00010000" },
        { "halfvec", "22000", "00000000 000100013c00 000100007e00 000100007c00" },
        { "halfvec", "54000", "ffff0000" },
        { "halfvec", "22P03", "000100003c0078" },
        { "sparsevec", "08P01", "- 00000003000000020000000000000000" },
        { "sparsevec", "22000", "000000000000000000000000 ffffffff0000000000000000 00000003ffffffff00000000" },
        { "sparsevec", "22000", "000000030000000100000001000000003f800000 000000030000000100000000000000033f800000" },
        { "sparsevec", "22000", "000000030000000100000000ffffffff3f800000" },
        { "sparsevec", "22000", "00000003000000020000000000000001000000013f80000040000000" },
        { "sparsevec", "22000", "00000003000000020000000000000002000000013f80000040000000" },
        { "sparsevec", "22000", "0000000300000001000000000000000100000000 000000030000000100000000000000017fc00000" },
        { "sparsevec", "22000", "000000030000000100000000000000017f800000" },
        { "sparsevec", "54000", "3b9aca010000000000000000 000000030000000400000000 000186a000003e8100000000" },
        { "sparsevec", "22P03", "000000030000000100000000000000013f80000078" },
        { "jsonb", "08P01", "-" },
        { "jsonb", "22P02", "01 017b 017b7d78 01225c756438303022" },
        { "jsonb", "22P05", "017b2261223a225c7530303030227d" },
        { "jsonb", "22021", "0122ff22 01220022" },
        { "jsonb", "22003", "01203165343030303030 01203165313331303733" },
        { "json", "22P02", "- 7b" },
        { "json", "22021", "22ff22 22610022" },
        { "interval", "08P01", "- 000000000000000000000000" },
        { "interval", "22P03", "0000000000000000000000000000000078" },
        { "timestamp", "08P01", "- 31323334353637" },
        { "timestamp", "22008", "7ffffffffffffffe 8000000000000001 7fffff5bb3b2a000 fd0f7cc1411f9fff" },
        { "timestamp", "22P03", "313233343536373839" },
        { "date", "08P01", "- 313233" },
        { "date", "22008", "7ffffffe 7fda970d ffda97a6" },
        { "time", "08P01", "-" },
        { "time", "22008", "000000141dd76001 ffffffffffffffff" },
        { "timetz", "08P01", "-" },
        { "timetz", "22009", "0000000000000000000186a0 00000000000000000000e100" },
        { "timetz", "22008", "ffffffffffffffff00000000 000000141dd7600100000000" },
        { "uuid", "08P01", "- 000000000000000000000000000000" },
        { "uuid", "22P03", "0000000000000000000000000000000000" },
        { "bit", "08P01", "- 00000009ff" },
        { "bit", "22P03", "ffffffff 00000001ffff 7fffffffff" },
        { "varbit", "08P01", "- 00000009ff" },
        { "varbit", "22P03", "ffffffff 7fffffffff" },
        { "bool", "08P01", "-" },
        { "bool", "22P03", "0000" },
        { "int2", "08P01", "- 00" },
        { "int2", "22P03", "000000" },
        { "int4", "08P01", "- 000000" },
        { "int4", "22P03", "0000000178" },
        { "int8", "08P01", "- 31323334353637" },
        { "float4", "08P01", "- 313233" },
        { "float4", "22P03", "3132333435" },
        { "float8", "08P01", "- 31323334353637" },
        { "text", "22021", "ff 610062 c328 eda080 f4908080 c080" },
        { "bpchar", "22021", "ff" },
        { "\"char\"", "08P01", "-" },
        { "\"char\"", "22P03", "6162" },
        { "name", "42622", "61616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161" },
        { "name", "22021", "ff" },
        { "oid", "08P01", "- 313233" },
    };

    [Theory, MemberData(nameof(Malformed))]
    public async Task A_malformed_value_gets_the_code_that_postgresql_gives(string type, string state, string values)
    {
        await using RawClient client = await RawClient.ConnectAsync(node.Server.Port);
        foreach (string value in values.Split(' '))
        {
            string answer = await AskAsync(client, type, Convert.FromHexString(value.Trim('-')));
            Assert.True(answer == $"parsed | ERROR {state} | ready I", $"{type} {value}: {answer}");
        }
        Assert.Equal("columns | row(1) | SELECT 1 | ready I", await client.AskAsync("SELECT 1"));
    }

    [Fact]
    public async Task Elements_of_types_without_a_fixed_number_are_taken_under_any()
    {
        byte[] one = [.. RawClient.Int32(1), .. RawClient.Int32(0), .. RawClient.Int32(20_000), .. RawClient.Int32(1),
            .. RawClient.Int32(1), .. RawClient.Int32(8), 0, 1, 0, 0, 0x3f, 0x80, 0, 0];
        await using RawClient client = await RawClient.ConnectAsync(node.Server.Port);
        Assert.Equal("parsed | bound | row({[1]}) | SELECT 1 | ready I", await AskAsync(client, "vector[]", one));
    }

    [Fact]
    public async Task Random_values_of_every_type_never_are_an_internal_error()
    {
        Random random = new(4);
        await using RawClient client = await RawClient.ConnectAsync(node.Server.Port);
        string[] types = [.. Malformed.Select(static row => (string)row[0]).Distinct()];
        for (int round = 0; round < 2_000; round++)
        {
            string type = types[round % types.Length];
            byte[] value = new byte[random.Next(40)];
            if (round % 3 != 0)
                random.NextBytes(value);
            for (int i = 0; i < value.Length && round % 3 == 1; i++)
                value[i] = (byte)(i % 4 == 3 ? random.Next(6) : 0); // small numbers: they get further
            string answer = await AskAsync(client, type, value);
            Assert.True(answer.EndsWith("ready I", StringComparison.Ordinal)
                && !answer.Contains("XX0", StringComparison.Ordinal), $"{type} {Convert.ToHexString(value)}: {answer}");
        }
    }

    /// <summary>Sends a value in binary and has it back as text.</summary>
    private static Task<string> AskAsync(RawClient client, string type, byte[] value) => client
        .Parse("", $"SELECT $1::{type}")
        .Add('B', [0, 0, 0, 1, 0, 1, 0, 1, .. RawClient.Int32(value.Length), .. value, 0, 0])
        .Execute("").Sync().ExchangeAsync();
}
