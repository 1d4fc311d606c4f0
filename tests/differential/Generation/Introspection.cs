namespace VecSQL.Differential.Tests.Generation;

/// <summary>What the catalogs say about a seed's tables and views.</summary>
internal static class Introspection
{
    private const string Own = "n.oid = c.relnamespace AND n.nspname = current_schema()";

    public static IReadOnlyList<Statement> Statements { get; } =
    [
        new("SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef "
            + "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
            + $"JOIN pg_namespace n ON {Own} "
            + "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'v')"),
        new("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"),
        new("SELECT k.conname, k.contype, k.conkey, pg_get_constraintdef(k.oid), pg_get_constraintdef(k.oid, true) FROM pg_constraint k "
            + $"JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON {Own}"),
        new("SELECT i.indkey, i.indoption, i.indisunique, i.indisprimary, pg_get_indexdef(i.indexrelid, 1, true) FROM pg_index i "
            + $"JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON {Own}"),
        new("SELECT table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length, "
            + "numeric_precision, numeric_scale, datetime_precision, udt_name FROM information_schema.columns "
            + "WHERE table_schema = current_schema()"),
        new("SELECT table_name, constraint_name, constraint_type FROM information_schema.table_constraints "
            + "WHERE table_schema = current_schema() AND constraint_type <> 'CHECK'"),
        new("SELECT constraint_name, column_name, ordinal_position FROM information_schema.key_column_usage "
            + "WHERE table_schema = current_schema()"),
    ];
}
