namespace VecSQL.Executor.Expressions;

/// <summary>What vecsql_recall tells of a query.</summary>
/// <param name="Recall">The share of the rows it should have found that it found.</param>
/// <param name="MedianMs">Time of a run.</param>
/// <param name="ExactMs">Time of the exact search in place of the one by the index.</param>
public readonly record struct RecallFigures(double Recall, double MedianMs, double ExactMs);
