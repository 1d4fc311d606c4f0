<?php
// Runs the steps of a client script and prints one line a step, then what went wrong.

const ENDLESS = 'WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r';
const SAMPLE = ['id', 'b', 'i2', 'i4', 'i8', 'f4', 'f8', 'n', 'm', 't', 'vc', 'ch', 'qc', 'nm', 'y', 'd', 'tm', 'tmz', 'ts', 'tsz', 'iv', 'u', 'j', 'jb',
    'bt', 'vb', 'o'];
const ARRAYS = ['id', 'ba', 'i2a', 'i4a', 'i8a', 'f4a', 'f8a', 'na', 'ta', 'vca', 'da', 'tsa', 'tsza', 'ua', 'jba', 'ya'];

class Lacking extends Exception {}

function equal(mixed $actual, mixed $expected): void
{
    if ($actual !== $expected)
        throw new Exception('got ' . var_export($actual, true) . ', expected ' . var_export($expected, true));
}

function run(array $steps): void
{
    foreach ($steps as $name => $step) {
        try {
            $step();
            echo "ok $name\n";
        } catch (Lacking $reason) {
            echo "lacks $name: {$reason->getMessage()}\n";
        } catch (Throwable $error) {
            echo "not ok $name\n";
            foreach (explode("\n", $error::class . ': ' . $error->getMessage() . ' at line ' . $error->getLine()) as $line)
                echo "  $line\n";
        }
    }
    echo "done\n";
}
