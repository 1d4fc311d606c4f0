namespace VecSQL.Engine.Access;

/// <summary>What a user's password is tested by.</summary>
/// <param name="Verifier">A decoy where there is nobody or nothing to test, so that a client cannot tell.</param>
/// <param name="Refusal">Why no password is right, for the log; null where the right one is.</param>
public sealed record LoginPassword(ScramVerifier Verifier, string? Refusal);
