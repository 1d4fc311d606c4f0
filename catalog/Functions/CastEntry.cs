namespace VecSQL.Catalog.Functions;

/// <summary>A conversion between two types: a row of pg_cast. A length coercion has <c>Source == Target</c>.</summary>
/// <param name="Function">
/// The function for <see cref="CastMethod.Function"/>: (value), (value, modifier int4) or (value, modifier int4, explicit bool).
/// </param>
public sealed record CastEntry(uint Source, uint Target, CastMethod Method, CastContext Context, uint Function = 0);

public enum CastMethod : byte { Function, BinaryCoercible, InputOutput }

/// <summary>Where the cast may happen unasked; each context includes the ones before it.</summary>
public enum CastContext : byte { Implicit, Assignment, Explicit }
