using VecSQL.Planner.Tests.Kit;

namespace VecSQL.Planner.Tests.Binding;

public sealed class FirstStatementTests
{
    [Theory]
    [InlineData("select 1", "integer")]
    [InlineData("select id, x + 1, y from a where x > 3 order by 2 limit 5", "integer, integer, text")]
    [InlineData("select a.x, count(*), sum(b.v) from a join b on b.a_id = a.id group by a.x having count(*) > 1",
        "integer, bigint, numeric")]
    [InlineData("select * from a left join b using (id)",
        "integer, integer, text, double precision, integer, bigint, character varying(20)")]
    [InlineData("select (select max(v) from b where b.a_id = a.id) from a", "bigint")]
    [InlineData("select * from a where exists (select 1 from b where a_id = a.id) and x in (select id from c)",
        "integer, integer, text, double precision")]
    [InlineData("with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select n from t",
        "integer")]
    [InlineData("select x, row_number() over (partition by y order by x) from a", "integer, bigint")]
    [InlineData("select distinct on (y) y, x from a order by y, x desc", "text, integer")]
    [InlineData("select x from a union select v from b order by 1", "bigint")]
    [InlineData("values (1, 'a'), (2, null)", "integer, text")]
    public void Queries_have_result_types(string sql, string types) => Assert.Equal(types, PlannerKit.Types(sql));

    [Theory]
    [InlineData("insert into a values (1, 2, 'x', null)")]
    [InlineData("insert into a (id, y) select id, 'q' from b returning *")]
    [InlineData("insert into a (id) values ($1) on conflict (id) do update set x = excluded.x + a.x where a.x < 5")]
    [InlineData("update a set x = x + 1, y = 'z' where id = 3 returning x")]
    [InlineData("update a set (x, y) = (select id, name from b where b.a_id = a.id) from c where c.id = a.id")]
    [InlineData("delete from a using b where b.a_id = a.id returning a.*, b.v")]
    [InlineData("with gone as (delete from a returning id) insert into b (id) select id from gone")]
    [InlineData("insert into gen default values")]
    public void Changes_are_planned(string sql) => Assert.NotNull(PlannerKit.Plan(sql).Plan);
}
