using System.Text.RegularExpressions;

namespace VecSQL.Clients.Tests.Matrix;

/// <summary>What a client's steps said: of each check whether it passed, what the client lacks for it, or what went wrong.</summary>
/// <remarks>A step is named for its check, and may have more words behind that: several steps can be of one check.</remarks>
internal sealed partial class MatrixReport
{
    private readonly Dictionary<string, string> _failures = [], _lacks = [];

    /// <summary>What the client printed for a check, where that has to be the same on both servers.</summary>
    public Dictionary<string, string> Said { get; } = [];

    /// <summary>The checks that steps have passed.</summary>
    public HashSet<string> Passed { get; } = [];

    public void Pass(string step) => Passed.Add(CheckOf(step));

    public void Lack(string step, string reason) => _lacks[CheckOf(step)] = reason;

    public void Fail(string step, string failure) =>
        _failures[CheckOf(step)] = _failures.GetValueOrDefault(CheckOf(step)) + $"{step}: {failure}\n";

    /// <summary>What went wrong in a check, also where nothing was said of it; null where nothing did.</summary>
    public string? Failure(string check) => _failures.GetValueOrDefault(check)
        ?? (Passed.Contains(check) || _lacks.ContainsKey(check) ? null : _failures.GetValueOrDefault("") ?? "there is no such step");

    /// <summary>Why the client has nothing of a check; null where it has.</summary>
    public string? Lacking(string check) => Passed.Contains(check) ? null : _lacks.GetValueOrDefault(check);

    /// <summary>Reads what a script printed: lines that begin with "| " for what the client said, "ok STEP", "lacks STEP: reason", "not ok STEP"
    /// with indented lines after it, and "done".</summary>
    public static MatrixReport Parse(string output, string error)
    {
        MatrixReport report = new();
        foreach (Match line in Lines().Matches(output))
        {
            string step = line.Groups["step"].Value;
            if (line.Groups["result"].Value == "ok")
            {
                report.Pass(step);
                report.Said[step] = line.Groups["said"].Value;
            }
            else if (line.Groups["result"].Value == "lacks")
                report.Lack(step, line.Groups["reason"].Value);
            else
                report.Fail(step, line.Groups["details"].Value);
        }
        if (!output.EndsWith("done\n", StringComparison.Ordinal))
            report._failures[""] = $"the script broke off\n{output}\n{error}";
        return report;
    }

    private static string CheckOf(string step) => step.Split(' ')[0];

    [GeneratedRegex(@"(?<said>(^\| .*\n|^\|\n)*)^(?<result>ok|not ok|lacks) (?<step>[^:\n]+)(: (?<reason>.*))?\n(?<details>(  .*\n)*)", RegexOptions.Multiline)]
    private static partial Regex Lines();
}
