#!/bin/sh
# Installs what package-lock.json pins into .venv-contract, once. Exit 3: there is no Node.
set -eu
cd "$(dirname "$0")/../.."
tests/npm-tools.sh tests/contract .venv-contract ci
