using System.CommandLine;
using VecSQL.Bench.Retrieval;

return await RetrievalCommand.Build().Parse(args).InvokeAsync();
