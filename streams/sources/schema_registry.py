"""The schema registry: asked once for each schema that records name, by Confluent's API.

What a schema is never changes, so it is kept as long as the process lives; that the registry does not have one may
change, and is believed for half a minute. Of ids that it does not have a thousand are asked for in that time, whatever
publishers send. Where it does not answer, nothing is known: who asks has to wait.
"""

import json
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from urllib.parse import quote

import urllib3

from metrics.sources.wire import KnownSchema, SchemaKey, no_schemas
from streams.errors import ConfigurationError, Unreachable
from streams.settings.private_files import private_text
from streams.settings.schema_registry import SchemaRegistrySettings

ACCEPT: Final = "application/vnd.schemaregistry.v1+json, application/json"
_ABSENT: Final = frozenset({40401, 40402, 40403})
"""Codes of the API: no such subject, version, schema. A 404 without one comes of something else at that address."""
_DENIED: Final = frozenset({401, 403})
_MOST_REFERENCES: Final = 200
_MOST_UNKNOWN: Final = 1_000
_PIECE_BYTES: Final = 64 * 1024
_LEAST_UNKNOWN_S: Final = 5.0
_MOST_BYTES: Final = 4 * 1024 * 1024


class RegistryUnavailable(Unreachable):
    """The registry does not answer, or not as a registry does."""


class _Absent(Exception):
    """The registry says that it does not have it."""


