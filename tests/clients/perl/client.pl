# What an application does through Perl's DBD::Pg.
use strict;
use warnings;
use utf8;
use open qw(:std :encoding(UTF-8));
use DBI;
use DBD::Pg qw(:pg_types :async);

my $endless = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r';
my @sample = qw(id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o);
my @arrays = qw(id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya);

sub open_db {
    my ($dsn, $user, $password, %options) = @_;
    return DBI->connect('dbi:Pg:' . ($dsn // ''), $user // '', $password // '',
        { RaiseError => 1, PrintError => 0, PrintWarn => 0, AutoCommit => 1, pg_enable_utf8 => 1, %options });
}

sub shown { my ($value) = @_;
    return 'undef' unless defined $value;
    return ref $value eq 'ARRAY' ? '[' . join(', ', map { shown($_) } @$value) . ']' : "'$value'";
}

sub equal { my ($actual, $expected) = @_;
    die 'got ' . shown($actual) . ', expected ' . shown($expected) . "\n" if shown($actual) ne shown($expected);
}

sub failed { my ($db, $state, $work) = @_;
    eval { $work->(); 1 } and die "no $state came\n";
    my $said = $@;
    equal(($db ? $db->state : $DBI::state), $state);
    return $said;
}

sub lacking { die { lacking => shift } }

sub round_trip { my ($table, @columns) = @_;
    my $db = open_db();
    my $rows = $db->selectall_arrayref('SELECT ' . join(', ', @columns) . " FROM $table ORDER BY id");
    my $insert = $db->prepare("INSERT INTO ${table}_written (client, " . join(', ', @columns) . ') VALUES (?' . ', ?' x @columns . ')');
    for my $row (@$rows) {
        $insert->bind_param(1, 'DBD::Pg');
        $insert->bind_param($_ + 2, $row->[$_], $columns[$_] eq 'y' ? { pg_type => PG_BYTEA } : undef) for 0 .. $#columns;
        $insert->execute;
    }
    # It makes numbers of an array of numerics, and 1.10 is 1.1 then.
    equal($db->selectall_arrayref("SELECT name, sent, came FROM ${table}_differences WHERE client = 'DBD::Pg' AND name <> 'na'"), []);
    equal($db->selectrow_arrayref("SELECT count(*) FROM ${table}_written WHERE client = 'DBD::Pg'"), [scalar @$rows]);
    return $rows;
}

my @steps = (
    connect => sub {
        my $db = open_db();
        equal($db->{pg_server_version} >= 150000, 1);
        equal($db->selectrow_arrayref("SELECT ? || 'x'", undef, 'y'), ['yx']);
        equal($db->ping, 1);
    },
    secure => sub {
        my $dsn = "host=$ENV{PGHOST};sslmode=verify-full;sslrootcert=$ENV{SECURE_CA}";
        my $db = open_db($dsn, $ENV{SECURE_USER}, $ENV{SECURE_PASSWORD});
        equal($db->selectrow_arrayref('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'), [$ENV{SECURE_USER}, 1]);
        my $said = failed(undef, '08006', sub { open_db($dsn, $ENV{SECURE_USER}, 'no') });
        $said =~ /password authentication failed/ or die $said;
    },
    types => sub { equal(round_trip('sample', @sample)->[0][11], 'fixed ') },
    nulls => sub {
        my $db = open_db();
        equal($db->selectrow_arrayref('SELECT * FROM sample WHERE id = 2'), [2, (undef) x 26]);
        equal($db->selectrow_arrayref("SELECT ?::int IS NULL, coalesce(?, 'x')", undef, undef, undef), [1, 'x']);
    },
    arrays => sub {
        my $rows = round_trip('sample_arrays', @arrays);
        equal($rows->[0][8], ['a', undef, 'b c', '"q"', '', 'NULL', 'back\\slash', '{x,y}']);
    },
    vectors => sub {
        my $db = open_db();
        $db->do('CREATE EXTENSION IF NOT EXISTS vector');
        $db->do('CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))');
        my $insert = $db->prepare('INSERT INTO items VALUES (?, ?, ?)');
        $insert->execute($_, "[$_,0.5,-1]", "[$_,0,0]") for 0 .. 9;
        equal($db->selectall_arrayref('SELECT id, e, h, e <-> ? FROM items ORDER BY e <-> ? LIMIT ?', undef, ('[3.25,0.5,-1]') x 2, 2),
            [[3, '[3,0.5,-1]', '[3,0,0]', '0.25'], [4, '[4,0.5,-1]', '[4,0,0]', '0.75']]);
        failed($db, '22000', sub { $db->do("SELECT '[1,2]'::vector <-> ?::vector", undef, '[1]') });
    },
    prepared => sub {
        my $db = open_db();
        my $statement = $db->prepare('SELECT n + ?, body FROM numbered WHERE n = ?', { pg_prepare_now => 1 });
        equal($statement->{pg_prepare_name} =~ /^dbdpg_/ ? 1 : 0, 1);
        for my $n (1 .. 8) {
            $statement->execute(10, $n);
            equal($statement->fetchall_arrayref, [[$n + 10, "row $n"]]);
        }
        equal($db->selectrow_arrayref('SELECT count(*) FROM pg_prepared_statements'), [1]);
        equal([$statement->{NUM_OF_PARAMS}, $statement->{TYPE}[1]], [2, PG_TEXT == 25 ? -1 : 0]);
    },
    transactions => sub {
        my $db = open_db(undef, undef, undef, AutoCommit => 0);
        $db->do('DROP TABLE IF EXISTS perl_tx');
        $db->do('CREATE TABLE perl_tx (n int PRIMARY KEY)');
        $db->commit;
        $db->do('INSERT INTO perl_tx VALUES (1)');
        $db->pg_savepoint('s');
        failed($db, '23505', sub { $db->do('INSERT INTO perl_tx VALUES (1)') });
        failed($db, '25P02', sub { $db->do('SELECT 1') });
        equal($db->ping, 4);
        $db->pg_rollback_to('s');
        $db->pg_release('s');
        $db->do('INSERT INTO perl_tx VALUES (2)');
        $db->commit;
        $db->do('DELETE FROM perl_tx');
        $db->rollback;
        equal($db->selectcol_arrayref('SELECT n FROM perl_tx ORDER BY n'), [1, 2]);
    },
    errors => sub {
        my $db = open_db();
        failed($db, '23505', sub { $db->do("INSERT INTO shop.goods (name) VALUES ('pen')") });
        equal([map { $db->pg_error_field($_) } qw(constraint schema table detail severity)],
            ['goods_name_key', 'shop', 'goods', 'Key (name)=(pen) already exists.', 'ERROR']);
        failed($db, '23502', sub { $db->do('INSERT INTO shop.goods (name) VALUES (NULL)') });
        equal($db->pg_error_field('column'), 'name');
        failed($db, '42703', sub { $db->do('SELECT n, nothing FROM numbered') });
        equal($db->pg_error_field('statement_position'), 11);
        failed($db, '22P02', sub { $db->do('SELECT ?::int', undef, 'x') });
        equal($db->selectrow_arrayref('SELECT 1'), [1]);
    },
    bulk => sub {
        my $db = open_db();
        $db->do('CREATE TEMP TABLE bulk (n int, body text)');
        $db->do('COPY bulk FROM STDIN');
        $db->pg_putcopydata("$_\trow $_\n") for 1 .. 2000;
        $db->pg_putcopyend;
        equal($db->selectrow_arrayref('SELECT count(*), sum(n) FROM bulk'), [2000, 2001000]);
        $db->do('COPY (SELECT * FROM bulk WHERE n < 3 ORDER BY n) TO STDOUT CSV');
        my ($line, $all) = ('', '');
        $all .= $line while $db->pg_getcopydata($line) >= 0;
        equal($all, "1,row 1\n2,row 2\n");
        $db->do('COPY bulk FROM STDIN');
        $db->pg_putcopydata("x\ty\n");
        failed($db, '22P02', sub { $db->pg_putcopyend });
        my $many = $db->prepare('INSERT INTO bulk VALUES (?, ?)');
        equal($many->execute_array({}, [1 .. 100], [map { "m$_" } 1 .. 100]), 100);
    },
    stream => sub {
        my $db = open_db();
        $db->begin_work;
        $db->do('DECLARE walk SCROLL CURSOR FOR SELECT n FROM numbered ORDER BY n');
        equal($db->selectcol_arrayref('FETCH 3 FROM walk'), [1, 2, 3]);
        equal($db->do('MOVE ABSOLUTE 100 FROM walk'), 1);
        equal($db->selectcol_arrayref('FETCH NEXT FROM walk'), [101]);
        equal($db->selectcol_arrayref('FETCH PRIOR FROM walk'), [100]);
        $db->do('CLOSE walk');
        $db->commit;
    },
    cancel => sub {
        my $db = open_db();
        my $watcher = open_db();
        my $statement = $db->prepare($endless, { pg_async => PG_ASYNC });
        $statement->execute;
        equal($db->pg_ready ? 1 : 0, 0);
        # A request that comes before the statement is for nothing.
        1 until $watcher->selectrow_array("SELECT count(*) FROM pg_stat_activity WHERE pid = ? AND state = 'active'", undef, $db->{pg_pid});
        $db->pg_cancel;
        equal($db->selectrow_arrayref('SELECT 1'), [1]);
        $db->do('SET statement_timeout = 100');
        failed($db, '57014', sub { $db->selectrow_arrayref($endless) });
    },
    metadata => sub {
        my $db = open_db();
        equal([map { "$_->{TABLE_NAME} $_->{TABLE_TYPE}" } @{ $db->table_info('', 'shop', '%', 'TABLE,VIEW')->fetchall_arrayref({}) }],
            ['goods TABLE', 'dear VIEW']);
        my $columns = $db->column_info('', 'shop', 'goods', '%')->fetchall_arrayref({});
        equal([map { "$_->{COLUMN_NAME} $_->{TYPE_NAME} $_->{NULLABLE} " . ($_->{COLUMN_DEF} // '-') } @$columns[0 .. 3]],
            ['id integer 0 -', "name character varying 0 'none'::character varying", 'price numeric 1 -', 'mood shop.mood 1 -']);
        equal($columns->[3]{pg_enum_values}, ['sad', 'ok', 'happy']);
        equal($columns->[1]{REMARKS}, 'what it is called');
        equal([$db->primary_key('', 'shop', 'goods')], ['id']);
        equal([map { "$_->{INDEX_NAME} $_->{COLUMN_NAME}" } grep { $_->{INDEX_NAME} }
            @{ $db->statistics_info('', 'shop', 'goods', 0, 0)->fetchall_arrayref({}) }],
            ['goods_name_key name', 'goods_pkey id', 'goods_price_idx price', 'goods_price_idx name']);
        equal($db->last_insert_id('', 'shop', 'goods', '') > 0 ? 1 : 0, 1) if $db->do("INSERT INTO shop.goods (name) VALUES ('of perl')");
        $db->do("DELETE FROM shop.goods WHERE name = 'of perl'");
        my $statement = $db->prepare('SELECT name, price FROM shop.goods LIMIT 1');
        $statement->execute;
        equal([@{ $statement->{PRECISION} }, @{ $statement->{NULLABLE} }, @{ $statement->{pg_type} }], [34, 10, 0, 1, 'varchar', 'numeric']);
        $statement->finish;
    },
    migrate => sub {
        my $db = open_db();
        $db->begin_work;
        $db->do('CREATE TABLE perl_migrated (id int PRIMARY KEY)');
        $db->do("ALTER TABLE perl_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'");
        equal($db->selectrow_arrayref('INSERT INTO perl_migrated (id) VALUES (1) RETURNING name'), ['x']);
        $db->rollback;
        equal($db->selectrow_arrayref("SELECT to_regclass('perl_migrated')"), [undef]);
    },
    pool => sub {
        my $db = open_db();
        my $pid = $db->{pg_pid};
        $db->do('SET search_path TO shop');
        $db->do('DISCARD ALL');
        equal($db->selectrow_arrayref('SHOW search_path'), ['"$user", public']);
        my $again = DBI->connect_cached('dbi:Pg:', '', '', { RaiseError => 1 });
        equal(DBI->connect_cached('dbi:Pg:', '', '', { RaiseError => 1 })->{pg_pid}, $again->{pg_pid});
    },
    pipeline => sub { lacking('DBD::Pg 3.16 has no pipelines') },
    listen => sub {
        my $db = open_db();
        $db->do('LISTEN perl_news');
        $db->do("NOTIFY perl_news, 'fresh'");
        my $notice = $db->pg_notifies;
        equal([@$notice[0, 2]], ['perl_news', 'fresh']);
    },
    unicode => sub {
        my $db = open_db();
        my $name = $db->quote_identifier('žluťoučký "kůň"');
        $db->do(qq{CREATE TEMP TABLE $name ("größe ☃" text)});
        for my $value ('naïve ☃', "𝒳 \x{1f600}", "tab\tquote'\"\\", '') {
            $db->do("INSERT INTO $name VALUES (?)", undef, $value);
            equal($db->selectall_arrayref(qq{SELECT "größe ☃" FROM $name WHERE "größe ☃" = ?}, undef, $value), [[$value]]);
            equal($db->selectrow_arrayref('SELECT ' . $db->quote($value)), [$value]);
        }
    },
    large => sub {
        my $db = open_db();
        my $text = 'ü' x 2_000_000;
        my $statement = $db->prepare('SELECT ?::text, ?::bytea');
        my $data = join('', map { chr } 0 .. 255) x 10_000;
        $statement->bind_param(1, $text);
        $statement->bind_param(2, $data, { pg_type => PG_BYTEA });
        $statement->execute;
        my ($text_back, $data_back) = $statement->fetchrow_array;
        equal([$text_back eq $text ? 1 : 0, $data_back eq $data ? 1 : 0], [1, 1]);
    },
);

while (my ($name, $step) = splice @steps, 0, 2) {
    if (eval { $step->(); 1 }) { print "ok $name\n" }
    elsif (ref $@ eq 'HASH') { print "lacks $name: $@->{lacking}\n" }
    else { print "not ok $name\n", map { "  $_\n" } split /\n/, $@ }
}
print "done\n";
