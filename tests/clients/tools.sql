-- What the statements of tools find besides: keys between tables, a function.
CREATE TABLE shop.sales (
    no bigint PRIMARY KEY, goods_id int NOT NULL CONSTRAINT sales_goods REFERENCES shop.goods ON DELETE CASCADE, count smallint DEFAULT 1, sold date);
CREATE FUNCTION shop.total(goods_id int, plus numeric DEFAULT 0) RETURNS numeric LANGUAGE sql STABLE
    AS 'SELECT sum(s.count * g.price) + plus FROM shop.sales s JOIN shop.goods g ON g.id = s.goods_id WHERE s.goods_id = $1';
COMMENT ON FUNCTION shop.total(int, numeric) IS 'what was earned';
INSERT INTO shop.sales VALUES (1, 1, 10, '2024-02-28'), (2, 2, 1, '2024-02-29'), (3, 1, 5, '2024-03-01');
