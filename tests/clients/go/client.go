// What an application does through Go's lib/pq.
package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/lib/pq"
)

const endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r"

var sample = strings.Fields("id b i2 i4 i8 f4 f8 n m t vc ch qc nm y d tm tmz ts tsz iv u j jb bt vb o")
var arrays = strings.Fields("id ba i2a i4a i8a f4a f8a na ta vca da tsa tsza ua jba ya")

type lacking string

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func equal(actual, expected any) {
	if !reflect.DeepEqual(actual, expected) {
		panic(fmt.Errorf("got %#v, expected %#v", actual, expected))
	}
}

func open(options string) *sql.DB {
	db, err := sql.Open("postgres", "sslmode=disable "+options)
	check(err)
	return db
}

type asker interface {
	Query(text string, values ...any) (*sql.Rows, error)
}

func ask(db asker, text string, values ...any) [][]any {
	found, err := db.Query(text, values...)
	check(err)
	defer found.Close()
	columns, err := found.Columns()
	check(err)
	all := [][]any{}
	for found.Next() {
		row, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		check(found.Scan(targets...))
		for i, value := range row {
			if data, is := value.([]byte); is {
				row[i] = string(data)
			}
		}
		all = append(all, row)
	}
	check(found.Err())
	return all
}

type executor interface {
	Exec(text string, values ...any) (sql.Result, error)
}

func run(db executor, text string, values ...any) int64 {
	result, err := db.Exec(text, values...)
	check(err)
	count, _ := result.RowsAffected()
	return count
}

func failed(err error, state string) *pq.Error {
	var found *pq.Error
	if !errors.As(err, &found) {
		panic(fmt.Errorf("no %s came but %v", state, err))
	}
	equal(string(found.Code), state)
	return found
}

func of(_ any, err error) error { return err }

func roundTrip(table string, columns []string) [][]any {
	db := open("")
	defer db.Close()
	var found [][]any
	marks := make([]string, len(columns)+1)
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	rows, err := db.Query("SELECT " + strings.Join(columns, ", ") + " FROM " + table + " ORDER BY id")
	check(err)
	for rows.Next() {
		row, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		check(rows.Scan(targets...))
		for i, value := range row {
			if data, is := value.([]byte); is && columns[i] != "y" {
				row[i] = string(data)
			} else if is {
				row[i] = append([]byte{}, data...)
			}
			if at, is := value.(time.Time); is && columns[i] == "tm" {
				row[i] = at.Format("15:04:05.999999")
			} else if is && columns[i] == "tmz" {
				row[i] = at.Format("15:04:05.999999-07:00")
			}
		}
		found = append(found, row)
	}
	check(rows.Err())
	for _, row := range found {
		run(db, "INSERT INTO "+table+"_written VALUES ("+strings.Join(marks, ", ")+")", append([]any{"go"}, row...)...)
	}
	equal(ask(db, "SELECT name, sent, came FROM "+table+"_differences WHERE client = 'go'"), [][]any{})
	equal(ask(db, "SELECT count(*) FROM "+table+"_written WHERE client = 'go'"), [][]any{{int64(2)}})
	return found
}

type step struct {
	name string
	work func()
}

