using VecSQL.Catalog.Objects;
using VecSQL.Core.Errors;
using VecSQL.Engine.Introspection;
using VecSQL.Engine.Sessions;
using VecSQL.Ml.Models;
using VecSQL.Storage.Files;

namespace VecSQL.Engine.Models;

/// <summary>Takes the files of a new version of a model in, and tries the model by them.</summary>
internal static class ModelImport
{
    /// <param name="version">As the statement says it is.</param>
    /// <returns>The version as it is, with what the files are and say.</returns>
    /// <exception cref="SqlException">A file cannot be read, or is no model that can be run, or is not as the statement says.</exception>
    internal static async ValueTask<ModelVersion> RunAsync(SessionState session, string name, ModelVersion version, CancellationToken cancellation)
    {
        ModelStore store = session.Database.Models;
        ModelPins pins = session.ModelPins;
        (string Sha256, long Bytes) model, tokenizer;
        using (IFile source = Open(session, version.Source, ModelSpec.OnnxBytesMax))
            model = store.Files.Keep(source, ModelFiles.OnnxName, pins, cancellation);
        using (IFile source = Open(session, version.TokenizerSource, ModelSpec.TokenizerBytesMax))
            tokenizer = store.Files.Keep(source, ModelFiles.TokenizerName, pins, cancellation);
        version = version with
        {
            OnnxSha256 = model.Sha256, OnnxBytes = model.Bytes, TokenizerSha256 = tokenizer.Sha256, TokenizerBytes = tokenizer.Bytes,
        };
        ModelSpec spec = ModelStore.SpecOf(new ModelEntry(0, name) { Versions = [version], DatabaseOid = session.DatabaseOid }, version);
        try
        {
            ModelFacts facts = store.Runtime.Inspect(spec, cancellation);
            version = version with
            {
                Dimensions = facts.Dimensions, TokensMax = facts.TokensMax, Pooling = facts.IsPooled ? "" : version.Pooling,
            };
        }
        catch (ModelException error)
        {
            SqlException told = ErrorTable.ToSql(error, session.Clock);
            throw told.Reworded(text => text.Replace(spec.OnnxPath, version.Source, StringComparison.Ordinal)
                .Replace(spec.TokenizerPath, version.TokenizerSource, StringComparison.Ordinal));
        }
        if (store.Peers is { } peers)
            Tell(session, name, await peers.SpreadAsync([spec.OnnxPath, spec.TokenizerPath], cancellation));
        return version;
    }

    private static void Tell(SessionState session, string name, IReadOnlyList<(int Node, string Error)> without)
    {
        ClusterDescription cluster = session.Database.Cluster.Describe();
        foreach ((int number, string error) in without)
        {
            string node = cluster.Nodes.FirstOrDefault(node => node.Id == number)?.Name ?? $"{number}";
            session.Notices.Warn(SqlState.Warning, $"node \"{node}\" has no copy of the files of model \"{name}\" yet", detail: error,
                hint: "It takes one from another node when it first needs the model.");
        }
    }

    private static IFile Open(SessionState session, string name, long bytesMax)
    {
        IFile file = session.Database.Files.Files.Open(session.Database.Files.ResolveExisting(name), FileOpening.Read);
        long length = file.Length;
        if (length <= bytesMax)
            return file;
        file.Dispose();
        throw new SqlException(SqlState.ProgramLimitExceeded, $"file \"{name}\" is too large: it has {length} bytes, of {bytesMax} at most");
    }
}
