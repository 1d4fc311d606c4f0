using System.Globalization;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Snapshots;

/// <summary>Finds what embed() means by the text that names a model.</summary>
public static class ModelLookup
{
    /// <summary>The setting that goes before the database's default.</summary>
    public const string DefaultSetting = "vecsql.embed_model";

    private const int NamedMax = 10;

    /// <param name="text">A name, <c>name@version</c>, the mark of a model, or nothing for the default.</param>
    /// <param name="setting">What <see cref="DefaultSetting"/> is.</param>
    /// <exception cref="SqlException">42V01: there is no such model or version; 42V03: there is no default.</exception>
    public static (ModelEntry Model, ModelVersion Version) Find(
        CatalogSnapshot catalog, string text, string? setting, int position = 0)
    {
        if (CatalogMark.TryReadModel(text, out uint oid, out int? marked))
            return VersionOf(catalog.FindModel(oid) ?? throw Undefined(catalog, text, position), marked, position);
        if (text.Length > 0)
        {
            ModelName name = ModelName.Read(text);
            return VersionOf(catalog.FindModel(name) ?? throw Undefined(catalog, name.Name, position), name.Version, position);
        }
        if (string.IsNullOrEmpty(setting))
            return VersionOf(catalog.DefaultModel ?? throw NoDefault("the database's default model was dropped", position), null, position);
        ModelName wanted = ModelName.Read(setting);
        ModelEntry model = catalog.FindModel(wanted)
            ?? throw NoDefault($"model \"{wanted.Name}\", which {DefaultSetting} names, does not exist", position);
        return VersionOf(model, wanted.Version, position);
    }

    public static SqlException Undefined(CatalogSnapshot catalog, string name, int position)
    {
        string[] names = [.. catalog.Models.Select(static model => $"\"{model.Name}\"").Order(StringComparer.Ordinal)];
        string more = names.Length > NamedMax ? ", …" : ".";
        return new SqlException(SqlState.UndefinedModel, $"model \"{name}\" does not exist", position,
            $"This database has {string.Join(", ", names.Take(NamedMax))}{more}");
    }

    private static (ModelEntry Model, ModelVersion Version) VersionOf(ModelEntry model, int? number, int position) =>
        (model, model.FindVersion(number ?? model.DefaultVersion) ?? throw UndefinedVersion(model, number ?? model.DefaultVersion, position));

    public static SqlException UndefinedVersion(ModelEntry model, int number, int position = 0) => new(
        SqlState.UndefinedModel, string.Create(CultureInfo.InvariantCulture, $"version {number} of model \"{model.Name}\" does not exist"), position,
        $"It has version {string.Join(", ", model.Versions.Select(static version => version.Number.ToString(CultureInfo.InvariantCulture)))}.");

    private static SqlException NoDefault(string message, int position) => new(SqlState.NoDefaultModel, message, position,
        "Name a model in the call, or choose a default by ALTER MODEL … SET DEFAULT.");
}
