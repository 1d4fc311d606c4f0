using VecSQL.Core.Errors;
using VecSQL.Engine.Files;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Tests.Files;

public sealed class ServerFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vecsql-files-").FullName;

    private string Root => Path.Combine(_directory, "root");

    public ServerFilesTests() => Directory.CreateDirectory(Path.Combine(Root, "models"));

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("models/a.onnx")]
    [InlineData("file:models/a.onnx")]
    [InlineData("FILE:models/../models/a.onnx")]
    [InlineData("{root}/models/a.onnx")]
    [InlineData("file://{root}/models/a.onnx")]
    public void Names_beneath_the_root_are_found(string name)
    {
        string path = Path.Combine(Root, "models", "a.onnx");
        File.WriteAllText(path, "x");
        ServerFiles files = new(RealFileSystem.Instance, Root);
        Assert.Equal(RealPath.Of(path), files.ResolveExisting(name.Replace("{root}", Root, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../rootless")]
    [InlineData("models/../../x")]
    [InlineData("file:/etc/passwd")]
    [InlineData(".")]
    public void Names_that_lead_out_are_refused(string name)
    {
        ServerFiles files = new(RealFileSystem.Instance, Root);
        Assert.Equal(SqlState.InsufficientPrivilege, Assert.Throws<SqlException>(() => files.Resolve(name)).State);
    }

    [Fact]
    public void Links_that_lead_out_are_refused_and_others_followed()
    {
        Directory.CreateDirectory(Path.Combine(_directory, "outside"));
        File.CreateSymbolicLink(Path.Combine(Root, "out"), Path.Combine("..", "outside"));
        File.CreateSymbolicLink(Path.Combine(Root, "in"), "models");
        File.CreateSymbolicLink(Path.Combine(Root, "circle"), "circle");
        ServerFiles files = new(RealFileSystem.Instance, Root);
        Assert.Equal(SqlState.InsufficientPrivilege, Assert.Throws<SqlException>(() => files.Resolve("out/x")).State);
        Assert.EndsWith("/models/x", files.Resolve("in/x"), StringComparison.Ordinal);
        Assert.Throws<FileFaultException>(() => files.Resolve("circle/x"));
    }

    [Fact]
    public void A_pipe_is_refused_before_anybody_waits_for_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(Root, "pipe")))
            made.WaitForExit();
        ServerFiles files = new(RealFileSystem.Instance, Root);
        Assert.Equal(SqlState.WrongObjectType, Assert.Throws<SqlException>(() => files.ResolveExisting("pipe")).State);
    }

    [Fact]
    public void Without_a_root_there_are_no_files()
    {
        SqlException refused = Assert.Throws<SqlException>(() => new ServerFiles(RealFileSystem.Instance, null).Resolve("a"));
        Assert.Equal(SqlState.InsufficientPrivilege, refused.State);
        Assert.Contains("file_root", refused.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_there_is_said()
    {
        ServerFiles files = new(RealFileSystem.Instance, Root);
        Assert.Equal(SqlState.UndefinedFile, Assert.Throws<SqlException>(() => files.ResolveExisting("absent")).State);
        Assert.Equal(SqlState.WrongObjectType, Assert.Throws<SqlException>(() => files.ResolveExisting("models")).State);
        Assert.Equal(SqlState.WrongObjectType, Assert.Throws<SqlException>(() => files.ResolveTarget("models")).State);
        Assert.Equal(SqlState.InvalidParameterValue, Assert.Throws<SqlException>(() => files.Resolve("file:")).State);
    }
}
