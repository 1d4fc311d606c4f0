namespace VecSQL.Clients.Tests;

/// <summary>psycopg2: the simple protocol, and values as literals.</summary>
[Collection(ServerCollection.Name)]
public sealed class Psycopg2Tests(ServerFixture node)
{
    private static readonly ClientScript Script = new(ForeignClients.Python, "python/psycopg2_client.py");

    [ClientTheory(ForeignClients.Psycopg2)]
    [InlineData("connect")]
    [InlineData("ddl")]
    [InlineData("knn")]
    [InlineData("copy")]
    [InlineData("copy_error")]
    [InlineData("error_and_recovery")]
    [InlineData("transaction")]
    [InlineData("cancel")]
    [InlineData("prepared")]
    [InlineData("server_side_cursor")]
    [InlineData("types")]
    [InlineData("notices_and_settings")]
    public Task Does_what_applications_do(string step) => Script.CheckAsync(node.Server, step);
}
