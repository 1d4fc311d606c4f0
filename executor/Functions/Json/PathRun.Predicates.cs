using System.Runtime.CompilerServices;
using VecSQL.Catalog.Paths;
using VecSQL.Core.Errors;
using VecSQL.Executor.Functions.Text;

namespace VecSQL.Executor.Functions.Json;

// Predicates: true, false, or unknown where something failed.
internal sealed partial class PathRun
{
    private static readonly ConditionalWeakTable<PathItem, CompiledRegex> Patterns = [];

    private bool? Filter(PathItem predicate, PathValue value)
    {
        PathValue outer = _current;
        _current = value;
        bool? truth = Test(predicate, value);
        _current = outer;
        return truth;
    }

    private bool? Test(PathItem? item, PathValue value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack(); // a chain of && is as deep as it is long
        switch (item?.Kind)
        {
            case PathItemKind.And:
                bool? left = Test(item.Left, value);
                return left == false ? false : Test(item.Right, value) is var right && right == true ? left : right;
            case PathItemKind.Or:
                bool? first = Test(item.Left, value);
                return first == true ? true : Test(item.Right, value) is var second && second == false ? first : second;
            case PathItemKind.Not:
                return !Test(item.Left, value);
            case PathItemKind.IsUnknown:
                return Test(item.Left, value) is null;
            case PathItemKind.Exists:
                return Exists(item.Left, value);
            case PathItemKind.StartsWith:
                return TestPairs(item, value, unwrapsRight: false, static (whole, initial) =>
                    whole.Kind == PathValueKind.String && initial.Kind == PathValueKind.String
                        ? whole.Text.StartsWith(initial.Text, StringComparison.Ordinal) : null);
            case PathItemKind.LikeRegex:
                CompiledRegex regex = Patterns.GetValue(item, static pattern => CompiledRegex.Make(pattern.Text, FlagsOf(pattern)));
                return TestPairs(item, value, unwrapsRight: false, (text, _) =>
                    text.Kind == PathValueKind.String ? regex.Match(text.Text).Success : null);
            case { } kind:
                return TestPairs(item, value, unwrapsRight: true, (x, y) => Compare(kind, x, y));
            default:
                return null;
        }
    }

    private static RegexFlags FlagsOf(PathItem item)
    {
        bool isLiteral = item.Flags.Contains('q');
        return new RegexFlags
        {
            IgnoresCase = item.Flags.Contains('i'),
            IsLiteral = isLiteral,
            StopsAtNewline = !isLiteral && !item.Flags.Contains('s'),
            AnchorsAtLines = !isLiteral && item.Flags.Contains('m'),
        };
    }

    private bool? Exists(PathItem? item, PathValue value)
    {
        if (item is null)
            return null;
        List<PathValue>? found = IsLax ? null : []; // strict mode has to see whether there are errors
        PathStatus status = Silently(() => Execute(item, value, found));
        return status == PathStatus.Error ? null : found is null ? status == PathStatus.Ok : found.Count > 0;
    }

    /// <summary>Tests all pairs of the operands' values: lax mode is content with one that holds, strict mode wants no error.</summary>
    private bool? TestPairs(PathItem item, PathValue value, bool unwrapsRight, Func<PathValue, PathValue, bool?> test)
    {
        List<PathValue>? lefts = null, rights = item.Right is null ? [PathValue.Null] : null;
        Silently(() =>
        {
            lefts = Operands(item.Left, value, unwraps: true);
            if (lefts is not null)
                rights ??= Operands(item.Right, value, unwrapsRight);
            return PathStatus.Ok;
        });
        if (lefts is null || rights is null)
            return null;
        bool isFound = false, hasFailed = false;
        foreach (PathValue left in lefts)
        {
            _context.Cancellation.ThrowIfCancellationRequested();
            foreach (PathValue right in rights)
            {
                bool? truth = test(left, right);
                if (truth is null && !IsLax)
                    return null;
                if (truth == true && IsLax)
                    return true;
                isFound |= truth == true;
                hasFailed |= truth is null;
            }
        }
        return isFound ? true : hasFailed ? null : false;
    }

    private bool? Compare(PathItemKind kind, PathValue left, PathValue right)
    {
        if (left.Kind != right.Kind)
        {
            bool isNull = left.Kind == PathValueKind.Null || right.Kind == PathValueKind.Null;
            return isNull ? kind == PathItemKind.NotEqual : null;
        }
        int? order = left.Kind switch
        {
            PathValueKind.Null => 0,
            PathValueKind.Boolean => left.IsTrue.CompareTo(right.IsTrue),
            PathValueKind.Number => left.Number.CompareTo(right.Number),
            PathValueKind.String => CompareStrings(left.Text, right.Text),
            PathValueKind.DateTime => PathDateTime.Compare(
                left.DateTime, right.DateTime, _usesZone ? _context.Format.TimeZone : null, _context.Format.NowMicroseconds),
            _ => null,
        };
        return order is not { } known ? null : kind switch
        {
            PathItemKind.Equal => known == 0,
            PathItemKind.NotEqual => known != 0,
            PathItemKind.Less => known < 0,
            PathItemKind.Greater => known > 0,
            PathItemKind.LessOrEqual => known <= 0,
            _ => known >= 0,
        };
    }

    // By code points, which UTF-16 does not order so.
    private static int CompareStrings(string left, string right) =>
        System.Text.Encoding.UTF8.GetBytes(left).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(right));
}
