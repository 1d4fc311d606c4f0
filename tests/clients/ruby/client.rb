# What an application does through Ruby's pg.
require 'pg'

ENDLESS = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r'
SAMPLE = %w[id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o]
ARRAYS = %w[id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya]
class Lacking < StandardError; end

def equal(actual, expected)
  raise "got #{actual.inspect}, expected #{expected.inspect}" unless actual == expected
end

def failed(kind, fields = {})
  yield
rescue kind => e
  fields.each { |field, value| equal(e.result.error_field(field), value) }
  e
else
  raise "no #{kind} came"
end

def with(options = {})
  connection = PG.connect(options)
  yield connection
ensure
  connection&.close
end

def round_trip(db, table, columns)
  result = db.exec("SELECT #{columns.join(', ')} FROM #{table} ORDER BY id")
  marks = (2..columns.size + 1).map { |n| "$#{n}" }.join(', ')
  result.each_row { |row| db.exec_params("INSERT INTO #{table}_written VALUES ($1, #{marks})", ['ruby', *row]) }
  equal(db.exec("SELECT name, sent, came FROM #{table}_differences WHERE client = 'ruby'").values, [])
  equal(db.exec("SELECT count(*) FROM #{table}_written WHERE client = 'ruby'").getvalue(0, 0), '2')
  result
end

