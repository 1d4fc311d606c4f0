namespace VecSQL.Ml.Tokenizers;

/// <summary>Room that is used again.</summary>
internal interface IScratch
{
    /// <summary>How many chars it has room for.</summary>
    int Capacity { get; }

    void Clear();
}