var steps = []step{
	{"connect", func() {
		db := open("")
		defer db.Close()
		check(db.Ping())
		equal(ask(db, "SELECT $1 || 'x', $2::int", "y", 5), [][]any{{"yx", int64(5)}})
	}},
	{"secure", func() {
		options := fmt.Sprintf("user=%s sslmode=verify-full sslrootcert=%s ", os.Getenv("SECURE_USER"), os.Getenv("SECURE_CA"))
		db := open(options + "password='" + os.Getenv("SECURE_PASSWORD") + "'")
		defer db.Close()
		equal(ask(db, "SELECT current_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"), [][]any{{os.Getenv("SECURE_USER"), true}})
		failed(open(options+"password=no").Ping(), "28P01")
	}},
	{"types", func() {
		row := roundTrip("sample", sample)[0]
		equal([]any{row[1], row[2], row[4], row[6]}, []any{true, int64(-32768), int64(-9223372036854775808), -0.1})
		equal(row[19].(time.Time).UTC(), time.Date(2024, 2, 29, 1, 2, 3, 456000000, time.UTC))
	}},
	{"nulls", func() {
		db := open("")
		defer db.Close()
		row := make([]any, 27)
		row[0] = int64(2)
		equal(ask(db, "SELECT * FROM sample WHERE id = 2"), [][]any{row})
		var name sql.NullString
		check(db.QueryRow("SELECT $1::text", nil).Scan(&name))
		equal(name.Valid, false)
	}},
	{"arrays", func() {
		roundTrip("sample_arrays", arrays)
		db := open("")
		defer db.Close()
		var texts []sql.NullString
		var numbers pq.Int64Array
		var floats []float64
		var data pq.ByteaArray
		check(db.QueryRow("SELECT ta, i8a, f8a, ya FROM sample_arrays WHERE id = 1").Scan(pq.Array(&texts), &numbers, pq.Array(&floats), &data))
		equal([]any{len(texts), texts[1].Valid, texts[3].String, numbers[0]}, []any{8, false, `"q"`, int64(9007199254740993)})
		equal([][]byte(data), [][]byte{{0, 255}, {}})
		equal(ask(db, "SELECT count(*) FROM numbered WHERE n = ANY($1)", pq.Array([]int64{1, 2, 9999})), [][]any{{int64(2)}})
	}},
	{"vectors", func() {
		db := open("")
		defer db.Close()
		db.SetMaxOpenConns(1)
		run(db, "CREATE EXTENSION IF NOT EXISTS vector; CREATE TEMP TABLE items (id int PRIMARY KEY, e vector(3), h halfvec(3))")
		for n := 0; n < 10; n++ {
			run(db, "INSERT INTO items VALUES ($1, $2, $3)", n, fmt.Sprintf("[%d,0.5,-1]", n), fmt.Sprintf("[%d,0,0]", n))
		}
		equal(ask(db, "SELECT id, e, h, e <-> $1 FROM items ORDER BY e <-> $1 LIMIT $2", "[3.25,0.5,-1]", 1),
			[][]any{{int64(3), "[3,0.5,-1]", "[3,0,0]", 0.25}})
	}},
	{"prepared", func() {
		for _, options := range []string{"", "binary_parameters=yes"} {
			db := open(options)
			plus, err := db.Prepare("SELECT n + $1::int, body FROM numbered WHERE n = $2")
			check(err)
			for n := 1; n <= 8; n++ {
				var sum int
				var body string
				check(plus.QueryRow(10, n).Scan(&sum, &body))
				equal([]any{sum, body}, []any{n + 10, fmt.Sprintf("row %d", n)})
			}
			check(plus.Close())
			db.Close()
		}
	}},
	{"transactions", func() {
		db := open("")
		defer db.Close()
		run(db, "DROP TABLE IF EXISTS go_tx; CREATE TABLE go_tx (n int PRIMARY KEY)")
		tx, err := db.BeginTx(context.Background(), &sql.TxOptions{Isolation: sql.LevelRepeatableRead})
		check(err)
		run(tx, "INSERT INTO go_tx VALUES (1)")
		run(tx, "SAVEPOINT s")
		failed(of(tx.Exec("INSERT INTO go_tx VALUES ($1)", 1)), "23505")
		failed(of(tx.Exec("SELECT 1")), "25P02")
		run(tx, "ROLLBACK TO s")
		run(tx, "INSERT INTO go_tx VALUES (2)")
		check(tx.Commit())
		tx, err = db.BeginTx(context.Background(), &sql.TxOptions{ReadOnly: true})
		check(err)
		failed(of(tx.Exec("DELETE FROM go_tx")), "25006")
		check(tx.Rollback())
		equal(ask(db, "SELECT n FROM go_tx ORDER BY n"), [][]any{{int64(1)}, {int64(2)}})
	}},
	{"errors", func() {
		db := open("")
		defer db.Close()
		found := failed(of(db.Exec("INSERT INTO shop.goods (name) VALUES ($1)", "pen")), "23505")
		equal([]string{found.Constraint, found.Schema, found.Table, found.Detail, found.Severity},
			[]string{"goods_name_key", "shop", "goods", "Key (name)=(pen) already exists.", "ERROR"})
		equal(failed(of(db.Exec("INSERT INTO shop.goods (name) VALUES (NULL)")), "23502").Column, "name")
		equal(failed(of(db.Query("SELECT n, nothing FROM numbered")), "42703").Position, "11")
		failed(of(db.Query("SELECT $1::int", "x")), "22P02")
		equal(ask(db, "SELECT 1"), [][]any{{int64(1)}})
	}},
	{"bulk", func() {
		db := open("")
		defer db.Close()
		tx, err := db.Begin()
		check(err)
		run(tx, "CREATE TEMP TABLE bulk (n int, body text, at timestamptz)")
		copying, err := tx.Prepare(pq.CopyIn("bulk", "n", "body", "at"))
		check(err)
		for n := 0; n < 2000; n++ {
			check(of(copying.Exec(n, "row\t\\"+fmt.Sprint(n), time.Unix(0, 0))))
		}
		done, err := copying.Exec()
		check(err)
		count, _ := done.RowsAffected()
		equal(count, int64(2000))
		check(copying.Close())
		equal(ask(tx, "SELECT count(*), sum(n), max(body) FROM bulk"), [][]any{{int64(2000), int64(1999000), "row\t\\999"}})
		copying, err = tx.Prepare(pq.CopyIn("bulk", "n"))
		check(err)
		check(of(copying.Exec("x")))
		failed(of(copying.Exec()), "22P02")
		check(tx.Rollback())
	}},
	{"stream", func() {
		db := open("")
		defer db.Close()
		equal(len(ask(db, "SELECT n FROM numbered ORDER BY n")), 5000)
		tx, err := db.Begin()
		check(err)
		run(tx, "DECLARE walk CURSOR FOR SELECT n FROM numbered ORDER BY n")
		equal(ask(tx, "FETCH 2 FROM walk"), [][]any{{int64(1)}, {int64(2)}})
		equal(ask(tx, "FETCH 1 FROM walk"), [][]any{{int64(3)}})
		check(tx.Commit())
	}},
	{"cancel", func() {
		db := open("")
		defer db.Close()
		soon, end := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer end()
		failed(of(db.QueryContext(soon, endless)), "57014")
		equal(ask(db, "SELECT 1"), [][]any{{int64(1)}})
	}},
	{"metadata", func() {
		db := open("")
		defer db.Close()
		found, err := db.Query("SELECT id, name, price, added, tags FROM shop.goods")
		check(err)
		defer found.Close()
		types, err := found.ColumnTypes()
		check(err)
		seen := ""
		for _, column := range types {
			length, _ := column.Length()
			precision, scale, _ := column.DecimalSize()
			seen += fmt.Sprintln(column.Name(), column.DatabaseTypeName(), column.ScanType(), length%1000, precision, scale)
		}
		equal(seen, "id INT4 int32 0 0 0\nname VARCHAR string 30 0 0\nprice NUMERIC interface {} 0 10 2\nadded TIMESTAMPTZ time.Time 0 0 0\n"+
			"tags _TEXT interface {} 0 0 0\n")
	}},
	{"migrate", func() {
		db := open("")
		defer db.Close()
		tx, err := db.Begin()
		check(err)
		run(tx, "CREATE TABLE go_migrated (id int PRIMARY KEY); ALTER TABLE go_migrated ADD COLUMN name text NOT NULL DEFAULT 'x'")
		equal(ask(tx, "INSERT INTO go_migrated (id) VALUES ($1) RETURNING name", 1), [][]any{{"x"}})
		check(tx.Rollback())
		equal(ask(db, "SELECT to_regclass('go_migrated')"), [][]any{{nil}})
	}},
	{"pool", func() {
		db := open("")
		defer db.Close()
		db.SetMaxOpenConns(3)
		sums := make(chan int, 30)
		for n := 0; n < 30; n++ {
			go func(n int) {
				var sum int
				if db.QueryRow("SELECT $1::int * 2", n).Scan(&sum) != nil {
					sum = -1
				}
				sums <- sum
			}(n)
		}
		total := 0
		for n := 0; n < 30; n++ {
			total += <-sums
		}
		equal(total, 870)
	}},
	{"pipeline", func() { panic(lacking("lib/pq has no pipelines")) }},
	{"listen", func() {
		listener := pq.NewListener("sslmode=disable", time.Second, time.Second, nil)
		defer listener.Close()
		check(listener.Listen("go_news"))
		db := open("")
		defer db.Close()
		run(db, "SELECT pg_notify('go_news', $1)", "fresh")
		heard := <-listener.Notify
		equal([]string{heard.Channel, heard.Extra}, []string{"go_news", "fresh"})
	}},
	{"unicode", func() {
		db := open("")
		defer db.Close()
		db.SetMaxOpenConns(1)
		name := pq.QuoteIdentifier(`žluťoučký "kůň"`)
		run(db, "CREATE TEMP TABLE "+name+` ("größe ☃" text)`)
		for _, value := range []string{"naïve ☃", "𝒳 \U0001f600", "tab\tquote'\"\\", ""} {
			run(db, "INSERT INTO "+name+" VALUES ($1)", value)
			equal(ask(db, `SELECT "größe ☃" FROM `+name+` WHERE "größe ☃" = $1`, value), [][]any{{value}})
			equal(ask(db, "SELECT "+pq.QuoteLiteral(value)+"::text"), [][]any{{value}})
		}
	}},
	{"large", func() {
		db := open("")
		defer db.Close()
		text, data := strings.Repeat("ü", 2_000_000), bytes.Repeat([]byte{0, 1, 128, 255}, 500_000)
		var textBack string
		var dataBack []byte
		check(db.QueryRow("SELECT $1::text, $2::bytea", text, data).Scan(&textBack, &dataBack))
		equal([]bool{textBack == text, bytes.Equal(dataBack, data)}, []bool{true, true})
	}},
}

func attempt(one step) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
			fmt.Println("ok", one.name)
		case lacking:
			fmt.Printf("lacks %s: %s\n", one.name, string(reason))
		default:
			fmt.Println("not ok", one.name)
			fmt.Println("  " + strings.ReplaceAll(fmt.Sprint(reason), "\n", "\n  "))
		}
	}()
	one.work()
}

func main() {
	for _, one := range steps {
		attempt(one)
	}
	fmt.Println("done")
}
