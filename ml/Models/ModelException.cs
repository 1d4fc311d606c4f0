namespace VecSQL.Ml.Models;

/// <summary>A model cannot be loaded or run.</summary>
public sealed class ModelException(
    ModelFault fault, string message, string? file = null, string? hint = null, Exception? inner = null)
    : Exception(message, inner)
{
    public ModelFault Fault { get; } = fault;

    /// <summary>The file it is about; null where it is about none.</summary>
    public string? File { get; } = file;

    /// <summary>What can be done about it; null where that is plain.</summary>
    public string? Hint { get; } = hint;
}
