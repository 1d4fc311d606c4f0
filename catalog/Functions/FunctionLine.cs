using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Functions;

/// <summary>
/// Reads one line of a family's table of functions; see <see cref="FunctionFamily"/> for what it may say.
/// </summary>
internal static class FunctionLine
{
    internal static (FunctionEntry Function, AggregateEntry? Aggregate) Read(ref FamilyLine words)
    {
        uint oid = words.NextOid();
        string name = words.Until('(').ToString();
        Signature signature = ReadArguments(words.Until(')'));
        bool returnsSet = words.TakeIf("setof");
        ImmutableArray<(string Name, uint Type)> columns = [];
        uint result;
        if (words.TakeIf("record("))
        {
            columns = ReadColumns(words.Until(')'));
            result = TypeOid.Record;
        }
        else
        {
            result = FamilyLine.TypeOf(words.Next());
        }
        var entry = new FunctionEntry
        {
            Oid = oid,
            Name = name,
            Arguments = signature.Types,
            ArgumentNames = signature.Names,
            DefaultCount = signature.Defaults.Length,
            DefaultValues = signature.Defaults,
            VariadicElement = signature.VariadicElement,
            Result = result,
            ReturnsSet = returnsSet,
            OutColumns = columns,
            Implementation = words.TakeIf("as") ? words.Next().ToString() : name,
        };
        return ReadProperties(entry, ref words);
    }

    private static (FunctionEntry Function, AggregateEntry? Aggregate) ReadProperties(FunctionEntry entry,
        ref FamilyLine words)
    {
        AggregateEntry? aggregate = null;
        while (!words.IsEmpty)
        {
            switch (words.Next())
            {
                case "nonstrict":
                    entry = entry with { IsStrict = false };
                    break;
                case "stable":
                    entry = entry with { Volatility = Volatility.Stable };
                    break;
                case "volatile":
                    entry = entry with { Volatility = Volatility.Volatile };
                    break;
                case "named":
                    entry = entry with { ResultName = words.Next().ToString() };
                    break;
                case "public":
                    entry = entry with { Schema = "public" };
                    break;
                case "information_schema":
                    entry = entry with { Schema = "information_schema" };
                    break;
                case "aggregate":
                    aggregate = new AggregateEntry(entry.Oid);
                    break;
                case "ordered":
                    aggregate = new AggregateEntry(entry.Oid, 'o', int.Parse(words.Next()));
                    break;
                case "hypothetical":
                    aggregate = new AggregateEntry(entry.Oid, 'h', int.Parse(words.Next()));
                    break;
                case "window":
                    entry = entry with { Kind = FunctionKind.Window };
                    break;
                case "procedure":
                    entry = entry with { Kind = FunctionKind.Procedure };
                    break;
                case var word:
                    throw new InvariantException($"function {entry.Oid} {entry.Name}: unknown property {word}");
            }
        }
        if (aggregate is not null)
            entry = entry with { Kind = FunctionKind.Aggregate, IsStrict = false };
        return (entry, aggregate);
    }

    private readonly record struct Signature(
        ImmutableArray<uint> Types, ImmutableArray<string> Names, ImmutableArray<string> Defaults, uint VariadicElement);

    private static Signature ReadArguments(ReadOnlySpan<char> list)
    {
        if (list.IsEmpty)
            return new Signature([], [], [], 0);
        var types = ImmutableArray.CreateBuilder<uint>();
        var names = ImmutableArray.CreateBuilder<string>();
        var defaults = ImmutableArray.CreateBuilder<string>();
        uint variadicElement = 0;
        foreach (Range range in list.Split(','))
        {
            ReadOnlySpan<char> argument = list[range].Trim();
            int equal = argument.IndexOf('=');
            if (equal >= 0)
            {
                defaults.Add(argument[(equal + 1)..].Trim().ToString());
                argument = argument[..equal].TrimEnd();
            }
            bool isVariadic = argument.StartsWith("variadic ");
            if (isVariadic)
                argument = argument["variadic ".Length..].TrimStart();
            int space = argument.LastIndexOf(' ');
            names.Add(space < 0 ? "" : argument[..space].Trim().ToString());
            uint type = FamilyLine.TypeOf(argument[(space + 1)..]);
            types.Add(type);
            if (isVariadic)
                variadicElement = VariadicElement(type);
        }
        bool hasNames = names.Any(static name => name.Length > 0);
        return new Signature(types.ToImmutable(), hasNames ? names.ToImmutable() : [], defaults.ToImmutable(), variadicElement);
    }

    private static uint VariadicElement(uint arrayType) => arrayType switch
    {
        TypeOid.Any => TypeOid.Any,
        TypeOid.AnyArray => TypeOid.AnyElement,
        TypeOid.AnyCompatibleArray => TypeOid.AnyCompatible,
        _ => BuiltinTypes.ElementOf(arrayType),
    };

    private static ImmutableArray<(string Name, uint Type)> ReadColumns(ReadOnlySpan<char> list)
    {
        var columns = ImmutableArray.CreateBuilder<(string, uint)>();
        foreach (Range range in list.Split(','))
        {
            ReadOnlySpan<char> column = list[range].Trim();
            int space = column.LastIndexOf(' ');
            columns.Add((column[..space].Trim().ToString(), FamilyLine.TypeOf(column[(space + 1)..])));
        }
        return columns.ToImmutable();
    }
}
