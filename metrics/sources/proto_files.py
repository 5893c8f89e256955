"""A .proto file's text as a descriptor, as protoc would make it, but for options, which say nothing about the bytes."""

from typing import Any, Final

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from proto_schema_parser import ast
from proto_schema_parser.parser import Parser

SKIPPED_IMPORTS: Final = ("confluent/meta.proto", "google/protobuf/descriptor.proto")
"""Files that only options are made of."""
_SCALARS: Final = {
    name: getattr(FieldDescriptorProto, f"TYPE_{name.upper()}")
    for name in (
        "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "bytes", "uint32",
        "sfixed32", "sfixed64", "sint32", "sint64",
    )
}  # fmt: skip
_LABELS: Final = {
    ast.FieldCardinality.REPEATED: FieldDescriptorProto.LABEL_REPEATED,
    ast.FieldCardinality.REQUIRED: FieldDescriptorProto.LABEL_REQUIRED,
}
_SYNTAXES: Final = ("proto2", "proto3")


def file_descriptor(name: str, text: str) -> FileDescriptorProto:
    """The descriptor of a file.

    Args:
        name: What others import it by.
        text: The file.

    Raises:
        ValueError: It is no .proto file of proto2 or proto3.
    """
    try:
        parsed: ast.File = Parser(setup_lexer=_quiet, setup_parser=_quiet).parse(text)
    except Exception as error:  # the grammar's runtime has no error of its own for each fault
        raise ValueError(f"is no .proto file: {' '.join(str(error).split())[:200]}") from None
    syntax = parsed.syntax or "proto2"
    if parsed.edition or syntax not in _SYNTAXES:
        raise ValueError(f"is of {parsed.edition or syntax}: only proto2 and proto3 can be read")
    result = FileDescriptorProto(name=name, syntax=syntax)
    _fill(result, parsed, is_proto3=syntax == "proto3")
    return result


def _fill(result: FileDescriptorProto, parsed: ast.File, *, is_proto3: bool) -> None:
    for element in parsed.file_elements:
        if isinstance(element, ast.Package):
            result.package = element.name
        elif isinstance(element, ast.Import) and element.name not in SKIPPED_IMPORTS:
            if element.public:
                result.public_dependency.append(len(result.dependency))
            result.dependency.append(element.name)
        elif isinstance(element, ast.Message):
            _message(result.message_type.add(), element, is_proto3=is_proto3)
        elif isinstance(element, ast.Enum):
            _enum(result.enum_type.add(), element)


def _quiet(recognizer: Any) -> Any:
    """The same recognizer, which raises at the first fault and prints nothing."""
    recognizer.removeErrorListeners()
    recognizer.addErrorListener(_Raising())
    return recognizer


class _Raising:
    """Hears of faults in a file."""

    def syntaxError(self, *args: Any) -> None:
        """Where the text is no .proto file: the recognizer, the symbol, line, column, message, error."""
        _, _, line, column, message, _ = args
        raise ValueError(f"line {line}:{column} {message}")

    def __getattr__(self, name: str) -> Any:
        """Reports of ambiguity, which are no faults."""
        return lambda *_: None


def _message(result: DescriptorProto, message: ast.Message | ast.Group, *, is_proto3: bool) -> None:
    result.name = message.name
    for element in message.elements:
        if isinstance(element, ast.Message):
            _message(result.nested_type.add(), element, is_proto3=is_proto3)
        elif isinstance(element, ast.Enum):
            _enum(result.enum_type.add(), element)
        else:
            _members(result, element, is_proto3=is_proto3)
    # Last: the place of a message in its file, which records carry, counts those that are written there.
    for entry in message.elements:
        if isinstance(entry, ast.MapField):
            _map(result, entry)
    if is_proto3:
        _own_oneofs(result)


def _members(result: DescriptorProto, element: Any, *, is_proto3: bool) -> None:
    if not isinstance(element, ast.OneOf):
        _member(result, element, None, is_proto3=is_proto3)
        return
    result.oneof_decl.add(name=element.name)
    for field in element.elements:
        _member(result, field, len(result.oneof_decl) - 1, is_proto3=is_proto3)


def _member(result: DescriptorProto, element: Any, oneof: int | None, *, is_proto3: bool) -> None:
    if isinstance(element, ast.Group):
        _message(result.nested_type.add(), element, is_proto3=is_proto3)
        field = result.field.add(name=element.name.lower(), number=element.number, type_name=element.name)
        field.type = FieldDescriptorProto.TYPE_GROUP
    elif isinstance(element, ast.Field):
        field = _field(result, element.name, element.number, element.type)
        field.proto3_optional = is_proto3 and oneof is None and element.cardinality is ast.FieldCardinality.OPTIONAL
    else:
        return
    field.label = _LABELS.get(element.cardinality, FieldDescriptorProto.LABEL_OPTIONAL)
    if oneof is not None:
        field.oneof_index = oneof


def _field(result: DescriptorProto, name: str, number: int, kind: str) -> FieldDescriptorProto:
    if kind in _SCALARS:
        return result.field.add(name=name, number=number, type=_SCALARS[kind])
    return result.field.add(name=name, number=number, type_name=kind)


def _map(result: DescriptorProto, entry: ast.MapField) -> None:
    name = "".join(part[:1].upper() + part[1:] for part in entry.name.split("_")) + "Entry"
    nested = result.nested_type.add(name=name)
    nested.options.map_entry = True
    for number, (key, kind) in enumerate((("key", entry.key_type), ("value", entry.value_type)), start=1):
        _field(nested, key, number, kind).label = FieldDescriptorProto.LABEL_OPTIONAL
    field = _field(result, entry.name, entry.number, name)
    field.label = FieldDescriptorProto.LABEL_REPEATED


def _own_oneofs(result: DescriptorProto) -> None:
    """In proto3 an optional field is alone in a oneof of its own, after all others: so protoc writes it."""
    for field in result.field:
        if field.proto3_optional:
            field.oneof_index = len(result.oneof_decl)
            result.oneof_decl.add(name=f"_{field.name}")


def _enum(result: EnumDescriptorProto, enum: ast.Enum) -> None:
    result.name = enum.name
    numbers = set()
    for element in enum.elements:
        if isinstance(element, ast.EnumValue):
            result.value.add(name=element.name, number=element.number)
            if element.number in numbers:
                result.options.allow_alias = True
            numbers.add(element.number)
