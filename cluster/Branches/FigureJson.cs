using System.Text.Json.Serialization;
using VecSQL.Storage;
using VecSQL.Storage.Indexes;
using VecSQL.Storage.Shards;

namespace VecSQL.Cluster.Branches;

/// <summary>Figures of tables and indexes as nodes tell them to each other.</summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(TableSize))]
[JsonSerializable(typeof(VectorIndexStatus))]
[JsonSerializable(typeof(AdvisoryFigure[]))]
[JsonSerializable(typeof(WaitEdge[]))]
internal sealed partial class FigureJson : JsonSerializerContext;
