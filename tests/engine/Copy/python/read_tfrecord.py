"""Prints the records of TFRecord files by Google's protobuf and a CRC-32C of another's: a line a record, as JSON."""
import json
import struct
import sys

import crcmod.predefined
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = descriptor_pb2.FieldDescriptorProto


def message(file, name, *fields, parent=None):
    made = (parent.nested_type if parent else file.message_type).add(name=name)
    for number, (field, kind, label, of) in enumerate(fields, 1):
        made.field.add(name=field, number=number, type=kind, label=label, type_name=of)
    return made


def example():
    """tf.train.Example, as TensorFlow's example.proto and feature.proto have it."""
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="t", syntax="proto3")
    one, many = Field.LABEL_OPTIONAL, Field.LABEL_REPEATED
    message(file, "BytesList", ("value", Field.TYPE_BYTES, many, None))
    message(file, "FloatList", ("value", Field.TYPE_FLOAT, many, None))
    message(file, "Int64List", ("value", Field.TYPE_INT64, many, None))
    feature = message(file, "Feature", *((f"{kind}_list", Field.TYPE_MESSAGE, one, f".t.{kind.capitalize()}List")
                                         for kind in ("bytes", "float", "int64")))
    feature.oneof_decl.add(name="kind")
    for field in feature.field:
        field.oneof_index = 0
    features = message(file, "Features", ("feature", Field.TYPE_MESSAGE, many, ".t.Features.FeatureEntry"))
    entry = message(file, "FeatureEntry", ("key", Field.TYPE_STRING, one, None), ("value", Field.TYPE_MESSAGE, one, ".t.Feature"),
                    parent=features)
    entry.options.map_entry = True
    message(file, "Example", ("features", Field.TYPE_MESSAGE, one, ".t.Features"))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("t.Example"))


crc = crcmod.predefined.mkCrcFun("crc-32c")
kind_of = example()


def masked(data):
    value = crc(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def values(feature):
    kind = feature.WhichOneof("kind")
    found = list(getattr(feature, kind).value)
    return [kind, [value.hex() for value in found] if kind == "bytes_list" else found]


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        while head := file.read(12):
            length, checksum = struct.unpack("<QI", head)
            assert checksum == masked(head[:8]), "the checksum of a length"
            data = file.read(length)
            assert struct.unpack("<I", file.read(4))[0] == masked(data), "the checksum of a record"
            record = kind_of.FromString(data)
            print(json.dumps({name: values(feature) for name, feature in sorted(record.features.feature.items())}))
