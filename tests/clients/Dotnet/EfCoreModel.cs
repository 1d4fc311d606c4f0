using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace VecSQL.Clients.Tests.Dotnet;

/// <summary>Who writes.</summary>
internal sealed class Author
{
    public int Id { get; set; }

    public string Name { get; set; } = "";

    public DateOnly? Born { get; set; }

    public decimal? Score { get; set; }

    public string[]? Tags { get; set; }

    public Guid Key { get; set; }

    public DateTime At { get; set; }

    public byte[]? Data { get; set; }

    public bool? IsKnown { get; set; }

    public int Version { get; set; }

    /// <summary>xmin, which the server changes with the row.</summary>
    public uint Row { get; set; }

    public List<Book> Books { get; } = [];
}

/// <summary>What is written.</summary>
internal sealed class Book
{
    public int Id { get; set; }

    public string Title { get; set; } = "";

    public int AuthorId { get; set; }

    public Author? Author { get; set; }
}

/// <summary>A small library.</summary>
internal sealed class Library(DbContextOptions<Library> options) : DbContext(options)
{
    public DbSet<Author> Authors => Set<Author>();

    public DbSet<Book> Books => Set<Book>();

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<Author>(author =>
        {
            author.Property(entity => entity.Name).HasMaxLength(40);
            author.Property(entity => entity.Score).HasPrecision(8, 3);
            author.Property(entity => entity.At).HasDefaultValueSql("now()");
            author.Property(entity => entity.Version).IsConcurrencyToken();
            author.Property(entity => entity.Row).IsRowVersion();
            author.HasIndex(entity => entity.Name).IsUnique();
            author.ToTable(table =>
            {
                table.HasCheckConstraint("score_positive", "\"Score\" >= 0");
                table.HasComment("who writes");
            });
        });
        model.Entity<Book>().HasIndex(book => new { book.AuthorId, book.Title });
    }
}

/// <summary>The library's first shape, by a migration.</summary>
[DbContext(typeof(Migrated))]
[Migration("20240101000000_First")]
internal sealed class FirstMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.EnsureSchema("migrated"); // a block of PL/pgSQL
        migrationBuilder.CreateTable("migrated_authors", table => new
        {
            id = table.Column<int>(nullable: false).Annotation("Npgsql:ValueGenerationStrategy",
                Npgsql.EntityFrameworkCore.PostgreSQL.Metadata.NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
            name = table.Column<string>(type: "character varying(40)", nullable: false, defaultValue: "x"),
        }, constraints: table => table.PrimaryKey("pk_authors", author => author.id));
        migrationBuilder.CreateIndex("ix_authors_name", "migrated_authors", "name", unique: true);
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropTable("migrated_authors");
        migrationBuilder.DropSchema("migrated");
    }
}

/// <summary>The library's second shape.</summary>
[DbContext(typeof(Migrated))]
[Migration("20240102000000_Second")]
internal sealed class SecondMigration : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.AddColumn<int>("age", "migrated_authors", nullable: false, defaultValue: 7);
        migrationBuilder.RenameColumn("name", "migrated_authors", "title");
        migrationBuilder.AlterColumn<string>("title", "migrated_authors", type: "text", nullable: true, oldType: "character varying(40)");
    }

    protected override void Down(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.DropColumn("age", "migrated_authors");
        migrationBuilder.RenameColumn("title", "migrated_authors", "name");
    }
}

/// <summary>What the migrations are of.</summary>
internal sealed class Migrated(DbContextOptions<Migrated> options) : DbContext(options);
