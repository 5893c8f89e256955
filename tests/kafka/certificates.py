"""A throw-away certificate authority: server and client certificates for one broker on the loopback address."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

_ADDRESSES = "subjectAltName=IP:127.0.0.1,DNS:localhost"


@dataclass(frozen=True, slots=True)
class Certificates:
    """PEM files of one authority and of the two identities it signed.

    `server_pem` holds key and certificate together, as Kafka's PEM key store wants them.
    """

    ca_file: Path
    server_pem: Path
    client_certificate: Path
    client_key: Path


def make_certificates(directory: Path) -> Certificates:
    """Makes the authority and both certificates in `directory`, valid for two days."""
    directory.mkdir(parents=True, exist_ok=True)
    _openssl(
        directory,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=cx-balance-test-ca",
        "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
    )
    for identity in ("server", "client"):
        _sign(directory, identity)
    server_pem = directory / "server.pem"
    server_pem.write_text((directory / "server.key").read_text() + (directory / "server.crt").read_text())
    return Certificates(directory / "ca.crt", server_pem, directory / "client.crt", directory / "client.key")


def _sign(directory: Path, identity: str) -> None:
    """Makes a key and has the authority sign its certificate."""
    (directory / f"{identity}.ext").write_text(_ADDRESSES)
    _openssl(directory, f"req -newkey rsa:2048 -nodes -keyout {identity}.key -out {identity}.csr -subj /CN={identity}")
    _openssl(
        directory,
        f"x509 -req -in {identity}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2",
        f"-extfile {identity}.ext -out {identity}.crt",
    )


def _openssl(directory: Path, *arguments: str) -> None:
    command = ["openssl", *" ".join(arguments).split()]
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])} failed in {directory}: {done.stderr}")
