namespace VecSQL.Catalog.Functions.Families;

/// <summary>Casts without a function.</summary>
internal static class CoercionFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        casts: """
            int4 oid implicit binary
            oid int4 assignment binary
            oid regproc implicit binary
            regproc oid implicit binary
            int4 regproc implicit binary
            regproc int4 assignment binary
            regproc regprocedure implicit binary
            regprocedure regproc implicit binary
            oid regprocedure implicit binary
            regprocedure oid implicit binary
            int4 regprocedure implicit binary
            regprocedure int4 assignment binary
            oid regoper implicit binary
            regoper oid implicit binary
            int4 regoper implicit binary
            regoper int4 assignment binary
            regoper regoperator implicit binary
            regoperator regoper implicit binary
            oid regoperator implicit binary
            regoperator oid implicit binary
            int4 regoperator implicit binary
            regoperator int4 assignment binary
            oid regclass implicit binary
            regclass oid implicit binary
            int4 regclass implicit binary
            regclass int4 assignment binary
            oid regcollation implicit binary
            regcollation oid implicit binary
            int4 regcollation implicit binary
            regcollation int4 assignment binary
            oid regtype implicit binary
            regtype oid implicit binary
            int4 regtype implicit binary
            regtype int4 assignment binary
            oid regconfig implicit binary
            regconfig oid implicit binary
            int4 regconfig implicit binary
            regconfig int4 assignment binary
            oid regdictionary implicit binary
            regdictionary oid implicit binary
            int4 regdictionary implicit binary
            regdictionary int4 assignment binary
            oid regrole implicit binary
            regrole oid implicit binary
            int4 regrole implicit binary
            regrole int4 assignment binary
            oid regnamespace implicit binary
            regnamespace oid implicit binary
            int4 regnamespace implicit binary
            regnamespace int4 assignment binary
            text bpchar implicit binary
            text varchar implicit binary
            varchar text implicit binary
            varchar bpchar implicit binary
            pg_node_tree text implicit binary
            bit varbit implicit binary
            varbit bit implicit binary
            json jsonb assignment text
            jsonb json assignment text
            """);
}
