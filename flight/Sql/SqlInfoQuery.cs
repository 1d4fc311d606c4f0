namespace VecSQL.Flight.Sql;

/// <summary>Texts that the system catalogs know.</summary>
internal sealed record SqlInfoQuery(string Sql);
