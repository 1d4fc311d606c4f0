using VecSQL.Server.Commands;

return await CommandLine.Build().Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = null });
