using VecSQL.Text.Analysis;
using VecSQL.Text.Search;

namespace VecSQL.Executor.Expressions;

/// <summary>What a statement knows of the texts of tables' columns. Implemented by the operators.</summary>
public interface ITextCorpora
{
    /// <summary>How the column's texts become terms.</summary>
    Analyzer AnalyzerOf(uint table, short column);

    /// <summary>The query with what its terms are worth among the texts that the statement sees.</summary>
    ScoredQuery Score(uint table, short column, string query);
}