class SchemaRegistry:
    """What is known of schemas. `fetch` asks, and may be called in a thread; `lookup` never waits."""

    def __init__(self, settings: SchemaRegistrySettings, clock: Callable[[], float] = time.monotonic) -> None:
        """Asks for nothing yet.

        Raises:
            ConfigurationError: The file of the password or that of the authority cannot be used.
        """
        self._settings, self._clock = settings, clock
        self._known: dict[SchemaKey, KnownSchema] = {}
        self._unknown: dict[SchemaKey, tuple[str, float]] = {}
        self._first_is_over = 0.0
        self._headers = {"Accept": ACCEPT, **_authorisation(settings)}
        authority = settings.ca_file
        if authority is not None and not authority.is_file():
            raise ConfigurationError(f"no such file: {authority} (CXB_SCHEMA_REGISTRY_CA_FILE)")
        self._pool = urllib3.PoolManager(
            timeout=settings.timeout_s, retries=False, maxsize=1, ca_certs=str(authority) if authority else None
        )

    @property
    def is_set(self) -> bool:
        """Whether there is one."""
        return bool(self._settings.url)

    def lookup(self, key: SchemaKey) -> KnownSchema | str | None:
        """What reads records of a schema; why there is nothing that could; None if it has to be fetched first."""
        known = self._known.get(key)
        if known is not None:
            return known
        if not self.is_set:
            return no_schemas(key)
        why, until = self._unknown.get(key, ("", 0.0))
        if why and self._clock() < until:
            return why
        return None if self._may_ask() else f"{key} was not asked for: {_MOST_UNKNOWN} others are not in the registry"

    def _may_ask(self) -> bool:
        """Whether fewer ids are unknown than may be: bytes that are no schema's id would cost a request a record."""
        if len(self._unknown) < _MOST_UNKNOWN:
            return True
        now = self._clock()
        if now >= self._first_is_over:  # else a look-up, which is made for each record, would go through a thousand
            self._unknown = {key: (why, until) for key, (why, until) in self._unknown.items() if now < until}
            self._first_is_over = min((until for _, until in self._unknown.values()), default=now)
        return len(self._unknown) < _MOST_UNKNOWN

    def fetch(self, keys: Iterable[SchemaKey]) -> None:
        """Asks for schemas. Afterwards `lookup` knows something of each, for `unknown_s` at least.

        Raises:
            RegistryUnavailable: It does not answer, or its answer is no registry's.
        """
        refused: dict[SchemaKey, str] = {}
        more = 0
        self._may_ask()  # forgets what is over
        for key in sorted(keys):
            if len(self._unknown) + more >= _MOST_UNKNOWN:
                break
            try:
                self._known[key] = self._compiled(key)
            except _Absent:
                refused[key] = f"{key} is not in the schema registry: was it registered in another one?"
            except ValueError as error:
                refused[key] = f"{key} cannot be used: it {error}"
            more += key in refused and key not in self._unknown
        # From now on, and not from each answer: whoever waits for many must find the first still known after the last.
        until = self._clock() + max(self._settings.unknown_s, _LEAST_UNKNOWN_S)
        self._unknown |= {key: (why, until) for key, why in refused.items()}
        self._first_is_over = min(self._first_is_over, until)

    def check(self) -> Sequence[str]:
        """The types of schemas that the registry knows; asked to see that it answers and accepts our credentials.

        Raises:
            RegistryUnavailable: As for `fetch`.
        """
        try:
            types = self._get("/schemas/types")
        except _Absent:
            types = []
        return [str(name) for name in types] if isinstance(types, list) else []

    def _compiled(self, key: SchemaKey) -> KnownSchema:
        answer = self._schema(f"/schemas/{key.kind}/{key.value}")
        references: dict[str, str] = {}
        self._gather(answer, references, frozenset())
        kind = answer.get("schemaType") or "AVRO"
        # Imported here: a worker without such sources does without their libraries.
        if kind == "AVRO":
            from metrics.sources.avro import avro_decoder  # noqa: PLC0415

            return KnownSchema("avro", avro_decoder(answer["schema"], list(references.values())))
        if kind == "PROTOBUF":
            from metrics.sources.protobuf import protobuf_decoder  # noqa: PLC0415

            return KnownSchema("protobuf", protobuf_decoder(answer["schema"], references))
        raise ValueError(f"is of the type {kind}, by which nothing is read: JSON has format = 'json-schema'")

    def _gather(self, answer: dict[str, Any], found: dict[str, str], within: frozenset[tuple[str, Any]]) -> None:
        """Adds the schemas that one refers to, each after those that it refers to itself."""
        for reference in answer.get("references") or ():
            name, place = str(reference.get("name")), (str(reference.get("subject")), reference.get("version"))
            if name in found:
                continue
            if place in within or len(found) >= _MOST_REFERENCES:
                raise ValueError("refers to itself, or to more than 200 others")
            subject, version = place
            inner = self._schema(f"/subjects/{quote(subject, safe='')}/versions/{quote(str(version), safe='')}")
            self._gather(inner, found, within | {place})
            found[name] = inner["schema"]

    def _schema(self, path: str) -> dict[str, Any]:
        answer = self._get(path)
        if not isinstance(answer, dict) or not isinstance(answer.get("schema"), str):
            raise self._away(f"answered {path} with what is no schema")
        return answer

    def _get(self, path: str) -> Any:
        url = self._settings.url.rstrip("/") + path
        try:
            response = self._pool.request(
                "GET", url, headers=self._headers, redirect=False, preload_content=False, decode_content=True
            )
            body = self._body(response)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise self._away(f"does not answer ({str(error).splitlines()[0]})") from error
        return self._understood(path, response.status, body)

    def _body(self, response: urllib3.BaseHTTPResponse) -> bytes:
        """The answer's bytes, up to the first that are too many; within the time that one piece of it may take."""
        body, deadline = bytearray(), time.monotonic() + self._settings.timeout_s
        while piece := response.read1(_PIECE_BYTES):
            body += piece
            if len(body) > _MOST_BYTES or time.monotonic() > deadline:
                response.close()
                if len(body) <= _MOST_BYTES:
                    raise TimeoutError(f"its answer is not whole after {self._settings.timeout_s:g} s")
                break
        else:
            response.release_conn()
        return bytes(body)

    def _understood(self, path: str, status: int, body: bytes) -> Any:
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = None
        if status == 200 and answer is not None:
            return answer
        code = answer.get("error_code") if isinstance(answer, dict) else None
        if status == 404 and code in _ABSENT:
            raise _Absent(path)
        if status in _DENIED:
            raise self._away(
                f"answered {status}: check CXB_SCHEMA_REGISTRY_USER, CXB_SCHEMA_REGISTRY_PASSWORD and the user's rights"
            )
        hint = "look at its log" if status >= 500 else "is CXB_SCHEMA_REGISTRY_URL the address of its API?"
        raise self._away(f"answered {path} with {status}: {hint}")

    def _away(self, what: str) -> RegistryUnavailable:
        return RegistryUnavailable(f"the schema registry at {self._settings.url} {what}")


def _authorisation(settings: SchemaRegistrySettings) -> dict[str, str]:
    if not settings.user:
        return {}
    password = settings.password.get_secret_value()
    if settings.password_file is not None:
        password = private_text(settings.password_file, "the password of the schema registry").strip()
    return urllib3.make_headers(basic_auth=f"{settings.user}:{password}")
