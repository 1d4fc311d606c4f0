namespace VecSQL.Columnar.Ipc;

/// <summary>What a reader takes from outside at most.</summary>
/// <param name="DecodedBytesMax">Bytes that the buffers of one message may have together once they are decompressed.</param>
public sealed record IpcLimits(long DecodedBytesMax = 1L << 30)
{
    /// <summary>Fields of a schema, those within others among them; and entries of its metadata.</summary>
    public const int FieldsMax = 10_000;

    /// <summary>How deep types are nested.</summary>
    public const int DepthMax = 32;

    /// <summary>Bytes of all names and metadata of a schema.</summary>
    public const int SchemaTextMax = 1 << 24;

    /// <summary>Rows of a record batch, and of columns within columns that take no bytes.</summary>
    public const int RowsMax = 1 << 24;

    /// <summary>Elements of a fixed-size list.</summary>
    public const int ListSizeMax = 1 << 20;

    /// <summary>Bytes of a value of fixed size.</summary>
    public const int FixedBytesMax = 1 << 24;

    /// <summary>Bytes of a message's metadata.</summary>
    public const int MetadataBytesMax = 1 << 26;

    /// <summary>Bytes of a message's body, and of one buffer.</summary>
    public const int BodyBytesMax = 1 << 30;

    public static readonly IpcLimits Default = new();
}
