using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Types;
using VecSQL.Core.Collections;
using VecSQL.Core.Errors;
using VecSQL.Parser.Syntax;

namespace VecSQL.Engine.Statements;

/// <summary>Sorts the constraints behind a column, refusing those that contradict each other.</summary>
internal sealed class ColumnParts(string table, ColumnEntry column, bool isSerial)
{
    private bool? _isNull;

    internal ColumnEntry Column { get; private set; } = isSerial ? column with { IsNotNull = true } : column;

    internal Expression? Default { get; private set; }

    internal Expression? Generated { get; private set; }

    /// <summary>Options of the sequence to make; null for none.</summary>
    internal ValueList<SequenceOption>? Sequence { get; private set; } = isSerial ? [] : null;

    internal List<(string? Name, Expression Condition)> Checks { get; } = [];

    internal List<ColumnUniqueConstraint> Keys { get; } = [];

    internal List<ColumnReferenceConstraint> References { get; } = [];

    internal void Add(ColumnConstraint constraint)
    {
        switch (constraint)
        {
            case NotNullConstraint nullness:
                SetNullness(nullness);
                break;
            case DefaultConstraint value:
                if (Default is not null || isSerial)
                    throw Conflict("multiple default values specified", constraint);
                Default = value.Value;
                RefuseTwoSources(constraint);
                break;
            case GeneratedConstraint generated:
                if (Generated is not null)
                    throw Conflict("multiple generation clauses specified", constraint);
                Generated = generated.Value;
                RefuseTwoSources(constraint);
                break;
            case IdentityConstraint identity:
                SetIdentity(identity);
                break;
            case ColumnUniqueConstraint key:
                Keys.Add(key);
                break;
            case ColumnCheckConstraint check:
                Checks.Add((check.Name, check.Condition));
                break;
            case ColumnReferenceConstraint reference:
                References.Add(reference);
                break;
            default:
                throw StatementDispatch.Unsupported("this column constraint");
        }
    }

    private void SetNullness(NotNullConstraint constraint)
    {
        bool contradicts = (_isNull is { } before && before != constraint.IsNull)
            || (constraint.IsNull && (isSerial || Column.Identity != IdentityKind.None));
        if (contradicts)
            throw Conflict("conflicting NULL/NOT NULL declarations", constraint);
        _isNull = constraint.IsNull;
        Column = Column with { IsNotNull = !constraint.IsNull };
    }

    private void SetIdentity(IdentityConstraint identity)
    {
        if (Column.Identity != IdentityKind.None)
            throw Conflict("multiple identity specifications", identity);
        RequireIdentityType(Column.Type);
        if (_isNull == true)
            throw Conflict("conflicting NULL/NOT NULL declarations", identity);
        Column = Column with
        {
            Identity = identity.IsAlways ? IdentityKind.Always : IdentityKind.ByDefault,
            IsNotNull = true,
        };
        Sequence = identity.Options;
        RefuseTwoSources(identity);
    }

    internal static void RequireIdentityType(SqlType type)
    {
        if (type.Oid is not (TypeOid.Int2 or TypeOid.Int4 or TypeOid.Int8))
        {
            throw new SqlException(
                SqlState.InvalidParameterValue, "identity column type must be smallint, integer, or bigint");
        }
    }

    private void RefuseTwoSources(ColumnConstraint constraint)
    {
        bool isIdentity = Column.Identity != IdentityKind.None;
        if ((Default is not null || isSerial) && isIdentity)
            throw Conflict("both default and identity specified", constraint);
        if ((Default is not null || isSerial) && Generated is not null)
            throw Conflict("both default and generation expression specified", constraint);
        if (isIdentity && Generated is not null)
            throw Conflict("both identity and generation expression specified", constraint);
    }

    private SqlException Conflict(string problem, ColumnConstraint constraint) =>
        new(SqlState.SyntaxError, $"{problem} for column \"{Column.Name}\" of table \"{table}\"")
        { Position = constraint.Position };
}
