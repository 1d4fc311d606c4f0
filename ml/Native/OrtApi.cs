namespace VecSQL.Ml.Native;

/// <summary>The functions of ONNX Runtime's C API that are used, by their place in its table.</summary>
/// <remarks>
/// Layout: the table is an array of function pointers. Releases only append to it, so a place stays what it is.
/// Source: onnxruntime_c_api.h, struct OrtApi. Every function that can fail returns a status, or null for success.
/// </remarks>
internal sealed unsafe class OrtApi(void** table)
{
    /// <summary>The lowest version of the API that has every function used here.</summary>
    internal const uint Version = 16;

    internal readonly delegate* unmanaged<nint, byte*> GetErrorMessage = (delegate* unmanaged<nint, byte*>)table[2];

    internal readonly delegate* unmanaged<int, byte*, nint*, nint> CreateEnvironment =
        (delegate* unmanaged<int, byte*, nint*, nint>)table[3];

    internal readonly delegate* unmanaged<nint, nint> DisableTelemetry = (delegate* unmanaged<nint, nint>)table[6];

    internal readonly delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray =
        (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)table[8];

    internal readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run =
        (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)table[9];

    internal readonly delegate* unmanaged<nint*, nint> CreateSessionOptions =
        (delegate* unmanaged<nint*, nint>)table[10];

    internal readonly delegate* unmanaged<nint, nint> DisableMemoryPattern = (delegate* unmanaged<nint, nint>)table[17];

    internal readonly delegate* unmanaged<nint, nint> DisableArena = (delegate* unmanaged<nint, nint>)table[19];

    internal readonly delegate* unmanaged<nint, int, nint> SetOptimization =
        (delegate* unmanaged<nint, int, nint>)table[23];

    internal readonly delegate* unmanaged<nint, int, nint> SetThreadsWithin =
        (delegate* unmanaged<nint, int, nint>)table[24];

    internal readonly delegate* unmanaged<nint, int, nint> SetThreadsBetween =
        (delegate* unmanaged<nint, int, nint>)table[25];

    internal readonly delegate* unmanaged<nint, nuint*, nint> GetInputCount =
        (delegate* unmanaged<nint, nuint*, nint>)table[30];

    internal readonly delegate* unmanaged<nint, nuint*, nint> GetOutputCount =
        (delegate* unmanaged<nint, nuint*, nint>)table[31];

    internal readonly delegate* unmanaged<nint, nuint, nint*, nint> GetInputType =
        (delegate* unmanaged<nint, nuint, nint*, nint>)table[33];

    internal readonly delegate* unmanaged<nint, nuint, nint*, nint> GetOutputType =
        (delegate* unmanaged<nint, nuint, nint*, nint>)table[34];

    internal readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> GetInputName =
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)table[36];

    internal readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> GetOutputName =
        (delegate* unmanaged<nint, nuint, nint, byte**, nint>)table[37];

    internal readonly delegate* unmanaged<nint*, nint> CreateRunOptions = (delegate* unmanaged<nint*, nint>)table[39];

    internal readonly delegate* unmanaged<nint, nint> EndRuns = (delegate* unmanaged<nint, nint>)table[46];

    internal readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorOverData =
        (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)table[49];

    internal readonly delegate* unmanaged<nint, void**, nint> GetTensorData =
        (delegate* unmanaged<nint, void**, nint>)table[51];

    internal readonly delegate* unmanaged<nint, nint*, nint> AsTensorInfo =
        (delegate* unmanaged<nint, nint*, nint>)table[55];

    internal readonly delegate* unmanaged<nint, int*, nint> GetElementType =
        (delegate* unmanaged<nint, int*, nint>)table[60];

    internal readonly delegate* unmanaged<nint, nuint*, nint> GetRank = (delegate* unmanaged<nint, nuint*, nint>)table[61];

    internal readonly delegate* unmanaged<nint, long*, nuint, nint> GetLengths =
        (delegate* unmanaged<nint, long*, nuint, nint>)table[62];

    internal readonly delegate* unmanaged<nint, nint*, nint> GetTensorInfo =
        (delegate* unmanaged<nint, nint*, nint>)table[65];

    internal readonly delegate* unmanaged<int, int, nint*, nint> CreateProcessorMemoryInfo =
        (delegate* unmanaged<int, int, nint*, nint>)table[69];

    internal readonly delegate* unmanaged<nint, void*, nint> Free = (delegate* unmanaged<nint, void*, nint>)table[76];

    internal readonly delegate* unmanaged<nint*, nint> GetAllocator = (delegate* unmanaged<nint*, nint>)table[78];

    internal readonly delegate* unmanaged<nint, void> ReleaseStatus = (delegate* unmanaged<nint, void>)table[93];

    internal readonly delegate* unmanaged<nint, void> ReleaseMemoryInfo = (delegate* unmanaged<nint, void>)table[94];

    internal readonly delegate* unmanaged<nint, void> ReleaseSession = (delegate* unmanaged<nint, void>)table[95];

    internal readonly delegate* unmanaged<nint, void> ReleaseValue = (delegate* unmanaged<nint, void>)table[96];

    internal readonly delegate* unmanaged<nint, void> ReleaseRunOptions =
        (delegate* unmanaged<nint, void>)table[97];

    internal readonly delegate* unmanaged<nint, void> ReleaseTypeInfo = (delegate* unmanaged<nint, void>)table[98];

    internal readonly delegate* unmanaged<nint, void> ReleaseTensorInfo = (delegate* unmanaged<nint, void>)table[99];

    internal readonly delegate* unmanaged<nint, void> ReleaseSessionOptions =
        (delegate* unmanaged<nint, void>)table[100];

    internal readonly delegate* unmanaged<byte***, int*, nint> GetProviders =
        (delegate* unmanaged<byte***, int*, nint>)table[125];

    internal readonly delegate* unmanaged<byte**, int, nint> ReleaseProviders =
        (delegate* unmanaged<byte**, int, nint>)table[126];

    internal readonly delegate* unmanaged<nint, byte*, byte*, nint> SetOption =
        (delegate* unmanaged<nint, byte*, byte*, nint>)table[130];

    internal readonly delegate* unmanaged<nint, nint, nint> AddCuda = (delegate* unmanaged<nint, nint, nint>)table[204];

    internal readonly delegate* unmanaged<nint*, nint> CreateCudaOptions = (delegate* unmanaged<nint*, nint>)table[205];

    internal readonly delegate* unmanaged<nint, void> ReleaseCudaOptions = (delegate* unmanaged<nint, void>)table[208];
}
