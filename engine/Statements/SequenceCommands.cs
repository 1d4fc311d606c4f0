using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Engine.Sessions;
using VecSQL.Parser;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>CREATE and ALTER SEQUENCE.</summary>
internal static class SequenceCommands
{
    internal static async ValueTask CreateAsync(
        SessionState session, CreateSequenceStatement statement, CancellationToken cancellation)
    {
        SchemaEntry? schema = await Definitions.TakeNameAsync(
            session, statement.Name, statement.IsTemporary, statement.IfNotExists, cancellation);
        if (schema is null)
            return;
        SequenceEntry sequence = new(Definitions.NextOid(session), schema.Oid, statement.Name.Name);
        sequence = SequenceOptions.Apply(session, sequence, statement.Options, isNew: true);
        Definitions.Put(session, WithOwner(session, sequence, statement.Options));
    }

    internal static async ValueTask AlterAsync(
        SessionState session, AlterSequenceStatement statement, CancellationToken cancellation)
    {
        SequenceEntry? found = Find(session, statement.Name, statement.IfExists);
        if (found is null)
            return;
        await Definitions.LockNameAsync(session, found.SchemaOid, found.Name, cancellation);
        Change(session, found, statement.Options);
    }

    /// <summary>Gives a sequence other options, and another place to go on from.</summary>
    internal static void Change(SessionState session, SequenceEntry sequence, ValueList<SequenceOption> options)
    {
        sequence = SequenceOptions.Apply(session, sequence, options, isNew: false);
        sequence = WithOwner(session, sequence, options);
        Definitions.Put(session, sequence);
        if (SequenceOptions.Find(options, "restart") is { } restart)
            Restart(session, sequence, restart.Value ?? sequence.Start);
    }

    internal static void Restart(SessionState session, SequenceEntry sequence, long value)
    {
        if (value < sequence.MinValue)
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"RESTART value ({value}) cannot be less than MINVALUE ({sequence.MinValue})");
        }
        if (value > sequence.MaxValue)
        {
            throw new SqlException(SqlState.InvalidParameterValue,
                $"RESTART value ({value}) cannot be greater than MAXVALUE ({sequence.MaxValue})");
        }
        session.Transaction.Storage.RestartSequence(sequence, value);
        if (sequence.Cache > 1) // what sessions have taken ahead is of the entry that it was taken by: not of this one, nor this one's of the one before
            Definitions.Put(session, sequence with { });
    }

    /// <summary>The sequence of that name; null where there is none and that is allowed (a NOTICE is sent).</summary>
    internal static SequenceEntry? Find(SessionState session, QualifiedName name, bool ifExists)
    {
        CatalogSnapshot catalog = Definitions.Catalog(session);
        switch (session.Names.FindRelation(catalog, name))
        {
            case SequenceEntry sequence:
                return sequence;
            case null when ifExists:
                session.Notices.Notice($"relation \"{name.Name}\" does not exist, skipping");
                return null;
            case null:
                throw session.Names.Undefined(catalog, name);
            default:
                throw new SqlException(SqlState.WrongObjectType, $"\"{name.Name}\" is not a sequence");
        }
    }

    /// <summary>The sequence that nextval('name') as a whole expression names; null for other expressions.</summary>
    internal static SequenceEntry? OfNextValue(SessionState session, Expression value)
    {
        if (value is not FunctionCall { Name.Name: "nextval", Arguments: [{ Value: var argument }] })
            return null;
        Expression inner = argument is CastExpression { Type.Name.Name: "regclass" } cast ? cast.Operand : argument;
        return inner is StringLiteral literal
            && session.Names.FindRelation(Definitions.Catalog(session), NameText.Parse(literal.Value)) is SequenceEntry sequence
            ? sequence
            : null;
    }

    private static SequenceEntry WithoutOwner(SessionState session, SequenceEntry sequence)
    {
        if (sequence.OwnerTable != 0 && Definitions.Catalog(session).TryFindTable(new TableId(sequence.OwnerTable), out TableEntry? table)
            && table.Column(sequence.OwnerColumn).Identity != IdentityKind.None)
        {
            throw new SqlException(SqlState.FeatureNotSupported, "cannot change ownership of identity sequence")
            {
                Detail = $"Sequence \"{sequence.Name}\" is linked to table \"{table.Name}\".",
            };
        }
        return sequence with { OwnerTable = 0, OwnerColumn = 0 };
    }

    private static SequenceEntry WithOwner(
        SessionState session, SequenceEntry sequence, ValueList<SequenceOption> options)
    {
        if (SequenceOptions.Find(options, "owned by")?.ObjectName is not { } owner)
            return sequence;
        if (owner.Parts.Count == 1)
        {
            if (owner.Name != "none")
            {
                throw new SqlException(SqlState.SyntaxError, "invalid OWNED BY option",
                    hint: "Specify OWNED BY table.column or OWNED BY NONE.");
            }
            return WithoutOwner(session, sequence);
        }
        QualifiedName tableName = new([.. owner.Parts.Take(owner.Parts.Count - 1)]) { Position = owner.Position };
        TableEntry table = session.Names.GetTable(Definitions.Catalog(session), tableName);
        if (table.SchemaOid != sequence.SchemaOid)
        {
            throw new SqlException(SqlState.ObjectNotInPrerequisiteState,
                "sequence must be in same schema as table it is linked to");
        }
        ColumnEntry column = TableColumns.Get(table, owner.Name);
        return sequence with { OwnerTable = table.Oid, OwnerColumn = column.Number };
    }
}
