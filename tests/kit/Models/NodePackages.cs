using System.Runtime.InteropServices;

namespace VecSQL.Kit.Models;

/// <summary>Packages of npm that the test command installs.</summary>
public static class NodePackages
{
    /// <summary>Where packages lie; a script's NODE_PATH.</summary>
    public static string Folder { get; } = Path.Combine(Programs.RepositoryRoot, "build", "node", "node_modules");

    /// <summary>ONNX Runtime's library; null where it is not to be had.</summary>
    public static string? OnnxRuntime { get; } = FindOnnxRuntime();

    /// <summary>Why tests that need packages cannot run; null where they can.</summary>
    public static string? ReasonWithout(params string[] packages)
    {
        if (!HasNode)
            return "node is not on this machine";
        string[] missing = [.. packages.Where(package => !Directory.Exists(Path.Combine(Folder, package)))];
        return missing.Length == 0 ? null : $"{string.Join(", ", missing)} is not in build/node; ./test installs it";
    }

    /// <summary>Runs a script.</summary>
    public static Task<ProgramResult> RunAsync(string script, params string[] arguments) =>
        Programs.RunAsync("node", [script, .. arguments], environment: new Dictionary<string, string> { ["NODE_PATH"] = Folder });

    private static bool HasNode { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "node")));

    private static string? FindOnnxRuntime()
    {
        string architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";
        string package = Path.Combine(Folder, "onnxruntime-node", "bin");
        return !OperatingSystem.IsLinux() || !Directory.Exists(package) ? null
            : Directory.EnumerateFiles(package, "libonnxruntime.so.1", SearchOption.AllDirectories)
                .FirstOrDefault(path => path.Contains($"linux/{architecture}/", StringComparison.Ordinal));
    }
}
