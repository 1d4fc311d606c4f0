using System.Runtime.InteropServices;
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

    [Fact]
    public void A_library_that_cannot_be_set_up_is_said_to_be_so()
    {
        nint message = Marshal.StringToCoTaskMemUTF8("no threads are left");
        Status fail = static (_, _, _) => 1;
        Message tell = _ => message;
        Release release = static _ => { };
        nint[] functions = new nint[300];
        (functions[2], functions[3]) = (Marshal.GetFunctionPointerForDelegate(tell), Marshal.GetFunctionPointerForDelegate(fail));
        functions[93] = Marshal.GetFunctionPointerForDelegate(release);
        nint table = Marshal.AllocCoTaskMem(functions.Length * nint.Size);
        Marshal.Copy(functions, 0, table, functions.Length);
        ModelException problem = Assert.Throws<ModelException>(() => OrtRuntime.Start(table, "1.99", "/here/libonnxruntime.so"));
        Assert.Equal((ModelFault.RuntimeMissing, "ONNX Runtime 1.99 of \"/here/libonnxruntime.so\" cannot be set up: no threads are left"),
            (problem.Fault, problem.Message));
        GC.KeepAlive((fail, tell, release));
        Marshal.FreeCoTaskMem(table);
        Marshal.FreeCoTaskMem(message);
    }

    private delegate nint Status(int level, nint name, nint made);

    private delegate nint Message(nint status);

    private delegate void Release(nint status);
}
