using VecSQL.Ml.Models;
using VecSQL.Ml.Native;

namespace VecSQL.Ml.Tests.Models;

/// <summary>A library of ONNX Runtime that is not there, or is none.</summary>
public sealed class RuntimeLibraryTests
{
    [Fact]
    public void A_missing_library_is_said_with_all_places_where_it_is_looked_for()
    {
        ModelException problem = Assert.Throws<ModelException>(() => OrtLibrary.Load("/nowhere/libonnxruntime.so", out _));
        Assert.Equal(ModelFault.RuntimeMissing, problem.Fault);
        Assert.Contains("/nowhere/libonnxruntime.so", problem.Message, StringComparison.Ordinal);
        Assert.NotNull(problem.Hint);
        foreach (string place in (string[])
            ["setting onnxruntime", "VECSQL_ONNXRUNTIME", AppContext.BaseDirectory, "ml/get-onnxruntime"])
            Assert.Contains(place, problem.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_library_is_said_to_be_none()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "no library");
        ModelException problem = Assert.Throws<ModelException>(() => OrtLibrary.Load(file, out _));
        File.Delete(file);
        Assert.Equal(ModelFault.RuntimeMissing, problem.Fault);
        Assert.Contains("cannot be loaded", problem.Message, StringComparison.Ordinal);
    }
}
