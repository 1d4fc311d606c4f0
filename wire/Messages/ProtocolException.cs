namespace VecSQL.Wire.Messages;

/// <summary>The client broke the protocol: the connection ends with a FATAL error (08P01).</summary>
internal sealed class ProtocolException(string message) : Exception(message);
