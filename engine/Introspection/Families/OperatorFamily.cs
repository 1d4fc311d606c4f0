using System.Globalization;
using VecSQL.Catalog.Functions;
using VecSQL.Catalog.Objects;
using VecSQL.Catalog.Snapshots;
using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;
using VecSQL.Engine.Statements;

namespace VecSQL.Engine.Introspection.Families;

/// <summary>pg_operator, pg_am, pg_opclass, pg_opfamily, pg_amop, pg_collation.</summary>
internal static class OperatorFamily
{
    private static readonly (uint Oid, string Name, char Kind)[] Methods =
    [
        (2, "heap", 't'), (403, "btree", 'i'), (405, "hash", 'i'), (2742, "gin", 'i'), (3580, "brin", 'i'), (16450, "hnsw", 'i'),
        (16451, "ivfflat", 'i'), (16452, "vecsql", 'i'), (16453, TextIndexOptions.Method, 'i'),
    ];

    /// <summary>Object ids below are PostgreSQL's own.</summary>
    private const uint FirstOfExtension = 16384;

    private static readonly string[] Comparisons = ["<", "<=", "=", ">=", ">"];

    private static readonly OperatorClass[] Classes =
        [.. DataFile.Lines("OperatorClasses.txt").Select(OperatorClass.Read), .. VectorClasses(),
            new(16454, TextIndexOptions.OperatorClass, 16453, 16455, TextIndexOptions.OperatorClass, TypeOid.Text, IsDefault: true)];

    internal static readonly RowSource[] Sources =
    [
        new RowSource<OperatorEntry>("pg_operator", _ => FunctionRegistry.Operators)
            .With("oid", entry => entry.Oid)
            .With("oprname", entry => entry.Name)
            .With("oprnamespace", (context, entry) => context.SchemaHere(SchemaOf(entry)))
            .WithAll("oprowner", Roles.OwnerOid)
            .With("oprkind", entry => entry.Left == 0 ? 'l' : 'b')
            .With("oprcanmerge", entry => entry.CanMerge)
            .With("oprcanhash", entry => entry.CanHash)
            .With("oprleft", entry => entry.Left)
            .With("oprright", entry => entry.Right)
            .With("oprresult", entry => entry.Result)
            .With("oprcom", entry => Related(entry.Commutator, entry.Right, entry.Left))
            .With("oprnegate", entry => Related(entry.Negator, entry.Left, entry.Right))
            .With("oprcode", entry => entry.Function),

        new RowSource<(uint Oid, string Name, char Kind)>("pg_am", _ => Methods)
            .With("oid", method => method.Oid)
            .With("amname", method => method.Name)
            .With("amtype", method => method.Kind),

        new RowSource<OperatorClass>("pg_opclass", _ => Classes)
            .With("oid", entry => entry.Oid)
            .With("opcmethod", entry => entry.Method)
            .With("opcname", entry => entry.Name)
            .With("opcnamespace", (context, entry) => context.SchemaHere(entry.Schema))
            .WithAll("opcowner", Roles.OwnerOid)
            .With("opcfamily", entry => entry.Family)
            .With("opcintype", entry => entry.Type)
            .With("opcdefault", entry => entry.IsDefault),

        new RowSource<OperatorClass>("pg_opfamily", _ => Classes.DistinctBy(entry => entry.Family))
            .With("oid", entry => entry.Family)
            .With("opfmethod", entry => entry.Method)
            .With("opfname", entry => entry.FamilyName)
            .With("opfnamespace", (context, entry) => context.SchemaHere(entry.Schema))
            .WithAll("opfowner", Roles.OwnerOid),

        new RowSource<(OperatorClass Class, int Strategy, uint Operator)>("pg_amop", _ => BtreeOperators())
            .With("oid", entry => (entry.Class.Oid << 3) + (uint)entry.Strategy)
            .With("amopfamily", entry => entry.Class.Family)
            .With("amoplefttype", entry => entry.Class.Type)
            .With("amoprighttype", entry => entry.Class.Type)
            .With("amopstrategy", entry => entry.Strategy)
            .WithAll("amoppurpose", 's')
            .With("amopopr", entry => entry.Operator)
            .With("amopmethod", entry => entry.Class.Method),

        new RowSource<(uint Oid, string Name, char Provider)>("pg_collation",
                _ => [(100, "default", 'd'), (950, "C", 'c'), (951, "POSIX", 'c'), (962, "ucs_basic", 'c')])
            .With("oid", collation => collation.Oid)
            .With("collname", collation => collation.Name)
            .WithAll("collnamespace", CatalogSnapshot.PgCatalogOid)
            .WithAll("collowner", Roles.OwnerOid)
            .With("collprovider", collation => collation.Provider)
            .WithAll("collisdeterministic", true)
            .WithAll("collencoding", -1)
            .With("collcollate", collation => collation.Provider == 'c' ? "C" : null)
            .With("collctype", collation => collation.Provider == 'c' ? "C" : null),
    ];

