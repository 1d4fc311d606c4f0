using System.Globalization;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>The index methods of other systems with vectors, as the methods that do the same here.</summary>
/// <remarks>
/// An option that says something here is taken over; one that would say nothing is refused, so that nobody tunes what does not act.
/// Source: the documentation of pgvectorscale, VectorChord, YugabyteDB and CockroachDB.
/// </remarks>
internal static class VectorMethodAliases
{
    /// <summary>The statement in the words of this system; the same where it is in them already.</summary>
    internal static CreateIndexStatement Resolve(SessionState session, CreateIndexStatement statement)
    {
        CreateIndexStatement resolved = statement.Method switch
        {
            "ybhnsw" or "vchordg" => statement with { Method = "hnsw" },
            "ivf_rabitq" => statement with { Method = "ivfflat" },
            "vchordrq" => statement with { Method = "ivfflat", Options = ListsOf(statement) },
            "diskann" => WithCosine(statement) with { Method = "vecsql" },
            "cspann" => WithPrefix(statement) with { Method = "vecsql" },
            "vecsql" => statement with { Options = new ValueList<Option>([.. statement.Options.Select(Named)]) },
            _ => statement,
        };
        if (resolved.Method == statement.Method)
            return resolved;
        foreach (Option option in resolved.Options)
        {
            if (!IndexOptions.IsKnown(resolved.Method, option.Name))
                throw Meaningless(statement.Method, option.Name, resolved.Method);
        }
        session.Notices.Notice($"access method \"{statement.Method}\" is taken as \"{resolved.Method}\"");
        return resolved;
    }

    // WITH (recall = …) is what the design of this method calls its target.
    private static Option Named(Option option) => option.Name == "recall" ? option with { Name = "target_recall" } : option;

    /// <summary>pgvectorscale's default is the cosine distance.</summary>
    private static CreateIndexStatement WithCosine(CreateIndexStatement statement) => statement with
    {
        Elements = new ValueList<IndexElement>([.. statement.Elements.Select(element =>
            element.OperatorClass is null ? element with { OperatorClass = new QualifiedName(["vector_cosine_ops"]) } : element)]),
    };

    /// <summary>CockroachDB's columns before the vector are for filters.</summary>
    private static CreateIndexStatement WithPrefix(CreateIndexStatement statement)
    {
        IndexElement[] prefix = [.. statement.Elements.SkipLast(1)];
        string[] names = [.. prefix.Select(static element => element.Expression is ColumnReference { Name.Parts: [var name] }
            ? name
            : throw new SqlException(SqlState.FeatureNotSupported, "expressions before the vector of a vector index are not supported")
            { Position = element.Expression.Position })];
        return statement with
        {
            Elements = new ValueList<IndexElement>([statement.Elements[^1]]),
            Include = new ValueList<string>([.. names, .. statement.Include]),
        };
    }

    /// <summary>VectorChord's options are a text of TOML: of what it says, the number of lists acts here.</summary>
    private static ValueList<Option> ListsOf(CreateIndexStatement statement)
    {
        List<Option> options = [];
        foreach (Option option in statement.Options)
        {
            if (option.Name != "options")
            {
                options.Add(option);
                continue;
            }
            foreach (string line in (Definitions.OptionText(option.Value) ?? "").Split('\n'))
            {
                string[] setting = line.Split('#')[0].Split('=', 2, StringSplitOptions.TrimEntries);
                string name = setting[0].Trim(), value = setting.Length > 1 ? setting[1] : "";
                string last = name[(name.LastIndexOf('.') + 1)..];
                // A table's name is no setting, and codes here are of what is left after the centroid.
                if (name.Length == 0 || name is ['[', .., ']'] || (last, value) is ("residual_quantization", "true"))
                    continue;
                options.Add(last == "lists" && int.TryParse(value.Trim('[', ']', ' '), NumberStyles.None, null, out int lists)
                    ? new Option("lists", new IntegerLiteral(lists.ToString(CultureInfo.InvariantCulture)), []) { Position = option.Position }
                    : throw Meaningless(statement.Method, name, "ivfflat"));
            }
        }
        return new ValueList<Option>([.. options]);
    }

    private static SqlException Meaningless(string method, string option, string taken) => new(
        SqlState.InvalidParameterValue, $"option \"{option}\" of access method \"{method}\" has no meaning for \"{taken}\"",
        hint: "Leave it out: what it is about follows from the data.");
}
