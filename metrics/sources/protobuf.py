"""Protobuf: the .proto text of a schema compiled to what reads a payload, without protoc and without generated code."""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from google.protobuf import (
    any_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)  # fmt: skip
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import DescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

from metrics.sources.natural import natural
from metrics.sources.proto_files import file_descriptor
from metrics.sources.wire import Decoder, Unreadable

ToNatural = Callable[[Any], Any]

_MAIN: Final = "cxb/schema.proto"
_DECIMAL: Final = """
syntax = "proto3";
package confluent.type;
message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }
"""
_SHIPPED: Final[Mapping[str, FileDescriptorProto]] = {
    module.DESCRIPTOR.name: FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
    for module in (any_pb2, duration_pb2, empty_pb2, field_mask_pb2, struct_pb2, timestamp_pb2, wrappers_pb2)
}
_UNREAD: Final = (DecodeError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError, AttributeError)


def protobuf_decoder(schema: str, references: Mapping[str, str]) -> Decoder:
    """What reads payloads.

    Args:
        schema: The text of the .proto file of the messages.
        references: The texts of what it imports, by the name that it imports them by.

    Raises:
        ValueError: It cannot be used; the message says why.
    """
    main = file_descriptor(_MAIN, schema)
    files = {name: file_descriptor(name, text) for name, text in references.items()}
    pool = DescriptorPool()
    _add(pool, main, {**_SHIPPED, **files}, {})
    plans: dict[str, _Plan] = {}

    def decode(payload: bytes, message: Sequence[int]) -> Any:
        name = _name_of(main, message)
        try:
            descriptor = pool.FindMessageTypeByName(name)
            return _plan(descriptor, plans).record(GetMessageClass(descriptor).FromString(payload))
        except _UNREAD as error:
            raise Unreadable(f"the bytes are no message {name} ({type(error).__name__})") from None

    return decode


def _add(
    pool: DescriptorPool, file: FileDescriptorProto, files: Mapping[str, FileDescriptorProto], done: dict[str, bool]
) -> None:
    """Adds a file after those that it imports."""
    done[file.name] = False
    for name in file.dependency:
        inner = file_descriptor(name, _DECIMAL) if name == "confluent/type/decimal.proto" else files.get(name)
        if inner is None:
            raise ValueError(f"imports {name}, which is not among its references in the registry")
        if done.get(name) is False:
            raise ValueError(f"imports itself, by {name}")
        if name not in done:
            _add(pool, inner, files, done)
    try:
        pool.AddSerializedFile(file.SerializeToString())
    except (TypeError, ValueError) as error:
        raise ValueError(f"is no .proto file: {' '.join(str(error).split())[:200]}") from None
    done[file.name] = True


def _name_of(file: FileDescriptorProto, message: Sequence[int]) -> str:
    """The full name of a message by its place: its number in the file, then in what it is nested in."""
    names, inside = [file.package] if file.package else [], file.message_type
    for index in message:
        if not 0 <= index < len(inside) or inside[index].options.map_entry:
            raise Unreadable(f"the schema has no message at the place {list(message)}")
        nested: DescriptorProto = inside[index]
        names.append(nested.name)
        inside = nested.nested_type
    return ".".join(names)


class _Plan:
    """How a message of one type becomes what JSON would have; without the fields that may be absent, and are."""

    def __init__(self) -> None:
        self.fields: list[tuple[str, bool, ToNatural]] = []

    def record(self, message: Any) -> dict[str, Any]:
        result = {}
        for name, may_be_absent, convert in self.fields:
            if not may_be_absent or message.HasField(name):
                result[name] = convert(getattr(message, name))
        return result


def _plan(descriptor: Descriptor, plans: dict[str, _Plan]) -> _Plan:
    plan = plans.get(descriptor.full_name)
    if plan is None:
        plan = plans[descriptor.full_name] = _Plan()  # first, for a message within itself
        plan.fields = [(field.name, field.has_presence, _converter(field, plans)) for field in descriptor.fields]
    return plan


def _converter(field: FieldDescriptor, plans: dict[str, _Plan]) -> ToNatural:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        value = _single(inner.fields_by_name["value"], plans)
        return lambda entries: {_key(key): value(entries[key]) for key in entries}
    single = _single(field, plans)
    return (lambda values: [single(value) for value in values]) if field.is_repeated else single


def _single(field: FieldDescriptor, plans: dict[str, _Plan]) -> ToNatural:
    if field.enum_type is not None:
        names = {value.number: value.name for value in reversed(field.enum_type.values)}
        return lambda number: names.get(number, number)
    if field.message_type is not None:
        own = _OWN.get(field.message_type.full_name)
        return own or _plan(field.message_type, plans).record
    return _encoded if field.type == FieldDescriptor.TYPE_BYTES else lambda value: value


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _encoded(value: bytes) -> str:
    return b64encode(value).decode()


def _decimal(message: Any) -> str:
    unscaled = int.from_bytes(message.value, "big", signed=True)
    return str(natural(Decimal(unscaled).scaleb(-message.scale)))


def _of_struct(message: Any) -> Any:
    if message.DESCRIPTOR.name == "Struct":
        return {name: _of_struct(value) for name, value in message.fields.items()}
    if message.DESCRIPTOR.name == "ListValue":
        return [_of_struct(value) for value in message.values]
    kind = message.WhichOneof("kind")
    if kind in ("struct_value", "list_value"):
        return _of_struct(getattr(message, kind))
    return None if kind in (None, "null_value") else getattr(message, kind)


def _json_text(message: Any) -> str:
    return str(message.ToJsonString())


_WRAPPERS: Final = ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String")
_OWN: Final[Mapping[str, ToNatural]] = {
    **{f"google.protobuf.{name}Value": (lambda message: message.value) for name in _WRAPPERS},
    "google.protobuf.BytesValue": lambda message: _encoded(message.value),
    "google.protobuf.Timestamp": _json_text,
    "google.protobuf.Duration": _json_text,
    "google.protobuf.FieldMask": _json_text,
    "google.protobuf.Struct": _of_struct,
    "google.protobuf.Value": _of_struct,
    "google.protobuf.ListValue": _of_struct,
    "confluent.type.Decimal": _decimal,
}
"""Messages that stand for one value."""
