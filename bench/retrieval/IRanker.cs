namespace VecSQL.Bench.Retrieval;

/// <summary>Finds the documents for a query.</summary>
internal interface IRanker
{
    string Name { get; }

    /// <summary>The numbers of the best documents, best first.</summary>
    int[] Rank(string query);
}
