using System.Runtime.CompilerServices;
using System.Text;
using VecSQL.Catalog.Values;

namespace VecSQL.Catalog.Paths;

/// <summary>Writes a jsonpath as PostgreSQL shows it.</summary>
internal static class PathPrinter
{
    internal static string Print(JsonPath path)
    {
        StringBuilder target = new(path.IsLax ? "" : "strict ");
        Write(path.Root, isBehind: false, hasBrackets: true, target);
        return target.ToString();
    }

    /// <summary>How an operator is spelled.</summary>
    internal static string SymbolOf(PathItemKind kind) => kind switch
    {
        PathItemKind.And => "&&",
        PathItemKind.Or => "||",
        PathItemKind.Equal => "==",
        PathItemKind.NotEqual => "!=",
        PathItemKind.Less => "<",
        PathItemKind.Greater => ">",
        PathItemKind.LessOrEqual => "<=",
        PathItemKind.GreaterOrEqual => ">=",
        PathItemKind.StartsWith => "starts with",
        PathItemKind.Add or PathItemKind.Plus => "+",
        PathItemKind.Subtract or PathItemKind.Minus => "-",
        PathItemKind.Multiply => "*",
        PathItemKind.Divide => "/",
        _ => "%",
    };

    private static int Priority(PathItemKind kind) => kind switch
    {
        PathItemKind.Or => 0,
        PathItemKind.And => 1,
        >= PathItemKind.Equal and <= PathItemKind.StartsWith => 2,
        PathItemKind.Add or PathItemKind.Subtract => 3,
        PathItemKind.Multiply or PathItemKind.Divide or PathItemKind.Modulo => 4,
        PathItemKind.Plus or PathItemKind.Minus => 5,
        _ => 6,
    };

    private static void Write(PathItem item, bool isBehind, bool hasBrackets, StringBuilder target)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack(); // a chain of one operator is as deep as it is long
        for (PathItem? each = item; each is not null; each = each.Next)
        {
            WriteOne(each, isBehind, hasBrackets, target);
            (isBehind, hasBrackets) = (true, true);
        }
    }

    private static void WriteOne(PathItem item, bool isBehind, bool hasBrackets, StringBuilder target)
    {
        switch (item.Kind)
        {
            case PathItemKind.Null or PathItemKind.True or PathItemKind.False:
                target.Append(item.Kind == PathItemKind.Null ? "null" : item.Kind == PathItemKind.True ? "true" : "false");
                break;
            case PathItemKind.Number:
                target.Append(item.Next is null ? item.Number.ToString() : $"({item.Number})");
                break;
            case PathItemKind.String:
                target.Append(Quoted(item.Text));
                break;
            case PathItemKind.Variable:
                target.Append('$').Append(Quoted(item.Text));
                break;
            case PathItemKind.Root or PathItemKind.Current or PathItemKind.Last:
                target.Append(item.Kind == PathItemKind.Root ? "$" : item.Kind == PathItemKind.Current ? "@" : "last");
                break;
            case PathItemKind.Key or PathItemKind.AnyKey:
                target.Append(isBehind ? "." : "").Append(item.Kind == PathItemKind.Key ? Quoted(item.Text) : "*");
                break;
            case PathItemKind.AnyArray:
                target.Append("[*]");
                break;
            case PathItemKind.IndexArray:
                WriteSubscripts(item, target);
                break;
            case PathItemKind.Any:
                target.Append(isBehind ? "." : "").Append(Levels(item));
                break;
            case PathItemKind.Filter or PathItemKind.Not or PathItemKind.Exists or PathItemKind.IsUnknown:
                WritePredicate(item, target);
                break;
            case >= PathItemKind.Or and <= PathItemKind.Minus:
                WriteOperator(item, hasBrackets, target);
                break;
            default:
                target.Append('.').Append(item.Kind.ToString().ToLowerInvariant()).Append('(');
                if (item.Left is { } argument)
                    Write(argument, isBehind: false, hasBrackets: false, target);
                target.Append(')');
                break;
        }
    }

    private static void WritePredicate(PathItem item, StringBuilder target)
    {
        target.Append(item.Kind switch
        {
            PathItemKind.Filter => "?(", PathItemKind.Not => "!(", PathItemKind.Exists => "exists (", _ => "(",
        });
        WriteOperand(item.Left, hasBrackets: false, target);
        target.Append(item.Kind == PathItemKind.IsUnknown ? ") is unknown" : ")");
    }

    private static void WriteOperator(PathItem item, bool hasBrackets, StringBuilder target)
    {
        target.Append(hasBrackets ? "(" : "");
        if (item.Kind is PathItemKind.Plus or PathItemKind.Minus)
        {
            target.Append(SymbolOf(item.Kind));
            WriteOperand(item.Left, IsLooser(item.Left, item), target);
        }
        else
        {
            WriteOperand(item.Left, IsLooser(item.Left, item), target);
            if (item.Kind == PathItemKind.LikeRegex)
            {
                target.Append(" like_regex ").Append(Quoted(item.Text));
                target.Append(item.Flags.Length > 0 ? $" flag \"{item.Flags}\"" : "");
            }
            else
            {
                target.Append(' ').Append(SymbolOf(item.Kind)).Append(' ');
                WriteOperand(item.Right, IsLooser(item.Right, item), target);
            }
        }
        target.Append(hasBrackets ? ")" : "");
    }

    private static bool IsLooser(PathItem? operand, PathItem item) => operand is not null && Priority(operand.Kind) <= Priority(item.Kind);

    private static void WriteOperand(PathItem? operand, bool hasBrackets, StringBuilder target)
    {
        if (operand is not null)
            Write(operand, isBehind: false, hasBrackets, target);
    }

    private static void WriteSubscripts(PathItem item, StringBuilder target)
    {
        target.Append('[');
        for (int i = 0; i < item.Subscripts.Length; i++)
        {
            target.Append(i == 0 ? "" : ",");
            Write(item.Subscripts[i].From, isBehind: false, hasBrackets: false, target);
            if (item.Subscripts[i].To is not { } to)
                continue;
            target.Append(" to ");
            Write(to, isBehind: false, hasBrackets: false, target);
        }
        target.Append(']');
    }

    private static string Levels(PathItem item)
    {
        string first = Level(item.FirstLevel), last = Level(item.LastLevel);
        return item is { FirstLevel: 0, LastLevel: uint.MaxValue } ? "**"
            : first == last ? $"**{{{first}}}" : $"**{{{first} to {last}}}";
    }

    private static string Level(uint level) => level == uint.MaxValue ? "last" : level.ToString();

    private static string Quoted(string text)
    {
        var quoted = new System.Buffers.ArrayBufferWriter<byte>();
        JsonStrings.Encode(Encoding.UTF8.GetBytes(text), quoted);
        return Encoding.UTF8.GetString(quoted.WrittenSpan);
    }
}
