using VecSQL.Bench.Recall.Data;

namespace VecSQL.Bench.Tests.Recall;

public sealed class VectorFilesTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vecsql-files-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory, InlineData("fvecs"), InlineData("fbin")]
    public void Vectors_come_back_as_they_were(string kind)
    {
        string path = Path.Combine(_directory, $"a.{kind}");
        VectorSet vectors = new(3, [1, 2, 3, -4, float.Epsilon, 6]);
        VectorFiles.Write(path, vectors);
        Assert.Equal(vectors.Values, VectorFiles.ReadVectors(path).Values);
        Assert.Equal([1, 2, 3], VectorFiles.ReadVectors(path, countMax: 1).Values);
    }

    [Theory, InlineData("ivecs"), InlineData("ibin")]
    public void Numbers_of_rows_come_back_as_they_were(string kind)
    {
        string path = Path.Combine(_directory, $"a.{kind}");
        VectorFiles.Write(path, [[1, 2], [3, 4], [5, 6]]);
        Assert.Equal([[1, 2], [3, 4], [5, 6]], VectorFiles.ReadNumbers(path));
    }

    [Fact]
    public void The_layouts_are_those_that_others_read()
    {
        string path = Path.Combine(_directory, "a.fvecs");
        VectorFiles.Write(path, new VectorSet(1, [1f, 2f]));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0x80, 0x3f, 1, 0, 0, 0, 0, 0, 0, 0x40], File.ReadAllBytes(path));
        path = Path.Combine(_directory, "a.fbin");
        VectorFiles.Write(path, new VectorSet(1, [1f, 2f]));
        Assert.Equal([2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0x40], File.ReadAllBytes(path));
    }

    [Theory, InlineData("fvecs"), InlineData("fbin")]
    public void A_file_cut_short_is_refused(string kind)
    {
        string path = Path.Combine(_directory, $"a.{kind}");
        VectorFiles.Write(path, new VectorSet(3, [1, 2, 3, 4, 5, 6]));
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^1]);
        Assert.Throws<InvalidDataException>(() => VectorFiles.ReadVectors(path));
    }
}
