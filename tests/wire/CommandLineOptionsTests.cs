using VecSQL.Core.Errors;
using VecSQL.Wire.Messages;

namespace VecSQL.Wire.Tests;

public sealed class CommandLineOptionsTests
{
    [Theory]
    [InlineData("-c a=b", "a=b")]
    [InlineData("  -ca=b\t--c.d=e=f ", "a=b c.d=e=f")]
    [InlineData(@"-c search_path=a,\ b", "search_path=a, b")]
    [InlineData(@"--statement-timeout=5\\s", @"statement_timeout=5\s")]
    [InlineData("", "")]
    public void Switches_are_settings(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', CommandLineOptions.Read(text).Select(pair => $"{pair.Key}={pair.Value}")));

    [Theory]
    [InlineData("-c")]
    [InlineData("-c a")]
    [InlineData("--a")]
    [InlineData("-F")]
    [InlineData("word")]
    public void What_is_no_setting_is_refused(string text) =>
        Assert.Equal(SqlState.SyntaxError, Assert.Throws<SqlException>(() => CommandLineOptions.Read(text)).State);
}
