using System.CommandLine;
using VecSQL.Bench.Recall;

return await RecallCommand.Build().Parse(args).InvokeAsync();
