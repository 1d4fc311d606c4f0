using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>COPY.</summary>
internal static class CopyCommand
{
    internal static ValueTask<StatementWork> OpenAsync(
        SessionState session, CopyStatement statement, CancellationToken cancellation) =>
        throw StatementDispatch.Unsupported("COPY");
}
