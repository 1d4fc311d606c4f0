using System.Buffers.Binary;
using System.Text;
using VecSQL.Catalog.Formats;
using VecSQL.Catalog.Types;
using VecSQL.Columnar.Columns;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Wire.Messages;

namespace VecSQL.Wire.Tests;

/// <summary>Reading the bodies of frontend messages.</summary>
public sealed class MessageTests
{
    private static readonly PreparedStatementInfo TwoParameters = new("s", [SqlType.Int4, SqlType.Text], null);

    [Fact]
    public void Startup_options_are_read_in_order()
    {
        StartupMessage message = StartupMessage.Read(Bytes(196608, "user\0alice\0database\0d\0application_name\0x\0\0"));
        Assert.Equal(StartupKind.Session, message.Kind);
        Assert.Equal(["user", "database", "application_name"], message.Options.Select(option => option.Key));
        Assert.Equal("alice", message.Options[0].Value);
    }

    [Fact]
    public void Protocol_3_2_and_unknown_protocol_options_are_noted_for_negotiation()
    {
        StartupMessage message = StartupMessage.Read(Bytes((3 << 16) | 2, "user\0a\0_pq_.compress\0on\0\0"));
        Assert.Equal(2, message.MinorVersion);
        Assert.Equal(["_pq_.compress"], message.UnknownProtocolOptions);
    }

    [Theory]
    [InlineData(2 << 16)]
    [InlineData(4 << 16)]
    public void Other_protocol_versions_are_refused(int code)
    {
        SqlException error = Assert.Throws<SqlException>(() => StartupMessage.Read(Bytes(code, "user\0a\0\0")));
        Assert.Equal(SqlState.FeatureNotSupported, error.State);
    }

    [Fact]
    public void Bind_reads_text_and_binary_parameters_and_nulls()
    {
        BindMessage message = ReadBind([
            .. "p\0s\0"u8, 0, 2, 0, 1, 0, 0, 0, 2, .. Int32(4), .. Int32(7), .. Int32(-1), 0, 1, 0, 1]);
        Assert.Equal("p", message.Portal);
        Assert.Equal(7, ((FixedColumn<int>)message.Parameters[0])[0]);
        Assert.True(message.Parameters[0].IsConstant);
        Assert.True(message.Parameters[1].IsNull(0));
        Assert.Equal([1], message.ResultFormats);
    }

    [Fact]
    public void Bind_refuses_a_wrong_number_of_parameters()
    {
        SqlException error = Assert.Throws<SqlException>(() => ReadBind([.. "\0s\0"u8, 0, 0, 0, 1, .. Int32(-1), 0, 0]));
        Assert.Equal(SqlState.ProtocolViolation, error.State);
        Assert.Contains("requires 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_binary_value_names_its_parameter()
    {
        SqlException error = Assert.Throws<SqlException>(() => ReadBind([
            .. "\0s\0"u8, 0, 1, 0, 1, 0, 2, .. Int32(5), 1, 2, 3, 4, 5, .. Int32(-1), 0, 0]));
        Assert.Equal(SqlState.InvalidBinaryRepresentation, error.State);
        Assert.Contains("bind parameter 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Strings_that_are_not_UTF8_are_refused_with_their_bytes()
    {
        SqlException error = Assert.Throws<SqlException>(() => new MessageReader([0x61, 0xff, 0]).ReadCString());
        Assert.Equal(SqlState.CharacterNotInRepertoire, error.State);
        Assert.Equal("invalid byte sequence for encoding \"UTF8\": 0xff", error.Message);
    }

    [Fact]
    public void Random_bodies_give_values_or_errors_of_the_protocol_and_nothing_else()
    {
        Random random = new(11);
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] body = new byte[random.Next(0, 48)];
            random.NextBytes(body);
            for (int i = 0; i < body.Length; i++)
            {
                if (random.Next(3) > 0)
                    body[i] = (byte)random.Next(0, 3);
            }
            refused += IsRefused(() => ReadBind(body)) ? 1 : 0;
            refused += IsRefused(() => StartupMessage.Read(body)) ? 1 : 0;
        }
        Assert.True(refused > 1000, $"only {refused} refused");
    }

    private static bool IsRefused(Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (Exception error) when (error is ProtocolException or SqlException)
        {
            return true;
        }
    }

    private static BindMessage ReadBind(ReadOnlySpan<byte> bytes)
    {
        MessageReader body = new(bytes);
        return BindMessage.Read(ref body, _ => TwoParameters, FormatContext.Default);
    }

    private static byte[] Int32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Bytes(int code, string rest) => [.. Int32(code), .. Encoding.UTF8.GetBytes(rest)];
}