STEPS = {
  connect: -> {
    with do |db|
      equal(db.server_version >= 150_000, true)
      equal([db.parameter_status('server_encoding'), db.transaction_status], ['UTF8', PG::PQTRANS_IDLE])
      equal(db.exec_params("SELECT $1 || 'x'", ['y']).values, [['yx']])
    end
  },
  secure: -> {
    options = { user: ENV['SECURE_USER'], sslmode: 'verify-full', sslrootcert: ENV['SECURE_CA'] }
    with(**options, password: ENV['SECURE_PASSWORD']) do |db|
      equal(db.exec('SELECT current_user, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()').values, [[ENV['SECURE_USER'], 't']])
      equal(db.ssl_in_use?, true)
    end
    said = failed(PG::ConnectionBad) { PG.connect(**options, password: 'no') }
    raise said unless said.message.include?('password authentication failed')
  },
  types: -> {
    with do |db|
      round_trip(db, 'sample', SAMPLE)
      db.type_map_for_results = PG::BasicTypeMapForResults.new(db)
      row = db.exec('SELECT b, i2, i8, f8, d, jb, t FROM sample WHERE id = 1').values[0]
      equal(row, [true, -32_768, -9_223_372_036_854_775_808, -0.1, Date.new(2024, 2, 29), { 'b' => { 'c' => 1.5 } }, "naïve ☃ it's \\ \"q\""])
    end
  },
  nulls: -> {
    with do |db|
      equal(db.exec('SELECT * FROM sample WHERE id = 2').values, [['2'] + [nil] * 26])
      equal(db.exec_params("SELECT $1::int IS NULL, coalesce($2, 'x')", [nil, nil]).values, [%w[t x]])
    end
  },
  arrays: -> {
    with do |db|
      result = round_trip(db, 'sample_arrays', ARRAYS)
      equal(PG::TextDecoder::Array.new.decode(result.getvalue(0, 8)), ['a', nil, 'b c', '"q"', '', 'NULL', 'back\\slash', '{x,y}'])
    end
  },
  vectors: -> {
    with do |db|
      db.exec('CREATE EXTENSION IF NOT EXISTS vector; CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))')
      10.times { |n| db.exec_params('INSERT INTO items VALUES ($1, $2, $3)', [n, "[#{n},0.5,-1]", "[#{n},0,0]"]) }
      equal(db.exec_params('SELECT id, e, h, e <-> $1 FROM items ORDER BY e <-> $1 LIMIT $2', ['[3.25,0.5,-1]', 1]).values,
            [['3', '[3,0.5,-1]', '[3,0,0]', '0.25']])
      raw = db.exec_params('SELECT e FROM items WHERE id = 1', [], 1).getvalue(0, 0)
      equal(raw.unpack('s>s>g*'), [3, 0, 1.0, 0.5, -1.0])
    end
  },
  prepared: -> {
    with do |db|
      db.prepare('plus', 'SELECT n + $1::int, body FROM numbered WHERE n = $2')
      described = db.describe_prepared('plus')
      equal([described.paramtype(0), described.paramtype(1), described.ftype(1)], [23, 23, 25])
      (1..8).each { |n| equal(db.exec_prepared('plus', [10, n]).values, [[(n + 10).to_s, "row #{n}"]]) }
      failed(PG::DuplicatePstatement) { db.prepare('plus', 'SELECT 1') }
      db.exec('DEALLOCATE plus')
      failed(PG::InvalidSqlStatementName) { db.exec_prepared('plus', [1, 1]) }
    end
  },
  transactions: -> {
    with do |db|
      db.exec('DROP TABLE IF EXISTS ruby_tx; CREATE TABLE ruby_tx (n int PRIMARY KEY)')
      db.transaction do |tx|
        tx.exec('INSERT INTO ruby_tx VALUES (1); SAVEPOINT s')
        failed(PG::UniqueViolation) { tx.exec('INSERT INTO ruby_tx VALUES (1)') }
        equal(tx.transaction_status, PG::PQTRANS_INERROR)
        failed(PG::InFailedSqlTransaction) { tx.exec('SELECT 1') }
        tx.exec('ROLLBACK TO s; INSERT INTO ruby_tx VALUES (2)')
      end
      failed(ZeroDivisionError) { db.transaction { |tx| tx.exec('DELETE FROM ruby_tx'); raise ZeroDivisionError } }
      equal(db.exec('SELECT n FROM ruby_tx ORDER BY n').column_values(0), %w[1 2])
      db.exec('BEGIN')
      failed(PG::DivisionByZero) { db.exec('SELECT 1/0') }
      equal(db.exec('COMMIT').cmd_status, 'ROLLBACK')
    end
  },
  errors: -> {
    with do |db|
      failed(PG::UniqueViolation,
             PG::PG_DIAG_CONSTRAINT_NAME => 'goods_name_key', PG::PG_DIAG_SCHEMA_NAME => 'shop', PG::PG_DIAG_TABLE_NAME => 'goods',
             PG::PG_DIAG_MESSAGE_DETAIL => 'Key (name)=(pen) already exists.', PG::PG_DIAG_SQLSTATE => '23505') do
        db.exec("INSERT INTO shop.goods (name) VALUES ('pen')")
      end
      failed(PG::NotNullViolation, PG::PG_DIAG_COLUMN_NAME => 'name') { db.exec('INSERT INTO shop.goods (name) VALUES (NULL)') }
      failed(PG::UndefinedColumn, PG::PG_DIAG_STATEMENT_POSITION => '11') { db.exec('SELECT n, nothing FROM numbered') }
      said = failed(PG::SyntaxError) { db.exec('SELEC 1') }
      equal(said.message, "ERROR:  syntax error at or near \"SELEC\"\nLINE 1: SELEC 1\n        ^\n")
      equal(db.exec('SELECT 1').getvalue(0, 0), '1')
    end
  },
  bulk: -> {
    with do |db|
      db.exec('CREATE TEMP TABLE bulk (n int, body text)')
      result = db.copy_data('COPY bulk FROM STDIN', PG::TextEncoder::CopyRow.new) { 2000.times { |n| db.put_copy_data([n, "row\t#{n}"]) } }
      equal([result.cmd_status, result.cmd_tuples], ['COPY 2000', 2000])
      rows = []
      db.copy_data('COPY (SELECT * FROM bulk WHERE n < 2 ORDER BY n) TO STDOUT', PG::TextDecoder::CopyRow.new) do
        while (row = db.get_copy_data)
          rows << row
        end
      end
      equal(rows, [['0', "row\t0"], ['1', "row\t1"]])
      failed(PG::InvalidTextRepresentation) { db.copy_data('COPY bulk FROM STDIN') { db.put_copy_data("x\ty\n") } }
      failed(PG::QueryCanceled) { db.copy_data('COPY bulk FROM STDIN') { raise PG::QueryCanceled, 'given up' } }
      equal(db.exec('SELECT count(*) FROM bulk').getvalue(0, 0), '2000')
    end
  },
  stream: -> {
    with do |db|
      db.send_query('SELECT n FROM numbered ORDER BY n')
      db.set_single_row_mode
      equal(db.get_result.stream_each_row.map { |row| row[0].to_i }, (1..5000).to_a)
      db.transaction do
        db.exec('DECLARE walk CURSOR FOR SELECT n FROM numbered ORDER BY n')
        equal(db.exec('FETCH 2 FROM walk').column_values(0), %w[1 2])
        equal(db.exec('MOVE 10 FROM walk').cmd_status, 'MOVE 10')
        equal(db.exec('FETCH 1 FROM walk').column_values(0), %w[13])
      end
    end
  },
  cancel: -> {
    with do |db|
      db.send_query(ENDLESS)
      equal(db.block(0.2), false)
      db.cancel
      failed(PG::QueryCanceled) { db.get_last_result }
      equal(db.exec('SELECT 1').getvalue(0, 0), '1')
      db.exec('SET statement_timeout = 100')
      failed(PG::QueryCanceled) { db.exec(ENDLESS) }
    end
  },
  metadata: -> {
    with do |db|
      result = db.exec('SELECT id, name, price, mood, 1 + 1, count(*) OVER () FROM shop.goods LIMIT 0')
      equal(result.fields, ['id', 'name', 'price', 'mood', '?column?', 'count'])
      table = db.exec("SELECT 'shop.goods'::regclass::oid").getvalue(0, 0).to_i
      equal((0..5).map { |n| [result.ftable(n), result.ftablecol(n), result.fmod(n)] },
            [[table, 1, -1], [table, 2, 34], [table, 3, 655_366], [table, 4, -1], [0, 0, -1], [0, 0, -1]])
      names = db.exec_params('SELECT format_type(t, m) FROM unnest($1::oid[], $2::int[]) u(t, m)', ['{23,1043,1700}', '{-1,34,655366}'])
      equal(names.column_values(0), ['integer', 'character varying(30)', 'numeric(10,2)'])
    end
  },
  migrate: -> {
    with do |db|
      db.exec('BEGIN; CREATE TABLE ruby_migrated (id int PRIMARY KEY)')
      db.exec("ALTER TABLE ruby_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'; CREATE INDEX ON ruby_migrated (name)")
      equal(db.exec('INSERT INTO ruby_migrated (id) VALUES (1) RETURNING name').values, [['x']])
      db.exec('ROLLBACK')
      equal(db.exec("SELECT to_regclass('ruby_migrated')").values, [[nil]])
    end
  },
  pool: -> {
    with do |db|
      db.exec('SET search_path TO shop; CREATE TEMP TABLE ruby_temporary (n int)')
      db.exec('DISCARD ALL')
      equal(db.exec("SELECT current_setting('search_path'), to_regclass('ruby_temporary')").values, [['"$user", public', nil]])
      pid = db.backend_pid
      db.reset
      equal(db.backend_pid == pid, false)
    end
  },
  pipeline: -> {
    with do |db|
      db.exec('CREATE TEMP TABLE piped (n int PRIMARY KEY)')
      db.enter_pipeline_mode
      [1, 2, 1].each { |n| db.send_query_params('INSERT INTO piped VALUES ($1)', [n]) }
      db.pipeline_sync
      seen = []
      until seen.last == PG::PGRES_PIPELINE_SYNC
        result = db.get_result
        seen << result.result_status if result
      end
      equal(seen, [PG::PGRES_COMMAND_OK, PG::PGRES_COMMAND_OK, PG::PGRES_FATAL_ERROR, PG::PGRES_PIPELINE_SYNC])
      db.exit_pipeline_mode
      equal(db.exec('SELECT count(*) FROM piped').getvalue(0, 0), '0')
    end
  },
  listen: -> {
    with do |db|
      db.exec('LISTEN ruby_news')
      with { |other| other.exec("NOTIFY ruby_news, 'fresh'") }
      heard = nil
      db.wait_for_notify(20) { |channel, _pid, payload| heard = [channel, payload] }
      equal(heard, %w[ruby_news fresh])
    end
  },
  unicode: -> {
    with do |db|
      name = db.quote_ident('žluťoučký "kůň"')
      db.exec("CREATE TEMP TABLE #{name} (\"größe ☃\" text)")
      ['naïve ☃', "𝒳 \u{1f600}", "tab\tquote'\"\\", ''].each do |value|
        db.exec_params("INSERT INTO #{name} VALUES ($1)", [value])
        equal(db.exec_params("SELECT * FROM #{name} WHERE \"größe ☃\" = $1", [value]).to_a, [{ 'größe ☃' => value }])
        equal(db.exec("SELECT #{db.escape_literal(value)}").getvalue(0, 0), value)
      end
    end
  },
  large: -> {
    with do |db|
      text = 'ü' * 2_000_000
      data = (0..255).to_a.pack('C*') * 10_000
      result = db.exec_params('SELECT $1::text, $2::bytea', [text, { value: data, format: 1 }], 1)
      equal(result.getvalue(0, 0).force_encoding('UTF-8') == text && result.getvalue(0, 1) == data, true)
    end
  },
}.freeze

STEPS.each do |name, step|
  step.call
  puts "ok #{name}"
rescue Lacking => e
  puts "lacks #{name}: #{e.message}"
rescue StandardError => e
  puts "not ok #{name}", *"#{e.class}: #{e.message}\n#{e.backtrace.first(4).join("\n")}".lines.map { |line| "  #{line.chomp}" }
end
puts 'done'
