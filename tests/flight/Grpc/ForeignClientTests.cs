namespace VecSQL.Flight.Tests.Grpc;

public sealed class ForeignClientTests
{
    [NodeFact(NodePackage.Grpc)]
    public async Task Grpc_js_makes_calls_of_all_kinds()
    {
        await using EchoServer echo = EchoServer.Start();
        string output = await NodePackage.RunAsync("grpc.js", echo.Server.Address.Port.ToString());
        Assert.Contains("all calls as expected", output, StringComparison.Ordinal);
        await echo.Cancelled.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
