namespace VecSQL.Ml.Native;

/// <summary>Types of tensors' elements that are used, by the numbers that ONNX gives them.</summary>
internal enum OrtElement
{
    Float32 = 1,
    Int32 = 6,
    Int64 = 7,
    Float16 = 10,
}
