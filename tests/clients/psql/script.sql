-- What a person does in psql. The output beside this file is PostgreSQL's with pgvector.
\set VERBOSITY verbose
\set SHOW_ALL_RESULTS on
\pset null '(null)'
DROP TABLE IF EXISTS psql_items;
CREATE TABLE psql_items (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    body text NOT NULL,
    price numeric(8,2) CHECK (price >= 0),
    tags text[],
    facts jsonb,
    added timestamptz DEFAULT '2024-02-29 12:00:00+00',
    embedding vector(3)
);
SET TimeZone = 'UTC';
INSERT INTO psql_items (body, price, tags, facts, embedding) VALUES
    ('it''s', 1.5, '{a,"b c",NULL}', '{"b": [1, 2], "a": null}', '[1,2,3]'),
    ('naïve ☃', NULL, NULL, NULL, '[4,5,6]'),
    ('none', 0, '{}', '[]', NULL);
SELECT * FROM psql_items ORDER BY id;
\x on
SELECT id, body, price FROM psql_items WHERE id = 2;
\x off
-- Parameters and the nearest rows.
PREPARE nearest (vector, int) AS
    SELECT id, embedding <-> $1 AS l2, embedding <=> $1 AS cosine, embedding <#> $1 AS inner
    FROM psql_items WHERE id <> $2 ORDER BY embedding <-> $1 LIMIT 2;
EXECUTE nearest('[1,2,4]', 9);
DEALLOCATE nearest;
SELECT id, body FROM psql_items ORDER BY embedding <-> '[4,5,5]' LIMIT 1 \gdesc
\set wanted 'it''s'
SELECT id FROM psql_items WHERE body = :'wanted';
SELECT count(*) AS total FROM psql_items \gset
\echo :total
-- COPY, both ways.
CREATE TEMPORARY TABLE psql_copied (id int, body text, embedding vector(3));
COPY psql_copied FROM STDIN;
10	tab\there	[1,0,0]
11	\N	\N
\.
\copy psql_copied to stdout with (format csv, header)
COPY (SELECT id, body FROM psql_copied ORDER BY id DESC) TO STDOUT;
COPY psql_copied FROM STDIN WITH (FORMAT csv);
12,"quoted, ""so""","[0,1,0]"
x,bad,
\.
SELECT count(*) FROM psql_copied;
-- Errors, and what remains possible after them.
SELECT nothing FROM psql_items;
SELECT 1 / 0;
INSERT INTO psql_items (body, price) VALUES ('cheap', -1);
INSERT INTO psql_items (body) VALUES (NULL);
SELECT '[1,2]'::vector <-> '[1,2,3]'::vector;
SELECT '[1,x]'::vector;
SELECT 'abc'::int;
SELECT * FROM psql_nowhere;
-- Transactions.
BEGIN;
UPDATE psql_items SET price = 9 WHERE id = 1;
SAVEPOINT before;
DELETE FROM psql_items;
SELECT count(*) FROM psql_items;
ROLLBACK TO before;
SELECT count(*), max(price) FROM psql_items;
SELECT 1 / 0;
SELECT 1;
COMMIT;
SELECT price FROM psql_items WHERE id = 1;
BEGIN;
DELETE FROM psql_items WHERE id = 3;
COMMIT;
SELECT count(*) FROM psql_items;
-- Several statements in one string are one transaction.
INSERT INTO psql_items (body) VALUES ('one') \; SELECT 1 / 0;
SELECT count(*) FROM psql_items;
-- A statement that takes too long.
SET statement_timeout = '100ms';
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r;
RESET statement_timeout;
-- Cursors.
BEGIN;
DECLARE c CURSOR FOR SELECT id, body FROM psql_items ORDER BY id;
FETCH 1 FROM c;
FETCH ALL FROM c;
CLOSE c;
COMMIT;
DROP TABLE psql_items;
