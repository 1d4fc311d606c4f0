using System.Data;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Diagnostics.Internal;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Scaffolding;
using Microsoft.EntityFrameworkCore.Scaffolding.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using VecSQL.Clients.Tests.Matrix;

namespace VecSQL.Clients.Tests.Dotnet;

/// <summary>What an application does through Entity Framework Core: models, queries, migrations, scaffolding.</summary>
[Lacks("listen", "EF Core has no notifications; Npgsql below has")]
[Lacks("pipeline", "EF Core batches what it saves, and sends one query at a time")]
internal sealed class EfCoreClient(MatrixServer server) : IAsyncDisposable
{
    internal const string Endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*)::int AS \"Value\" FROM r";

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(server.ConnectionString);

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private Library Open() => new(new DbContextOptionsBuilder<Library>().UseNpgsql(_source).Options);

    private async Task<Library> FreshAsync()
    {
        Library library = Open();
        await library.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS \"Books\", \"Authors\"");
        await library.GetService<IRelationalDatabaseCreator>().CreateTablesAsync();
        return library;
    }

    [Step("connect")]
    public async Task Connects()
    {
        await using Library library = Open();
        Assert.True(await library.Database.CanConnectAsync());
        Assert.Equal("yx", await library.Database.SqlQuery<string>($"SELECT {"y"} || 'x' AS \"Value\"").SingleAsync());
    }

    [Step("secure")]
    public async Task Connects_securely()
    {
        DbContextOptions<Library> options = new DbContextOptionsBuilder<Library>()
            .UseNpgsql(server.SecureConnectionString(MatrixServer.SecurePassword)).Options;
        await using Library library = new(options);
        Assert.True(await library.Database.SqlQuery<bool>($"SELECT ssl AS \"Value\" FROM pg_stat_ssl WHERE pid = pg_backend_pid()").SingleAsync());
    }

    [Step("types")]
    [Step("arrays")]
    public async Task Objects_come_back()
    {
        Guid key = Guid.Parse("6f9619ff-8b86-d011-b42d-00c04fc964ff");
        await using (Library library = await FreshAsync())
        {
            library.Add(new Author
            {
                Name = "Čapek", Born = new DateOnly(1890, 1, 9), Score = 9.125m, Tags = ["a", "b c", "NULL", ""], Key = key, Data = [0, 255], IsKnown = true,
                Books = { new Book { Title = "R.U.R." }, new Book { Title = "Válka s mloky" } },
            });
            Assert.Equal(3, await library.SaveChangesAsync());
        }
        await using Library again = Open();
        Author author = await again.Authors.Include(entity => entity.Books).SingleAsync(
            entity => entity.Tags != null && entity.Tags.Contains("b c") && entity.Born < new DateOnly(1900, 1, 1) && entity.IsKnown == true);
        Assert.Equal((1, "Čapek", 9.125m, key, 2), (author.Id, author.Name, author.Score, author.Key, author.Books.Count));
        Assert.Equal(["a", "b c", "NULL", ""], author.Tags ?? []);
        Assert.Equal([0, 255], author.Data ?? []);
        Assert.Equal(DateTimeKind.Utc, author.At.Kind);
    }

    [Step("nulls")]
    public async Task Nulls_come_back()
    {
        await using Library library = await FreshAsync();
        library.Add(new Author { Name = "x" });
        await library.SaveChangesAsync();
        Assert.Equal(1, await library.Authors.CountAsync(author => author.Born == null && author.Tags == null && author.IsKnown != true));
    }

    [Step("vectors")]
    public async Task Vectors_are_found()
    {
        await using Library library = await FreshAsync();
        await library.Database.ExecuteSqlRawAsync("ALTER TABLE \"Authors\" ADD COLUMN e vector(3)");
        await library.Database.ExecuteSqlRawAsync("INSERT INTO \"Authors\" (\"Name\", \"Key\", \"Version\", e)"
            + " SELECT 'a' || n, gen_random_uuid(), 0, ARRAY[n, 0.5, -1]::real[]::vector FROM generate_series(0, 9) n");
        string to = "[3.25,0.5,-1]";
        List<Author> nearest = await library.Authors.FromSql($"SELECT *, xmin FROM \"Authors\" ORDER BY e <-> {to}::text::vector LIMIT 2")
            .AsNoTracking().ToListAsync();
        Assert.Equal(["a3", "a4"], nearest.Select(author => author.Name));
    }

    [Step("prepared")]
    public async Task Compiled_queries_run_often()
    {
        await using Library library = await FreshAsync();
        library.Add(new Author { Name = "x" });
        await library.SaveChangesAsync();
        Func<Library, string, IAsyncEnumerable<int>> byName = EF.CompileAsyncQuery(
            (Library context, string name) => context.Authors.Where(author => author.Name == name).Select(author => author.Id));
        for (int round = 0; round < 8; round++)
            Assert.Equal([1], await byName(library, "x").ToListAsync());
    }

    [Step("transactions")]
    public async Task Transactions_hold()
    {
        await using Library library = await FreshAsync();
        await using (IDbContextTransaction transaction = await library.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead))
        {
            library.Add(new Author { Name = "kept" });
            await library.SaveChangesAsync();
            library.Add(new Author { Name = "kept" });
            await Assert.ThrowsAsync<DbUpdateException>(() => library.SaveChangesAsync()); // back to a savepoint of its own
            library.ChangeTracker.Clear();
            library.Add(new Author { Name = "after" });
            await library.SaveChangesAsync();
            await transaction.CommitAsync();
        }
        Assert.Equal(["after", "kept"], await library.Authors.OrderBy(author => author.Name).Select(author => author.Name).ToListAsync());
        await using Library first = Open(), second = Open();
        Author one = await first.Authors.FirstAsync(), other = await second.Authors.FirstAsync(author => author.Id == one.Id);
        (one.Version, other.Version) = (1, 2);
        await first.SaveChangesAsync();
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => second.SaveChangesAsync());
        uint before = one.Row;
        one.Score = 1;
        await first.SaveChangesAsync();
        Assert.NotEqual(before, one.Row);
        await first.Database.ExecuteSqlAsync($"UPDATE \"Authors\" SET \"Score\" = 2 WHERE \"Id\" = {one.Id}");
        one.Score = 3;
        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => first.SaveChangesAsync()); // its xmin is not that of the row any more
    }

    [Step("errors")]
    public async Task Errors_have_their_fields()
    {
        await using Library library = await FreshAsync();
        library.Add(new Author { Name = "x", Score = -1 });
        DbUpdateException failure = await Assert.ThrowsAsync<DbUpdateException>(() => library.SaveChangesAsync());
        PostgresException error = Assert.IsType<PostgresException>(failure.InnerException);
        Assert.Equal(("23514", "score_positive", "Authors"), (error.SqlState, error.ConstraintName, error.TableName));
        library.ChangeTracker.Clear();
        library.Add(new Book { Title = "lost", AuthorId = 99 });
        failure = await Assert.ThrowsAsync<DbUpdateException>(() => library.SaveChangesAsync());
        Assert.Equal("23503", Assert.IsType<PostgresException>(failure.InnerException).SqlState);
    }

    [Step("bulk")]
    public async Task Many_rows_are_written()
    {
        await using Library library = await FreshAsync();
        library.AddRange(Enumerable.Range(0, 500).Select(n => new Author { Name = $"n{n}", Score = n }));
        Assert.Equal(500, await library.SaveChangesAsync());
        Assert.Equal(10, await library.Authors.Where(author => author.Score >= 490).ExecuteUpdateAsync(set => set.SetProperty(a => a.IsKnown, true)));
        Assert.Equal(10, await library.Authors.Where(author => author.IsKnown == true).ExecuteDeleteAsync());
        var groups = await library.Authors.GroupBy(author => (int?)author.Score % 10)
            .Select(group => new { group.Key, Count = group.Count(), Sum = group.Sum(author => author.Score) }).OrderBy(group => group.Key).ToListAsync();
        Assert.Equal((10, 49, 11760m), (groups.Count, groups[0].Count, groups[0].Sum));
    }

    [Step("stream")]
    public async Task Rows_come_by_and_by()
    {
        await using Library library = Open();
        List<int> seen = [];
        await foreach (int n in library.Database.SqlQuery<int>($"SELECT n AS \"Value\" FROM numbered ORDER BY n").AsAsyncEnumerable())
            seen.Add(n);
        Assert.Equal(Enumerable.Range(1, 5000), seen);
    }

    [Step("cancel")]
    public async Task Statements_end_when_cancelled()
    {
        await using Library library = Open();
        using CancellationTokenSource soon = new(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => library.Database.SqlQueryRaw<int>(Endless).ToListAsync(soon.Token));
        Assert.Equal(1, await library.Database.SqlQuery<int>($"SELECT 1 AS \"Value\"").SingleAsync());
    }

