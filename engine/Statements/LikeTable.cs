using VecSQL.Catalog.Objects;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>LIKE table: copies columns, and what INCLUDING names.</summary>
internal static class LikeTable
{
    internal static void Add(SessionState session, TableDraft draft, LikeClause like)
    {
        TableEntry source = session.Names.GetTable(Definitions.Catalog(session), like.Table, like.Table.Position);
        bool Includes(string what) => like.Including.Contains(what) || like.Including.Contains("all");
        var numbers = new Dictionary<short, short>();
        foreach (ColumnEntry column in source.LiveColumns)
        {
            bool isGenerated = column.IsGenerated && Includes("generated");
            bool hasDefault = !column.IsGenerated && column.Identity == IdentityKind.None && Includes("defaults");
            bool isIdentity = column.Identity != IdentityKind.None && Includes("identity");
            ColumnEntry copy = new((short)(draft.Columns.Count + 1), column.Name, column.Type)
            {
                IsNotNull = column.IsNotNull,
                IsGenerated = isGenerated,
                DefaultSql = isGenerated || hasDefault ? column.DefaultSql : null,
                SequenceOid = hasDefault ? column.SequenceOid : 0,
                Model = isGenerated || !column.IsGenerated ? column.Model : null,
                Identity = isIdentity ? column.Identity : IdentityKind.None,
                Comment = Includes("comments") ? column.Comment : null,
            };
            if (draft.Columns.Any(entry => entry.Name == copy.Name))
            {
                throw new Core.Errors.SqlException(
                    Core.Errors.SqlState.DuplicateColumn, $"column \"{copy.Name}\" specified more than once");
            }
            if (isIdentity)
                copy = copy with { SequenceOid = draft.AddSequence(copy, [], isSerial: false) };
            numbers[column.Number] = copy.Number;
            draft.Columns.Add(copy);
        }
        if (Includes("constraints"))
            draft.Checks.AddRange(source.Checks.Select(check => check with { Oid = Definitions.NextOid(session) }));
        if (Includes("indexes"))
            AddIndexes(session, draft, source, numbers);
    }

    private static void AddIndexes(
        SessionState session, TableDraft draft, TableEntry source, Dictionary<short, short> numbers)
    {
        foreach (IndexEntry index in source.Indexes.Where(static index => index.Replaces == 0))
        {
            IEnumerable<short> hidden = index.Columns.Append(index.PredicateColumn).Where(number => number > 0 && source.Column(number).IsHidden);
            foreach (short number in hidden)
            {
                numbers[number] = (short)(draft.Columns.Count + 1);
                draft.Columns.Add(source.Column(number) with { Number = numbers[number] });
            }
            string? columns = index.IsPrimary
                ? null
                : string.Join('_', index.Columns.Select(number => source.Column(number).Name));
            string label = index.IsPrimary ? "pkey" : index.ConstraintOid != 0 ? "key" : "idx";
            draft.Indexes.Add(index with
            {
                Oid = Definitions.NextOid(session),
                ConstraintOid = index.ConstraintOid == 0 ? 0 : Definitions.NextOid(session),
                Name = Definitions.ChooseName(draft.Table.Name, columns, label, draft.IsRelationTaken),
                Columns = [.. index.Columns.Select(number => numbers[number])],
                PredicateColumn = index.PredicateColumn == 0 ? (short)0 : numbers[index.PredicateColumn],
                Include = [.. index.Include.Select(number => numbers[number])],
            });
        }
    }
}
