using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace VecSQL.Ml.Native;

/// <summary>A model that is ready to run.</summary>
/// <remarks>Threads: any number may run it at once; none when it is disposed.</remarks>
internal sealed unsafe class OrtSession : IDisposable
{
    private const int RankMax = 8;
    private const int DeviceAllocator = 0, DefaultMemory = 0;

    private readonly OrtRuntime _runtime;
    private readonly OrtApi _api;
    private readonly OrtHandle _session;
    private readonly OrtHandle _memory;

    internal OrtSession(OrtRuntime runtime, OrtHandle session)
    {
        (_runtime, _api, _session) = (runtime, runtime.Api, session);
        nint memory;
        try
        {
            _runtime.Check(_api.CreateProcessorMemoryInfo(DeviceAllocator, DefaultMemory, &memory));
            _memory = new OrtHandle(memory, _api.ReleaseMemoryInfo);
            Inputs = ReadPorts(_api.GetInputCount, _api.GetInputName, _api.GetInputType);
            Outputs = ReadPorts(_api.GetOutputCount, _api.GetOutputName, _api.GetOutputType);
        }
        catch
        {
            _memory?.Dispose();
            _session.Dispose();
            throw;
        }
    }

    internal ImmutableArray<OrtPort> Inputs { get; }

    internal ImmutableArray<OrtPort> Outputs { get; }

    public void Dispose()
    {
        _memory.Dispose();
        _session.Dispose();
    }

    /// <summary>Runs the model once.</summary>
    /// <param name="inputs">Each input's elements, as bytes, in the order of <paramref name="names"/>.</param>
    /// <param name="lengths">The shape that all inputs have.</param>
    /// <exception cref="OrtException">The model does not take such inputs, or fails on them.</exception>
    /// <exception cref="OperationCanceledException">Asked for before the last operation of the model had begun.</exception>
    internal OrtTensor Run(
        ReadOnlySpan<OrtPort> names, ReadOnlySpan<ReadOnlyMemory<byte>> inputs, ReadOnlySpan<long> lengths, OrtPort output,
        CancellationToken cancellation)
    {
        nint made;
        _runtime.Check(_api.CreateRunOptions(&made));
        using OrtHandle options = new(made, _api.ReleaseRunOptions);
        using CancellationTokenRegistration end = cancellation.UnsafeRegister(End, options);
        Span<nint> values = stackalloc nint[names.Length];
        Span<nint> texts = stackalloc nint[names.Length];
        var pins = new System.Buffers.MemoryHandle[names.Length];
        nint outputText = Marshal.StringToCoTaskMemUTF8(output.Name);
        values.Clear();
        texts.Clear();
        try
        {
            for (int i = 0; i < names.Length; i++)
            {
                pins[i] = inputs[i].Pin();
                texts[i] = Marshal.StringToCoTaskMemUTF8(names[i].Name);
                fixed (long* shape = lengths)
                fixed (nint* value = &values[i])
                    _runtime.Check(_api.CreateTensorOverData(_memory.Pointer, pins[i].Pointer, (nuint)inputs[i].Length,
                        shape, (nuint)lengths.Length, (int)names[i].Element, value));
            }
            nint result = 0;
            fixed (nint* valuesAt = values, textsAt = texts)
                _runtime.Check(_api.Run(_session.Pointer, made, (byte**)textsAt, valuesAt, (nuint)names.Length,
                    (byte**)&outputText, 1, &result));
            return ReadTensor(new OrtHandle(result, _api.ReleaseValue));
        }
        catch (OrtException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
        finally
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (values[i] != 0)
                    _api.ReleaseValue(values[i]);
                Marshal.FreeCoTaskMem(texts[i]);
                pins[i].Dispose();
            }
            Marshal.FreeCoTaskMem(outputText);
        }
    }

    private void End(object? options) => _runtime.Check(_api.EndRuns(((OrtHandle)options!).Pointer));

    private OrtTensor ReadTensor(OrtHandle value)
    {
        try
        {
            nint made;
            _runtime.Check(_api.GetTensorInfo(value.Pointer, &made));
            using OrtHandle info = new(made, _api.ReleaseTensorInfo);
            (OrtElement element, ImmutableArray<long> lengths) = ReadInfo(made);
            void* data;
            _runtime.Check(_api.GetTensorData(value.Pointer, &data));
            return new OrtTensor(value, element, lengths, (nint)data);
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private ImmutableArray<OrtPort> ReadPorts(
        delegate* unmanaged<nint, nuint*, nint> count,
        delegate* unmanaged<nint, nuint, nint, byte**, nint> name,
        delegate* unmanaged<nint, nuint, nint*, nint> type)
    {
        nuint total;
        _runtime.Check(count(_session.Pointer, &total));
        var ports = ImmutableArray.CreateBuilder<OrtPort>((int)total);
        for (nuint i = 0; i < total; i++)
        {
            byte* text;
            _runtime.Check(name(_session.Pointer, i, _runtime.Allocator, &text));
            string port = Marshal.PtrToStringUTF8((nint)text) ?? "";
            _runtime.Check(_api.Free(_runtime.Allocator, text));
            nint made, info;
            _runtime.Check(type(_session.Pointer, i, &made));
            using OrtHandle held = new(made, _api.ReleaseTypeInfo);
            _runtime.Check(_api.AsTensorInfo(made, &info)); // part of what holds it; null where it is no tensor
            (OrtElement element, ImmutableArray<long> lengths) = info == 0 ? (0, []) : ReadInfo(info);
            ports.Add(new OrtPort(port, element, lengths));
        }
        return ports.MoveToImmutable();
    }

    private (OrtElement Element, ImmutableArray<long> Lengths) ReadInfo(nint info)
    {
        int element;
        nuint rank;
        _runtime.Check(_api.GetElementType(info, &element));
        _runtime.Check(_api.GetRank(info, &rank));
        if (rank > RankMax)
            throw new OrtException($"a tensor of {rank} dimensions; at most {RankMax} are supported");
        Span<long> lengths = stackalloc long[(int)rank];
        fixed (long* at = lengths)
            _runtime.Check(_api.GetLengths(info, at, rank));
        return ((OrtElement)element, [.. lengths]);
    }
}
