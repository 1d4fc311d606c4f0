using System.Collections.Immutable;
using System.Text;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE TYPE … AS ENUM, ALTER TYPE … ADD VALUE and RENAME VALUE.</summary>
internal static class EnumCommands
{
    internal static async ValueTask CreateAsync(SessionState session, CreateEnumStatement statement, CancellationToken cancellation)
    {
        SchemaEntry schema = await UserTypeCommands.TakeNameAsync(session, statement.Name, cancellation);
        uint oid = UserTypeOid.OfEnum(Definitions.NextOid(session));
        ImmutableArray<EnumLabel> labels = FirstLabels(session, oid, statement.Labels);
        Definitions.Put(session, new EnumTypeEntry(oid, schema.Oid, statement.Name.Name)
        {
            ArrayName = UserTypeCommands.ArrayName(session, schema.Oid, statement.Name.Name),
            Labels = labels,
            LastFirstOid = labels is [.., var last] ? last.Oid : 0,
        });
    }

    internal static void Add(SessionState session, EnumTypeEntry type, AddEnumValueAction action)
    {
        RefuseLong(action.Label);
        if (type.FindLabel(action.Label) is not null)
        {
            if (!action.IfNotExists)
                throw AlreadyExists(action.Label);
            session.Notices.Notice(SqlState.DuplicateObject, $"enum label \"{action.Label}\" already exists, skipping");
            return;
        }
        int place = action.Neighbor is { } neighbor ? PlaceOf(type, neighbor) + (action.IsBefore ? 0 : 1) : type.Labels.Length;
        long key = type.KeyBefore(place) ?? throw new SqlException(SqlState.ProgramLimitExceeded,
            $"too many labels were added between two labels of enum {CatalogMark.OfType(type.Oid)}",
            hint: "Create the type anew, with all labels in their order.");
        ImmutableArray<EnumLabel> labels = type.Labels.Insert(
            place, new EnumLabel(Definitions.NextOid(session), action.Label, key, SortOrder(type.Labels, place)));
        Definitions.Put(session, type with { Labels = InOrder(labels) });
    }

    internal static void Rename(SessionState session, EnumTypeEntry type, RenameEnumValueAction action)
    {
        RefuseLong(action.NewLabel);
        int place = PlaceOf(type, action.Label);
        if (type.FindLabel(action.NewLabel) is not null)
            throw AlreadyExists(action.NewLabel);
        EnumLabel renamed = type.Labels[place] with { Name = action.NewLabel };
        Definitions.Put(session, type with { Labels = type.Labels.SetItem(place, renamed) });
    }

    private static ImmutableArray<EnumLabel> FirstLabels(SessionState session, uint typeOid, ValueList<string> names)
    {
        var labels = ImmutableArray.CreateBuilder<EnumLabel>(names.Count);
        HashSet<string> known = [];
        for (int i = 0; i < names.Count; i++)
        {
            RefuseLong(names[i]);
            if (!known.Add(names[i]))
            {
                throw new SqlException(SqlState.UniqueViolation,
                    "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"")
                {
                    Detail = $"Key (enumtypid, enumlabel)=({typeOid}, {names[i]}) already exists.",
                    SchemaName = "pg_catalog",
                    TableName = "pg_enum",
                    ConstraintName = "pg_enum_typid_label_index",
                };
            }
            labels.Add(new EnumLabel(Definitions.NextOid(session), names[i], EnumTypeEntry.FirstKey(i), i + 1));
        }
        return labels.ToImmutable();
    }

    /// <summary>PostgreSQL's number for a label at the place: half-way between its neighbours, one beyond the last.</summary>
    private static float SortOrder(ImmutableArray<EnumLabel> labels, int place)
    {
        if (labels.Length == 0)
            return 1;
        if (place == 0)
            return labels[0].SortOrder - 1;
        float left = labels[place - 1].SortOrder;
        return place == labels.Length ? left + 1 : (left + labels[place].SortOrder) / 2;
    }

    /// <summary>The labels with sort orders that are told apart: where halving has come to its end, all are numbered anew.</summary>
    private static ImmutableArray<EnumLabel> InOrder(ImmutableArray<EnumLabel> labels)
    {
        for (int i = 1; i < labels.Length; i++)
        {
            if (labels[i - 1].SortOrder >= labels[i].SortOrder)
                return [.. labels.Select(static (label, place) => label with { SortOrder = place + 1 })];
        }
        return labels;
    }

    private static int PlaceOf(EnumTypeEntry type, string name) => type.FindLabel(name) is { } label
        ? type.Labels.IndexOf(label)
        : throw new SqlException(SqlState.InvalidParameterValue, $"\"{name}\" is not an existing enum label");

    private static SqlException AlreadyExists(string label) =>
        new(SqlState.DuplicateObject, $"enum label \"{label}\" already exists");

    private static void RefuseLong(string label)
    {
        if (Encoding.UTF8.GetByteCount(label) > Definitions.NameBytesMax)
        {
            throw new SqlException(SqlState.InvalidName, $"invalid enum label \"{label}\"")
            { Detail = $"Labels must be {Definitions.NameBytesMax} bytes or less." };
        }
    }
}
