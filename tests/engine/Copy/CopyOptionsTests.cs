using VecSQL.Core.Errors;
using VecSQL.Engine.Copy;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Tests.Copy;

public sealed class CopyOptionsTests
{
    [Theory]
    [InlineData("to", "format=foo", "22023 COPY format \"foo\" not recognized")]
    [InlineData("to", "format=csv;format=text", "42601 conflicting or redundant options")]
    [InlineData("to", "foo=1", "42601 option \"foo\" not recognized")]
    [InlineData("to", "delimiter=ab", "0A000 COPY delimiter must be a single one-byte character")]
    [InlineData("to", "delimiter=", "0A000 COPY delimiter must be a single one-byte character")]
    [InlineData("to", "delimiter=é", "0A000 COPY delimiter must be a single one-byte character")]
    [InlineData("to", "delimiter=\n", "22023 COPY delimiter cannot be newline or carriage return")]
    [InlineData("to", "null=\n", "22023 COPY null representation cannot use newline or carriage return")]
    [InlineData("to", "delimiter=a", "22023 COPY delimiter cannot be \"a\"")]
    [InlineData("to", "format=binary;header", "0A000 cannot specify HEADER in BINARY mode")]
    [InlineData("to", "format=binary;delimiter=,", "42601 cannot specify DELIMITER in BINARY mode")]
    [InlineData("to", "format=binary;null=", "42601 cannot specify NULL in BINARY mode")]
    [InlineData("to", "quote=\"", "0A000 COPY quote available only in CSV mode")]
    [InlineData("to", "format=csv;quote=ab", "0A000 COPY quote must be a single one-byte character")]
    [InlineData("to", "format=csv;quote=,", "22023 COPY delimiter and quote must be different")]
    [InlineData("to", "escape=\"", "0A000 COPY escape available only in CSV mode")]
    [InlineData("to", "format=csv;escape=ab", "0A000 COPY escape must be a single one-byte character")]
    [InlineData("to", "force_quote=*", "0A000 COPY force quote available only in CSV mode")]
    [InlineData("from", "format=csv;force_quote=*", "0A000 COPY force quote only available using COPY TO")]
    [InlineData("to", "format=csv;force_not_null=(a)", "0A000 COPY force not null only available using COPY FROM")]
    [InlineData("from", "force_null=(a)", "0A000 COPY force null available only in CSV mode")]
    [InlineData("to", "format=csv;force_quote=(zz)", "42703 column \"zz\" of relation \"t\" does not exist")]
    [InlineData("from", "format=csv;force_not_null=(v)", "42P10 FORCE_NOT_NULL column \"v\" not referenced by COPY")]
    [InlineData("to", "format=csv;force_quote", "22023 argument to option \"force_quote\" must be a list of column names")]
    [InlineData("to", "delimiter=,;null=a,b", "0A000 COPY delimiter must not appear in the NULL specification")]
    [InlineData("to", "format=csv;null=a\"b", "0A000 CSV quote character must not appear in the NULL specification")]
    [InlineData("to", "encoding=foo", "22023 argument to option \"encoding\" must be a valid encoding name")]
    [InlineData("to", "encoding=latin1", "0A000 COPY with encoding \"latin1\" is not supported")]
    [InlineData("to", "header=match", "0A000 cannot use \"match\" with HEADER in COPY TO")]
    [InlineData("from", "header=foo", "42601 header requires a Boolean value or \"match\"")]
    [InlineData("from", "header=2", "42601 header requires a Boolean value or \"match\"")]
    [InlineData("to", "delimiter", "42601 delimiter requires a parameter")]
    [InlineData("from", "format=csv;header=match;delimiter=|;quote=';escape=\\;null=x;force_null=(b);encoding=UTF-8;freeze", "ok")]
    public void Options_are_checked_as_PostgreSQL_checks_them(string direction, string options, string expected)
    {
        string answer = "ok";
        try
        {
            CopyOptions.From([.. options.Split(';').Select(Make)], ["a", "b"], direction == "from", "t", ["a", "b", "v"]);
        }
        catch (SqlException error)
        {
            answer = $"{error.State} {error.Message}";
        }
        Assert.Equal(expected, answer);
    }

    [Fact]
    public void Defaults_follow_the_format()
    {
        CopyOptions text = CopyOptions.From([], ["a"], true, "t", ["a"]);
        CopyOptions csv = CopyOptions.From([Make("format=csv"), Make("quote='")], ["a"], true, "t", ["a"]);
        Assert.Equal((byte)'\t', text.Delimiter);
        Assert.Equal("\\N"u8.ToArray(), text.Null.ToArray());
        Assert.Equal(((byte)',', (byte)'\'', (byte)'\''), (csv.Delimiter, csv.Quote, csv.Escape));
        Assert.True(csv.Null.IsEmpty);
    }

    private static Option Make(string text)
    {
        int equals = text.IndexOf('=');
        if (equals < 0)
            return new Option(text, null, []);
        string name = text[..equals], value = text[(equals + 1)..];
        if (value == "*")
            return new Option(name, new StarExpression(null), []);
        if (value.StartsWith('(') && name.StartsWith("force", StringComparison.Ordinal))
            return new Option(name, null, [new ColumnReference(new QualifiedName([value[1..^1]]))]);
        return new Option(name, int.TryParse(value, out _) ? new IntegerLiteral(value) : new StringLiteral(value), []);
    }
}
