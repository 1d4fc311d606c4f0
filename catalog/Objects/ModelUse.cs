namespace VecSQL.Catalog.Objects;

/// <summary>What vectors were made by: a model's object id and the number of its version.</summary>
public readonly record struct ModelUse(uint Model, int Version);