    internal static uint MethodOid(string name) => Methods.FirstOrDefault(method => method.Name == name).Oid;

    internal static uint DefaultClass(string method, uint typeOid)
    {
        uint methodOid = MethodOid(method);
        // varchar is ordered as text, arrays as any array.
        uint type = typeOid is TypeOid.VarChar ? TypeOid.Text
            : BuiltinTypes.TryFind(typeOid, out TypeEntry? entry) && entry.IsArray ? TypeOid.AnyArray
            : UserTypeOid.IsEnum(typeOid) ? TypeOid.AnyEnum : typeOid;
        return Classes.FirstOrDefault(found => found.Method == methodOid && found.Type == type && found.IsDefault)?.Oid ?? 0;
    }

    internal static uint FindClass(string method, string name) =>
        Classes.FirstOrDefault(found => found.Method == MethodOid(method) && found.Name == name)?.Oid ?? 0;

    /// <summary>The class of a method by its name; an empty text where it is the type's own.</summary>
    /// <exception cref="SqlException">42704: there is none; 42804: it is for another type.</exception>
    internal static string Require(string method, string name, SqlType type)
    {
        uint methodOid = MethodOid(method);
        OperatorClass found = Classes.FirstOrDefault(entry => entry.Method == methodOid && entry.Name == name)
            ?? throw new SqlException(
                SqlState.UndefinedObject, $"operator class \"{name}\" does not exist for access method \"{method}\"");
        bool isText = found.Type == TypeOid.Text && type.Oid is TypeOid.VarChar or TypeOid.BpChar;
        bool isArray = found.Type == TypeOid.AnyArray && BuiltinTypes.Find(type.Oid).IsArray;
        bool isEnum = found.Type == TypeOid.AnyEnum && UserTypeOid.IsEnum(type.Oid);
        if (found.Type != type.Oid && !isText && !isArray && !isEnum)
        {
            throw new SqlException(SqlState.DatatypeMismatch,
                $"operator class \"{name}\" does not accept data type {BuiltinTypes.FormatType(type.Oid, null)}");
        }
        return found.Oid == DefaultClass(method, type.Oid) ? "" : name;
    }

    /// <summary>What PostgreSQL itself does not have, with the catalogs that list it.</summary>
    internal static IEnumerable<(uint Catalog, uint Oid)> OfExtension =>
    [
        .. Methods.Where(static method => method.Oid >= FirstOfExtension).Select(static method => (2601u, method.Oid)),
        .. FunctionRegistry.Operators.Where(static entry => entry.Schema == "public").Select(static entry => (2617u, entry.Oid)),
        .. Classes.Where(static entry => entry.Oid >= FirstOfExtension).Select(static entry => (2616u, entry.Oid)),
        .. Classes.Where(static entry => entry.Family >= FirstOfExtension).DistinctBy(static entry => entry.Family)
            .Select(static entry => (2753u, entry.Family)),
    ];

    internal static OperatorClass? FindClass(uint oid) => Classes.FirstOrDefault(entry => entry.Oid == oid);

