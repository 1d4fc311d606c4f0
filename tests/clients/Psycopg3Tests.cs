namespace VecSQL.Clients.Tests;

/// <summary>psycopg 3: the extended protocol, binary values, pipelines.</summary>
[Collection(ServerCollection.Name)]
public sealed class Psycopg3Tests(ServerFixture node)
{
    private static readonly ClientScript Script = new(ForeignClients.Python, "python/psycopg3_client.py");

    [ClientTheory(ForeignClients.Psycopg3)]
    [InlineData("connect")]
    [InlineData("ddl")]
    [InlineData("knn_with_text")]
    [InlineData("knn_with_binary")]
    [InlineData("copy")]
    [InlineData("copy_error")]
    [InlineData("error_and_recovery")]
    [InlineData("transaction")]
    [InlineData("cancel")]
    [InlineData("prepared")]
    [InlineData("pipeline")]
    [InlineData("types")]
    [InlineData("rows_at_a_time")]
    [InlineData("notify")]
    public Task Does_what_applications_do(string step) => Script.CheckAsync(node.Server, step);
}
