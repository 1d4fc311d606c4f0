namespace VecSQL.Catalog.Functions.Families;

/// <summary>bytea: cutting, bits, encodings, digests.</summary>
internal static class BinaryStringFamily
{
    internal static readonly FunctionFamily Tables = FunctionFamily.Parse(
        functions: """
            720 octet_length(bytea) int4 as byteaoctetlen
            721 get_byte(bytea, int4) int4 as byteaGetByte
            722 set_byte(bytea, int4, int4) bytea as byteaSetByte
            723 get_bit(bytea, int8) int4 as byteaGetBit
            724 set_bit(bytea, int8, int4) bytea as byteaSetBit
            749 overlay(bytea, bytea, int4, int4) bytea as byteaoverlay
            752 overlay(bytea, bytea, int4) bytea as byteaoverlay_no_len
            1713 length(bytea, name) int4 as length_in_encoding stable
            1714 convert_from(bytea, name) text as pg_convert_from stable
            1717 convert_to(text, name) bytea as pg_convert_to stable
            1810 bit_length(bytea) int4 as bytea_bit_length
            1813 convert(bytea, name, name) bytea as pg_convert stable
            1946 encode(bytea, text) text as binary_encode
            1947 decode(text, text) bytea as binary_decode
            2010 length(bytea) int4 as byteaoctetlen
            2011 byteacat(bytea, bytea) bytea
            2012 substring(bytea, int4, int4) bytea as bytea_substr
            2013 substring(bytea, int4) bytea as bytea_substr_no_len
            2014 position(bytea, bytea) int4 as byteapos
            2015 btrim(bytea, bytea) bytea as byteatrim
            2085 substr(bytea, int4, int4) bytea as bytea_substr
            2086 substr(bytea, int4) bytea as bytea_substr_no_len
            2311 md5(text) text as md5_text
            2321 md5(bytea) text as md5_bytea
            2405 int2send(int2) bytea
            2407 int4send(int4) bytea
            2409 int8send(int8) bytea
            2413 byteasend(bytea) bytea
            2415 textsend(text) bytea stable
            2425 float4send(float4) bytea
            2427 float8send(float8) bytea
            2437 boolsend(bool) bytea
            2461 numeric_send(numeric) bytea
            2469 date_send(date) bytea
            2471 time_send(time) bytea
            2475 timestamp_send(timestamp) bytea
            2477 timestamptz_send(timestamptz) bytea
            2479 interval_send(interval) bytea
            2962 uuid_send(uuid) bytea
            3419 sha224(bytea) bytea as sha224_bytea
            3420 sha256(bytea) bytea as sha256_bytea
            3421 sha384(bytea) bytea as sha384_bytea
            3422 sha512(bytea) bytea as sha512_bytea
            6163 bit_count(bytea) int8 as bytea_bit_count
            6195 ltrim(bytea, bytea) bytea as bytealtrim
            6196 rtrim(bytea, bytea) bytea as byteartrim
            """,
        operators: """
            2018 bytea || bytea 2011
            """);
}
