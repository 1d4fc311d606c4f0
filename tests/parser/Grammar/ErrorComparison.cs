using VecSQL.Core.Errors;
namespace VecSQL.Parser.Tests.Grammar;
public sealed class ErrorComparison
{
    [Fact]
    public void Compare()
    {
        List<string> d = [];
        foreach (string line in File.ReadAllLines("/tmp/parser/bad.tsv"))
        {
            string[] f = line.Split('\t');
            string mine;
            try { SqlParser.Parse(f[4]); mine = "ok\t0\t\t"; }
            catch (SqlException e) { mine = $"{e.State.Code}\t{e.Position}\t{e.Message}\t{e.Hint}"; }
            string want = string.Join('\t', f[..4]);
            if (mine != want) d.Add($"{f[4]}\n   pg   {want}\n   mine {mine}");
        }
        File.WriteAllText("/tmp/parser/diff.txt", string.Join("\n", d));
    }
}
