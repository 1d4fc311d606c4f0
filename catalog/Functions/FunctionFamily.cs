using System.Collections.Immutable;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Functions;

/// <summary>The built-in functions, operators and casts around one subject, written as tables of text.</summary>
/// <remarks>
/// Text rather than constructors, since three thousand constructor calls take the JIT longer than this reader. One
/// entry a line,
/// words apart by spaces, <c>#</c> begins a comment. Types go by their pg_type names; <c>int4[]</c> is int4's array
/// type and
/// <c>char</c> the one-byte type. An entry that cannot be read fails the first use of the registry, and a test.
/// <code>
/// functions:  oid name([variadic] [argument] type [=], …) [setof] result [as implementation] [property …]
///             "=" marks an argument with a default, which follows it where calls by name may leave it out (null: none). A result of named columns is record(name type, …).
///             properties: nonstrict, stable, volatile, public, information_schema, aggregate, ordered n, hypothetical n, window,
///             procedure, named n;
///             named n: the column that it gives in FROM is called n;
///             ordered n: an ordered-set aggregate with n direct arguments before WITHIN GROUP.
/// operators:  oid left name right function [commutator name] [negator name] [hash] [merge] [public]
///             left is none for a prefix operator. The result is the function's.
/// casts:      source target implicit|assignment|explicit function-oid|binary|text
/// </code>
/// </remarks>
internal sealed class FunctionFamily
{
    private FunctionFamily(
        ImmutableArray<FunctionEntry> functions,
        ImmutableArray<AggregateEntry> aggregates,
        ImmutableArray<OperatorEntry> operators,
        ImmutableArray<CastEntry> casts)
    {
        Functions = functions;
        Aggregates = aggregates;
        Operators = operators;
        Casts = casts;
    }

    internal ImmutableArray<FunctionEntry> Functions { get; }

    internal ImmutableArray<AggregateEntry> Aggregates { get; }

    /// <summary>
    /// With result type 0: the registry fills in that of the function, which may be another family's.
    /// </summary>
    internal ImmutableArray<OperatorEntry> Operators { get; }

    internal ImmutableArray<CastEntry> Casts { get; }

    internal static FunctionFamily Parse(string functions = "", string operators = "", string casts = "")
    {
        var functionEntries = ImmutableArray.CreateBuilder<FunctionEntry>();
        var aggregateEntries = ImmutableArray.CreateBuilder<AggregateEntry>();
        var operatorEntries = ImmutableArray.CreateBuilder<OperatorEntry>();
        var castEntries = ImmutableArray.CreateBuilder<CastEntry>();
        // A line that ends with a backslash goes on in the next.
        foreach (ReadOnlySpan<char> line in functions.Replace("\\\n", "", StringComparison.Ordinal).AsSpan().EnumerateLines())
        {
            var words = new FamilyLine(line);
            if (words.IsEmpty)
                continue;
            (FunctionEntry function, AggregateEntry? aggregate) = FunctionLine.Read(ref words);
            functionEntries.Add(function);
            if (aggregate is not null)
                aggregateEntries.Add(aggregate);
        }
        foreach (ReadOnlySpan<char> line in operators.AsSpan().EnumerateLines())
        {
            var words = new FamilyLine(line);
            if (!words.IsEmpty)
                operatorEntries.Add(ReadOperator(ref words));
        }
        foreach (ReadOnlySpan<char> line in casts.AsSpan().EnumerateLines())
        {
            var words = new FamilyLine(line);
            if (!words.IsEmpty)
                castEntries.Add(ReadCast(ref words));
        }
        return new FunctionFamily(
            functionEntries.ToImmutable(), aggregateEntries.ToImmutable(), operatorEntries.ToImmutable(),
                castEntries.ToImmutable());
    }

    private static OperatorEntry ReadOperator(ref FamilyLine words)
    {
        uint oid = words.NextOid();
        ReadOnlySpan<char> left = words.Next();
        uint leftType = left is "none" ? 0 : FamilyLine.TypeOf(left);
        string name = words.Next().ToString();
        uint rightType = FamilyLine.TypeOf(words.Next());
        var entry = new OperatorEntry(oid, name, leftType, rightType, Result: 0, Function: words.NextOid());
        while (!words.IsEmpty)
        {
            entry = words.Next() switch
            {
                "commutator" => entry with { Commutator = words.Next().ToString() },
                "negator" => entry with { Negator = words.Next().ToString() },
                "hash" => entry with { CanHash = true },
                "merge" => entry with { CanMerge = true },
                "public" => entry with { Schema = "public" },
                var word => throw new InvariantException($"operator {oid}: unknown property {word}"),
            };
        }
        return entry;
    }

    private static CastEntry ReadCast(ref FamilyLine words)
    {
        uint source = FamilyLine.TypeOf(words.Next()), target = FamilyLine.TypeOf(words.Next());
        CastContext context = words.Next() switch
        {
            "implicit" => CastContext.Implicit,
            "assignment" => CastContext.Assignment,
            "explicit" => CastContext.Explicit,
            var word => throw new InvariantException($"cast {source} to {target}: unknown context {word}"),
        };
        ReadOnlySpan<char> method = words.Next();
        Invariant.Holds(words.IsEmpty);
        return method switch
        {
            "binary" => new CastEntry(source, target, CastMethod.BinaryCoercible, context),
            "text" => new CastEntry(source, target, CastMethod.InputOutput, context),
            _ => new CastEntry(source, target, CastMethod.Function, context, uint.Parse(method)),
        };
    }
}

/// <summary>The words of a line of a family's table.</summary>
internal ref struct FamilyLine
{
    private ReadOnlySpan<char> _rest;

    internal FamilyLine(ReadOnlySpan<char> line)
    {
        // An operator may be spelled # (bitwise xor): a comment's # stands at the line's start or has a space on each
        // side
        // after two spaces.
        line = line.Trim();
        int comment = line.StartsWith('#') ? 0 : line.IndexOf("  # ");
        _rest = comment < 0 ? line : line[..comment].TrimEnd();
    }

    internal readonly bool IsEmpty => _rest.IsEmpty;

    /// <summary>
    /// The next word. Parentheses, commas and <c>=</c> inside a signature are the caller's to look for.
    /// </summary>
    internal ReadOnlySpan<char> Next()
    {
        Invariant.Holds(!_rest.IsEmpty);
        int end = _rest.IndexOf(' ');
        ReadOnlySpan<char> word = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? [] : _rest[end..].TrimStart();
        return word;
    }

    internal uint NextOid() => uint.Parse(Next());

    /// <summary>What stands before the character, which is passed over.</summary>
    internal ReadOnlySpan<char> Until(char end)
    {
        int at = _rest.IndexOf(end);
        Invariant.Holds(at >= 0);
        ReadOnlySpan<char> before = _rest[..at].Trim();
        _rest = _rest[(at + 1)..].TrimStart();
        return before;
    }

    /// <summary>Passes over the word if it comes next.</summary>
    internal bool TakeIf(ReadOnlySpan<char> word)
    {
        if (!_rest.StartsWith(word, StringComparison.Ordinal))
            return false;
        if (_rest.Length > word.Length && _rest[word.Length] != ' ' && word[^1] != '(')
            return false;
        _rest = _rest[word.Length..].TrimStart();
        return true;
    }

    internal static uint TypeOf(ReadOnlySpan<char> name)
    {
        string key = name.EndsWith("[]") ? "_" + name[..^2].ToString() : name.ToString();
        return BuiltinTypes.TryFindByName(key, out TypeEntry? type)
            ? type.Oid
            : throw new InvariantException($"a function table names the unknown type {name}");
    }
}
