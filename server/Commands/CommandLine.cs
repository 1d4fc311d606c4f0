using System.CommandLine;

namespace VecSQL.Server.Commands;

/// <summary>The <c>vecsql</c> command line: one verb a file.</summary>
internal static class CommandLine
{
    public static RootCommand Build() => new("VecSQL: a SQL database with vector search that speaks PostgreSQL's protocol.")
    {
        StartCommand.Build(),
        DemoCommand.Build(),
        ClusterCommand.Build(),
        SqlLogicTestCommand.Build(),
    };
}
