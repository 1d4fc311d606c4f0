namespace VecSQL.Clients.Tests;

/// <summary>node-postgres with its cursors and COPY streams.</summary>
[Collection(ServerCollection.Name)]
public sealed class NodePostgresTests(ServerFixture node)
{
    private static readonly ClientScript Script = new("node", "node/client.js");

    [ClientTheory(ForeignClients.Node)]
    [InlineData("connect")]
    [InlineData("ddl")]
    [InlineData("knn")]
    [InlineData("copy")]
    [InlineData("copy_error")]
    [InlineData("error_and_recovery")]
    [InlineData("several_statements")]
    [InlineData("transaction")]
    [InlineData("cancel")]
    [InlineData("prepared")]
    [InlineData("cursor")]
    [InlineData("types")]
    [InlineData("pool")]
    [InlineData("notify")]
    public Task Does_what_applications_do(string step) => Script.CheckAsync(node.Server, step);
}
