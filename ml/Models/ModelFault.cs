namespace VecSQL.Ml.Models;

/// <summary>Kinds of failure with a model.</summary>
public enum ModelFault
{
    /// <summary>ONNX Runtime's library is not to be found, or too old.</summary>
    RuntimeMissing,

    /// <summary>The device asked for is not there, or the library cannot use it.</summary>
    DeviceMissing,

    /// <summary>A file is not there or cannot be read.</summary>
    FileMissing,

    /// <summary>A file is no model, or no tokenizer.</summary>
    FileInvalid,

    /// <summary>A file is not the one that was registered: its checksum differs.</summary>
    FileChanged,

    /// <summary>The file asks for what is not supported.</summary>
    Unsupported,

    /// <summary>Model, tokenizer and what was said about them do not fit together.</summary>
    Mismatch,

    /// <summary>The model was loaded, but failed on a text.</summary>
    RunFailed,
}
