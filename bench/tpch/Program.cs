using System.CommandLine;
using VecSQL.Bench.Tpch;

return await TpchCommand.Build().Parse(args).InvokeAsync();
