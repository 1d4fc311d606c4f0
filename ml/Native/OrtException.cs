namespace VecSQL.Ml.Native;

/// <summary>What ONNX Runtime says when a call fails.</summary>
internal sealed class OrtException(string message) : Exception(message);