#pragma warning disable EF1001 // the factory of scaffolding is reached without the tools that are built on it
    [Step("metadata")]
    public async Task Tables_are_scaffolded()
    {
        await using Library library = await FreshAsync();
        DiagnosticsLogger<DbLoggerCategory.Scaffolding> log = new(new Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory(),
            new LoggingOptions(), new DiagnosticListener("scaffolding"),
            new Npgsql.EntityFrameworkCore.PostgreSQL.Diagnostics.Internal.NpgsqlLoggingDefinitions(), new NullDbContextLogger());
        DatabaseModel found = new Npgsql.EntityFrameworkCore.PostgreSQL.Scaffolding.Internal.NpgsqlDatabaseModelFactory(log)
            .Create(server.ConnectionString, new DatabaseModelFactoryOptions(schemas: ["public", "shop"]));
        DatabaseTable authors = found.Tables.Single(table => table.Name == "Authors"), books = found.Tables.Single(table => table.Name == "Books");
        Assert.Equal("who writes", authors.Comment);
        Assert.Equal(["Id integer False", "Name character varying(40) False", "Born date True", "Score numeric(8,3) True", "Tags text[] True",
            "Key uuid False", "At timestamp with time zone False", "Data bytea True", "IsKnown boolean True", "Version integer False"],
            authors.Columns.Select(column => $"{column.Name} {column.StoreType} {column.IsNullable}"));
        Assert.Equal("PK_Authors", authors.PrimaryKey?.Name);
        Assert.Equal(["IX_Authors_Name True"], authors.Indexes.Select(index => $"{index.Name} {index.IsUnique}"));
        Assert.Equal(["AuthorId Authors Cascade"], books.ForeignKeys.Select(
            key => $"{key.Columns[0].Name} {key.PrincipalTable.Name} {key.OnDelete}"));
        Assert.Contains(found.Tables, table => table is DatabaseView { Name: "dear" });
        Assert.Contains(found.Sequences, sequence => sequence.Name == "numbers");
    }