    private static uint SchemaOf(OperatorEntry entry) =>
        entry.Schema == "public" ? CatalogSnapshot.PublicOid : CatalogSnapshot.PgCatalogOid;

    private static uint Related(string? name, uint left, uint right) =>
        name is null ? 0 : FunctionRegistry.FindOperator(name, left, right)?.Oid ?? 0;

    private static IEnumerable<(OperatorClass Class, int Strategy, uint Operator)> BtreeOperators() =>
        from entry in Classes
        where entry.Method == 403
        from i in Enumerable.Range(0, Comparisons.Length)
        let found = FunctionRegistry.FindOperator(Comparisons[i], entry.Type, entry.Type)
        where found is not null
        select (entry, i + 1, found.Oid);

    private static IEnumerable<OperatorClass> VectorClasses()
    {
        uint oid = 16460;
        uint[] types = [TypeOid.Vector, TypeOid.HalfVector, TypeOid.SparseVector];
        foreach (uint type in types)
        {
            string name = BuiltinTypes.Find(type).Name;
            yield return new OperatorClass(oid++, $"{name}_ops", 403, oid++, $"{name}_ops", type, IsDefault: true);
            foreach (string metric in (string[])["l2", "ip", "cosine", "l1"])
                yield return new OperatorClass(oid++, $"{name}_{metric}_ops", 16450, oid++, $"{name}_{metric}_ops", type, false);
            if (type == TypeOid.SparseVector)
                continue;
            foreach (string metric in (string[])["l2", "ip", "cosine"])
            {
                yield return new OperatorClass(oid++, $"{name}_{metric}_ops", 16451, oid++, $"{name}_{metric}_ops", type,
                    IsDefault: metric == "l2" && type == TypeOid.Vector);
            }
        }
        yield return new OperatorClass(oid++, "bit_hamming_ops", 16450, oid++, "bit_hamming_ops", TypeOid.Bit, false);
        yield return new OperatorClass(oid++, "bit_jaccard_ops", 16450, oid++, "bit_jaccard_ops", TypeOid.Bit, false);
        yield return new OperatorClass(oid++, "bit_hamming_ops", 16451, oid++, "bit_hamming_ops", TypeOid.Bit, false);
        foreach (uint type in types)
        {
            string name = BuiltinTypes.Find(type).Name;
            foreach (string metric in (string[])["l2", "ip", "cosine", "l1"])
            {
                string own = $"{name}_{metric}_ops";
                yield return new OperatorClass(oid++, own, 16452, oid++, own, type,
                    IsDefault: own == VectorOperatorClass.DefaultFor("vecsql", new SqlType(type)));
            }
        }
        yield return new OperatorClass(oid++, "bit_hamming_ops", 16452, oid++, "bit_hamming_ops", TypeOid.Bit, IsDefault: true);
        yield return new OperatorClass(oid++, "bit_jaccard_ops", 16452, oid++, "bit_jaccard_ops", TypeOid.Bit, false);
        foreach (uint method in (uint[])[16450, 16451, 16452])
        {
            yield return new OperatorClass(oid++, "vector_maxsim_ops", method, oid++, "vector_maxsim_ops", TypeOid.VectorArray, false);
            yield return new OperatorClass(oid++, "halfvec_maxsim_ops", method, oid++, "halfvec_maxsim_ops", TypeOid.HalfVectorArray, false);
        }
    }

    internal sealed record OperatorClass(
        uint Oid, string Name, uint Method, uint Family, string FamilyName, uint Type, bool IsDefault)
    {
        internal uint Schema => Oid < FirstOfExtension ? CatalogSnapshot.PgCatalogOid : CatalogSnapshot.PublicOid;

        internal static OperatorClass Read(string[] fields)
        {
            string[] family = fields[3].Split(':');
            BuiltinTypes.TryFindByName(fields[4], out TypeEntry? type);
            return new OperatorClass(Number(fields[0]), fields[1], MethodOid(fields[2]), Number(family[0]), family[1],
                type?.Oid ?? 0, fields[5] == "1");
        }

        private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
    }
}
