using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VecSQL.Ml.Models;

namespace VecSQL.Ml.Native;

/// <summary>ONNX Runtime, loaded: opens models.</summary>
/// <remarks>A process has one environment of ONNX Runtime, so the library that was loaded first stays to its end.
/// Threads: any.</remarks>
internal sealed unsafe class OrtRuntime
{
    private const int LogFatal = 4; // statuses carry the texts; the library's own log would go to the terminal
    private const int OptimizeAll = 99;

    private static readonly Lock Gate = new();
    private static OrtRuntime? s_loaded;

    private readonly nint _environment;

    private OrtRuntime(OrtApi api, string version)
    {
        Api = api;
        Version = version;
        nint made;
        fixed (byte* name = "vecsql\0"u8)
            Check(api.CreateEnvironment(LogFatal, name, &made));
        _environment = made;
        Check(api.DisableTelemetry(made));
        Providers = ReadProviders();
        nint allocator;
        Check(api.GetAllocator(&allocator));
        Allocator = allocator;
    }

    internal OrtApi Api { get; }

    internal string Version { get; }

    /// <summary>What the library was built to run models on.</summary>
    internal ImmutableArray<string> Providers { get; }

    /// <summary>The library's own, for what it hands out to be freed.</summary>
    internal nint Allocator { get; }

    internal bool HasCuda => Providers.Contains("CUDAExecutionProvider");

    /// <summary>The process's runtime; loads it if it is not.</summary>
    /// <param name="setting">A path to the library; empty for the other places (see <see cref="OrtLibrary"/>).</param>
    /// <exception cref="ModelException">It is not to be found, or is no ONNX Runtime of version 1.16 or later.</exception>
    internal static OrtRuntime Load(string setting)
    {
        lock (Gate)
            return s_loaded ??= Open(OrtLibrary.Load(setting, out string path), path);
    }

    /// <summary>Sets up a library that was loaded.</summary>
    /// <param name="table">Of its functions, see <see cref="OrtApi"/>.</param>
    /// <exception cref="ModelException">It cannot be: it, or what it needs, is not as it should be.</exception>
    internal static OrtRuntime Start(nint table, string version, string path)
    {
        try
        {
            return new OrtRuntime(new OrtApi((void**)table), version);
        }
        catch (OrtException problem)
        {
            throw new ModelException(ModelFault.RuntimeMissing,
                $"ONNX Runtime {version} of \"{path}\" cannot be set up: {problem.Message}", path, inner: problem);
        }
    }

    /// <summary>Reads a model from its file's bytes and makes it ready to run.</summary>
    /// <exception cref="OrtException">The bytes are no model, or the device cannot run it.</exception>
    internal OrtSession OpenSession(ReadOnlySpan<byte> model, OrtSessionOptions options)
    {
        nint made;
        Check(Api.CreateSessionOptions(&made));
        using OrtHandle settings = new(made, Api.ReleaseSessionOptions);
        Check(Api.SetOptimization(made, OptimizeAll));
        Check(Api.SetThreadsWithin(made, options.Threads));
        Check(Api.SetThreadsBetween(made, 1));
        // Batches differ in shape: a plan of memory for the last one gains nothing, and an arena would keep what the
        // largest took for ever (measured: no slower without).
        Check(Api.DisableMemoryPattern(made));
        Check(Api.DisableArena(made));
        // Threads that wait by spinning take the processors from queries: twice the processor time for a text alone.
        SetOption(made, "session.intra_op.allow_spinning\0"u8, "0\0"u8);
        // Files of the library's own format would be taken, too, and what they name not be looked for.
        SetOption(made, "session.load_model_format\0"u8, "ONNX\0"u8);
        if (options.IsCuda)
            AddCuda(made);
        nint session;
        fixed (byte* bytes = model)
            Check(Api.CreateSessionFromArray(_environment, bytes, (nuint)model.Length, made, &session));
        return new OrtSession(this, new OrtHandle(session, Api.ReleaseSession));
    }

    /// <exception cref="OrtException">The status is an error.</exception>
    internal void Check(nint status)
    {
        if (status == 0)
            return;
        string message = Marshal.PtrToStringUTF8((nint)Api.GetErrorMessage(status)) ?? "unknown error";
        Api.ReleaseStatus(status);
        throw new OrtException(message);
    }

    private static OrtRuntime Open(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint entry))
            throw new ModelException(ModelFault.RuntimeMissing, $"\"{path}\" is no library of ONNX Runtime", path);
        void** found = ((delegate* unmanaged<void**>)entry)();
        var getApi = (delegate* unmanaged<uint, void**>)found[0];
        string version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)found[1])()) ?? "";
        void** table = getApi(OrtApi.Version);
        if (table is null)
            throw new ModelException(ModelFault.RuntimeMissing,
                $"\"{path}\" is ONNX Runtime {version}; version 1.{OrtApi.Version} or later is needed", path);
        return Start((nint)table, version, path);
    }

    /// <param name="name">With a zero behind it, as the value.</param>
    private void SetOption(nint options, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        fixed (byte* nameAt = name, valueAt = value)
            Check(Api.SetOption(options, nameAt, valueAt));
    }

    private void AddCuda(nint options)
    {
        nint made;
        Check(Api.CreateCudaOptions(&made));
        using OrtHandle cuda = new(made, Api.ReleaseCudaOptions);
        Check(Api.AddCuda(options, made));
    }

    private ImmutableArray<string> ReadProviders()
    {
        byte** names;
        int count;
        Check(Api.GetProviders(&names, &count));
        var providers = ImmutableArray.CreateBuilder<string>(count);
        for (int i = 0; i < count; i++)
            providers.Add(Marshal.PtrToStringUTF8((nint)names[i]) ?? "");
        Check(Api.ReleaseProviders(names, count));
        return providers.MoveToImmutable();
    }
}
