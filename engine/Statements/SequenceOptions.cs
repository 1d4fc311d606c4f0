using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;
using VecSQL.Planner;

namespace VecSQL.Engine.Statements;

/// <summary>The options of CREATE and ALTER SEQUENCE, by PostgreSQL's rules and messages.</summary>
internal static class SequenceOptions
{
    /// <summary>The sequence with the options; defaults are filled in for a new one.</summary>
    internal static SequenceEntry Apply(
        SessionState session, SequenceEntry sequence, ValueList<SequenceOption> options, bool isNew)
    {
        RefuseRepeated(options);
        SequenceEntry before = sequence;
        if (Find(options, "as") is { Type: { } typeName } typeOption)
            sequence = sequence with { Type = TypeOf(session, typeName, typeOption) };
        if (Find(options, "increment")?.Value is { } increment)
            sequence = sequence with { Increment = increment };
        if (sequence.Increment == 0)
            throw Invalid("INCREMENT must not be zero");
        if (Find(options, "cycle") is not null || Find(options, "no cycle") is not null)
            sequence = sequence with { Cycles = Find(options, "cycle") is not null };
        sequence = WithBounds(sequence, before, options, isNew);
        if (sequence.MinValue >= sequence.MaxValue)
            throw Invalid($"MINVALUE ({sequence.MinValue}) must be less than MAXVALUE ({sequence.MaxValue})");
        if (Find(options, "start")?.Value is { } start)
            sequence = sequence with { Start = start };
        else if (isNew)
            sequence = sequence with { Start = sequence.Increment > 0 ? sequence.MinValue : sequence.MaxValue };
        if (sequence.Start < sequence.MinValue)
            throw Invalid($"START value ({sequence.Start}) cannot be less than MINVALUE ({sequence.MinValue})");
        if (sequence.Start > sequence.MaxValue)
            throw Invalid($"START value ({sequence.Start}) cannot be greater than MAXVALUE ({sequence.MaxValue})");
        if (Find(options, "cache")?.Value is { } cache)
            sequence = cache > 0 ? sequence with { Cache = cache } : throw Invalid($"CACHE ({cache}) must be greater than zero");
        return sequence;
    }

    internal static SequenceOption? Find(ValueList<SequenceOption> options, string name) =>
        options.FirstOrDefault(option => option.Name == name);

    private static SequenceEntry WithBounds(
        SequenceEntry sequence, SequenceEntry before, ValueList<SequenceOption> options, bool isNew)
    {
        (long typeMin, long typeMax) = Range(sequence.Type);
        (long oldMin, long oldMax) = Range(before.Type);
        bool isRetyped = sequence.Type != before.Type;
        bool ascends = sequence.Increment > 0;
        // A bound that was the old type's becomes the new one's.
        bool followsMax = !isNew && isRetyped && before.MaxValue == oldMax, followsMin = !isNew && isRetyped && before.MinValue == oldMin;
        long max = Find(options, "maxvalue")?.Value
            ?? (isNew || Find(options, "no maxvalue") is not null || followsMax
                ? ascends || followsMax ? typeMax : -1
                : sequence.MaxValue);
        long min = Find(options, "minvalue")?.Value
            ?? (isNew || Find(options, "no minvalue") is not null || followsMin
                ? ascends && !followsMin ? 1 : typeMin
                : sequence.MinValue);
        string type = BuiltinTypes.FormatType(sequence.Type);
        if (max < typeMin || max > typeMax)
            throw Invalid($"MAXVALUE ({max}) is out of range for sequence data type {type}");
        if (min < typeMin || min > typeMax)
            throw Invalid($"MINVALUE ({min}) is out of range for sequence data type {type}");
        return sequence with { MinValue = min, MaxValue = max };
    }

    private static SqlType TypeOf(SessionState session, TypeName name, SequenceOption option)
    {
        SqlType type = QueryPlanner.ResolveType(name, Definitions.Context(session));
        return type.Oid is TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8
            ? type
            : throw new SqlException(
                SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint")
            { Position = option.Position };
    }

    private static (long Min, long Max) Range(SqlType type) => type.Oid switch
    {
        TypeOid.Int2 => (short.MinValue, short.MaxValue),
        TypeOid.Int4 => (int.MinValue, int.MaxValue),
        _ => (long.MinValue, long.MaxValue),
    };

    private static void RefuseRepeated(ValueList<SequenceOption> options)
    {
        var seen = new HashSet<string>();
        foreach (SequenceOption option in options)
        {
            string kind = option.Name.StartsWith("no ", StringComparison.Ordinal) ? option.Name[3..] : option.Name;
            if (!seen.Add(kind))
            {
                throw new SqlException(SqlState.SyntaxError, "conflicting or redundant options")
                { Position = option.Position };
            }
        }
    }

    private static SqlException Invalid(string message) => new(SqlState.InvalidParameterValue, message);
}