#pragma warning restore EF1001

    [Step("migrate")]
    public async Task Migrations_go_there_and_back()
    {
        DbContextOptions<Migrated> options = new DbContextOptionsBuilder<Migrated>()
            .UseNpgsql(_source)
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)).Options;
        await using Migrated migrated = new(options);
        await migrated.Database.ExecuteSqlRawAsync("DROP TABLE IF EXISTS migrated_authors, \"__EFMigrationsHistory\"");
        await migrated.Database.MigrateAsync();
        Assert.Equal(2, (await migrated.Database.GetAppliedMigrationsAsync()).Count());
        Assert.Equal(7, await migrated.Database.SqlQuery<int>(
            $"INSERT INTO migrated_authors (title) VALUES ('y') RETURNING age AS \"Value\"").ToAsyncEnumerable().FirstAsync());
        await migrated.GetService<IMigrator>().MigrateAsync("0");
        Assert.Empty(await migrated.Database.GetAppliedMigrationsAsync());
        string script = migrated.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
        for (int round = 0; round < 2; round++) // each step asks for itself, in a block of PL/pgSQL, whether it was done
            await using (NpgsqlCommand command = _source.CreateCommand(script))
                await command.ExecuteNonQueryAsync();
        Assert.Equal(2, (await migrated.Database.GetAppliedMigrationsAsync()).Count());
        await migrated.GetService<IMigrator>().MigrateAsync("0");
    }

    [Step("pool")]
    public async Task Pooled_sessions_are_reset()
    {
        for (int round = 0; round < 3; round++)
        {
            await using Library library = Open();
            await library.Database.OpenConnectionAsync();
            Assert.Equal("\"$user\", public", await library.Database.SqlQuery<string>(
                $"SELECT current_setting('search_path') AS \"Value\"").SingleAsync());
            await library.Database.ExecuteSqlRawAsync("SET search_path TO shop");
        }
    }

    [Step("unicode")]
    public async Task Texts_of_all_kinds_come_back()
    {
        await using Library library = await FreshAsync();
        foreach (string name in new[] { "naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", "" })
        {
            library.Add(new Author { Name = name });
            await library.SaveChangesAsync();
            Assert.Equal(1, await library.Authors.CountAsync(author => author.Name == name));
        }
        Assert.Equal(1, await library.Authors.CountAsync(author => EF.Functions.ILike(author.Name, "%QUOTE'%")));
    }

    [Step("large")]
    public async Task Large_values_come_back()
    {
        await using Library library = await FreshAsync();
        byte[] data = new byte[2_000_000];
        new Random(1).NextBytes(data);
        library.Add(new Author { Name = "big", Data = data });
        await library.SaveChangesAsync();
        int[] many = [.. Enumerable.Range(0, 20_000)];
        Author found = await library.Authors.AsNoTracking().SingleAsync(author => many.Contains(author.Id));
        Assert.True(data.AsSpan().SequenceEqual(found.Data));
    }
}
