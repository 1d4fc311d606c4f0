using VecSQL.Catalog.Types;
using VecSQL.Core.Errors;

namespace VecSQL.Catalog.Tests.Types;

public sealed class BuiltinTypesTests
{
    [Theory]
    [InlineData(1042u, null, "character")]
    [InlineData(1042u, -1, "bpchar")]
    [InlineData(1042u, 7, "character(3)")]
    [InlineData(1560u, null, "bit")]
    [InlineData(1560u, -1, "\"bit\"")]
    [InlineData(1560u, 5, "bit(5)")]
    [InlineData(1562u, 5, "bit varying(5)")]
    [InlineData(1043u, 7, "character varying(3)")]
    [InlineData(1043u, 2, "character varying")]
    [InlineData(1015u, 7, "character varying(3)[]")]
    [InlineData(1700u, 655366, "numeric(10,2)")]
    [InlineData(1700u, 329729, "numeric(5,-3)")]
    [InlineData(1231u, 655366, "numeric(10,2)[]")]
    [InlineData(1114u, 3, "timestamp(3) without time zone")]
    [InlineData(1184u, 3, "timestamp(3) with time zone")]
    [InlineData(1184u, null, "timestamp with time zone")]
    [InlineData(1083u, 0, "time(0) without time zone")]
    [InlineData(1266u, -1, "time with time zone")]
    [InlineData(1186u, 2147418115, "interval(3)")]
    [InlineData(1186u, 470351871, "interval day to second")]
    [InlineData(1186u, 65535 + (6 << 16), "interval year to month")]
    [InlineData(23u, null, "integer")]
    [InlineData(1007u, null, "integer[]")]
    [InlineData(701u, null, "double precision")]
    [InlineData(18u, null, "\"char\"")]
    [InlineData(1002u, null, "\"char\"[]")]
    [InlineData(2276u, null, "\"any\"")]
    [InlineData(2287u, null, "record[]")]
    [InlineData(30u, null, "oidvector")]
    [InlineData(16400u, 3, "vector(3)")]
    [InlineData(16401u, 3, "vector(3)[]")]
    [InlineData(0u, null, "-")]
    [InlineData(999999u, 1, "???")]
    public void A_type_is_spelled_as_PostgreSQL_spells_it(uint oid, int? modifier, string expected) =>
        Assert.Equal(expected, BuiltinTypes.FormatType(oid, modifier));

    [Theory]
    [InlineData(1043u, new[] { 3 }, 7)]
    [InlineData(1042u, new[] { 1 }, 5)]
    [InlineData(1560u, new[] { 8 }, 8)]
    [InlineData(1700u, new[] { 10, 2 }, 655366)]
    [InlineData(1700u, new[] { 5 }, 327684)]
    [InlineData(1700u, new[] { 5, -3 }, 329729)]
    [InlineData(1184u, new[] { 3 }, 3)]
    [InlineData(1184u, new[] { 9 }, 6)]
    [InlineData(1186u, new[] { 3 }, 2147418115)]
    [InlineData(16400u, new[] { 16000 }, 16000)]
    [InlineData(16401u, new[] { 3 }, 3)]
    [InlineData(16404u, new[] { 1000000000 }, 1000000000)]
    public void Modifiers_pack_as_atttypmod_does(uint oid, int[] modifiers, int expected) =>
        Assert.Equal(expected, BuiltinTypes.ModifierFrom(oid, modifiers));

    [Theory]
    [InlineData(1042u, new[] { 0 }, "22023", "length for type char must be at least 1")]
    [InlineData(1043u, new[] { 10485761 }, "22023", "length for type varchar cannot exceed 10485760")]
    [InlineData(1560u, new[] { 83886081 }, "22023", "length for type bit cannot exceed 83886080")]
    [InlineData(1700u, new[] { 0 }, "22023", "NUMERIC precision 0 must be between 1 and 1000")]
    [InlineData(1700u, new[] { 2, 1001 }, "22023", "NUMERIC scale 1001 must be between -1000 and 1000")]
    [InlineData(1700u, new[] { 1, 2, 3 }, "22023", "invalid NUMERIC type modifier")]
    [InlineData(1266u, new[] { -1 }, "22023", "TIME(-1) WITH TIME ZONE precision must not be negative")]
    [InlineData(23u, new[] { 3 }, "42601", "type modifier is not allowed for type \"int4\"")]
    [InlineData(16400u, new[] { 0 }, "22023", "dimensions for type vector must be at least 1")]
    [InlineData(16400u, new[] { 16001 }, "22023", "dimensions for type vector cannot exceed 16000")]
    [InlineData(16402u, new[] { 1, 2 }, "22023", "invalid type modifier")]
    [InlineData(16404u, new[] { 1000000001 }, "22023", "dimensions for type sparsevec cannot exceed 1000000000")]
    public void Bad_modifiers_are_refused_in_PostgreSQLs_words(uint oid, int[] modifiers, string state, string message)
    {
        SqlException error = Assert.Throws<SqlException>(() => BuiltinTypes.ModifierFrom(oid, modifiers));
        Assert.Equal((state, message), (error.State.Code, error.Message));
    }

    [Theory]
    [InlineData("year to month", null, "interval year to month")]
    [InlineData("day to second", 3, "interval day to second(3)")]
    [InlineData("second", 0, "interval second(0)")]
    [InlineData(null, 2, "interval(2)")]
    [InlineData(null, null, "interval")]
    public void Interval_fields_survive_packing(string? fields, int? precision, string expected)
    {
        int modifier = BuiltinTypes.IntervalModifierFrom(fields, precision);
        Assert.Equal(expected, BuiltinTypes.FormatType(new SqlType(TypeOid.Interval, modifier)));
    }

    [Fact]
    public void Names_and_object_ids_are_unique_and_arrays_point_back_at_their_elements()
    {
        Assert.Equal(BuiltinTypes.All.Count, BuiltinTypes.All.Select(entry => entry.Oid).Distinct().Count());
        Assert.Equal(BuiltinTypes.All.Count, BuiltinTypes.All.Select(entry => entry.Name).Distinct().Count());
        foreach (TypeEntry entry in BuiltinTypes.All)
        {
            Assert.True(BuiltinTypes.TryFindByName(entry.Name, out TypeEntry? byName));
            Assert.Same(entry, byName);
            if (entry.ArrayOid != 0)
            {
                Assert.Equal(entry.Oid, BuiltinTypes.Find(entry.ArrayOid).ElementOid);
                Assert.True(BuiltinTypes.Find(entry.ArrayOid).IsArray);
                Assert.Equal(entry.Oid, BuiltinTypes.ElementOf(entry.ArrayOid));
            }
        }
        Assert.False(BuiltinTypes.Find(TypeOid.Int2Vector).IsArray);
        Assert.False(BuiltinTypes.Find(TypeOid.Name).IsArray);
    }
}
