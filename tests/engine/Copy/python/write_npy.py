"""Writes arrays as numpy does into a directory, and prints what they hold: a line a file, as JSON."""
import json
import sys

import numpy


def save(name, column, array, version=None):
    with open(f"{sys.argv[1]}/{name}.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version)
    if array.dtype == "f2":
        array = array.astype("f4")  # the same numbers, in the digits that a float32 needs
    rows = [[str(value) for value in row] for row in (array if array.ndim > 1 else array[:, None])]
    print(json.dumps({"name": name, "column": column, "rows": rows}))


random = numpy.random.default_rng(1)
for kind in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    if kind[0] == "f":
        limits = numpy.finfo(kind)
        values = numpy.concatenate([random.normal(size=996).astype(kind),
                                    numpy.array([limits.max, limits.min, limits.smallest_subnormal, -0.0], kind)])
        column = "real" if kind != "f8" else "double precision"
    else:
        limits = numpy.iinfo(kind)
        values = numpy.concatenate([random.integers(limits.min, limits.max, 998, kind, True), numpy.array([limits.min, limits.max], kind)])
        column = "numeric" if kind == "u8" else "bigint"
    save(kind, column, values)
    if kind not in ("f8", "i8", "u4", "u8"):
        save(f"{kind}-rows", "halfvec(8)" if kind == "f2" else "vector(8)", values.reshape(-1, 8))

save("none", "vector(3)", numpy.empty((0, 3), "f4"))
save("wide", "vector(16000)", random.normal(size=(3, 16000)).astype("f4"))
save("large", "vector(128)", random.normal(size=(4000, 128)).astype("f4"))
for version in [(1, 0), (2, 0), (3, 0)]:
    save(f"version-{version[0]}", "real", numpy.array([1.5, -2], "f4"), version)
