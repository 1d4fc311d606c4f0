using System.Collections.Immutable;
using VecSQL.Catalog.Types;

namespace VecSQL.Catalog.Objects;

/// <summary>A model that embed() turns texts into vectors by: one of a database's, or the one that every database has.</summary>
public sealed record ModelEntry(uint Oid, string Name) : CatalogObject(Oid, Name)
{
    /// <summary>Of the built-in model; functions and system views have other ids.</summary>
    public const uint BuiltInOid = 16890;

    /// <summary>Needs no file and is never dropped.</summary>
    public static ModelEntry BuiltIn { get; } = new(BuiltInOid, "words")
    {
        Versions =
        [
            new ModelVersion(1)
            {
                Dimensions = 384, IsNormalized = true, Pooling = "", Device = "cpu",
            },
        ],
        DefaultVersion = 1,
        Comment = "built-in embedder of words, their parts and their meanings",
    };

    public uint DatabaseOid { get; init; }

    /// <summary>In the order of their numbers.</summary>
    public required ImmutableArray<ModelVersion> Versions { get; init; }

    /// <summary>The version that the name alone stands for.</summary>
    public int DefaultVersion { get; init; }

    public string? Comment { get; init; }

    public bool IsBuiltIn => Oid == BuiltInOid;

    public ModelVersion? FindVersion(int number) => Versions.FirstOrDefault(version => version.Number == number);
}
