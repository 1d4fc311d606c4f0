using System.Runtime.InteropServices;

namespace VecSQL.Ml.Native;

/// <summary>Something that ONNX Runtime made and that one function of its API releases.</summary>
internal sealed unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> _release;

    internal OrtHandle(nint made, delegate* unmanaged<nint, void> release)
        : base(0, ownsHandle: true)
    {
        _release = release;
        SetHandle(made);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Valid while the handle is; the caller keeps it alive.</summary>
    internal nint Pointer => handle;

    protected override bool ReleaseHandle()
    {
        _release(handle);
        return true;
    }
}
