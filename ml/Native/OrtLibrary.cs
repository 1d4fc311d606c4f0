using System.Runtime.InteropServices;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Native;

/// <summary>Where ONNX Runtime's library lies.</summary>
/// <remarks>
/// Order: the path that a setting names; the environment's VECSQL_ONNXRUNTIME; beside the program; the user's data
/// folder, where <c>ml/get-onnxruntime</c> puts it. A path that is named must be right: the next place is not asked.
/// </remarks>
internal static class OrtLibrary
{
    internal const string EnvironmentName = "VECSQL_ONNXRUNTIME";

    internal static string FileName => OperatingSystem.IsWindows() ? "onnxruntime.dll"
        : OperatingSystem.IsMacOS() ? "libonnxruntime.1.dylib"
        : "libonnxruntime.so.1";

    /// <exception cref="ModelException">There is none, or it cannot be loaded.</exception>
    internal static nint Load(string setting, out string path)
    {
        string? named = setting.Length > 0 ? setting : Environment.GetEnvironmentVariable(EnvironmentName);
        string[] candidates = string.IsNullOrEmpty(named)
            ? [Path.Combine(AppContext.BaseDirectory, FileName), Path.Combine(DataFolder, FileName)]
            : [named, Path.Combine(named, FileName)];
        string problem = "";
        foreach (string candidate in candidates)
        {
            path = candidate;
            if (NativeLibrary.TryLoad(candidate, out nint library))
                return library;
            problem = ProblemOf(candidate) ?? problem;
        }
        string subject = string.IsNullOrEmpty(named) ? "the library of ONNX Runtime is not to be found"
            : $"the library of ONNX Runtime cannot be loaded from \"{named}\"";
        throw new ModelException(ModelFault.RuntimeMissing, problem.Length > 0 ? $"{subject}: {problem}" : subject, named,
            $"It is looked for where the node's setting onnxruntime says, then where the environment's {EnvironmentName} says, "
            + $"as \"{FileName}\" beside the program (\"{AppContext.BaseDirectory}\"), and in \"{DataFolder}\", where the "
            + "script ml/get-onnxruntime puts it.");
    }

    /// <summary>As the XDG base directory specification has it; on Windows, in the local application data.</summary>
    private static string DataFolder => Path.Combine(
        OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } folder ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "share"),
        "vecsql", "onnxruntime");

    /// <summary>What the system says of a file that is there but cannot be loaded; null where it is not there.</summary>
    private static string? ProblemOf(string path)
    {
        if (!Path.Exists(path) || Directory.Exists(path))
            return null;
        try
        {
            NativeLibrary.Free(NativeLibrary.Load(path));
            return null;
        }
        catch (Exception problem) when (problem is DllNotFoundException or BadImageFormatException)
        {
            return problem.Message;
        }
    }
}
