#!/bin/sh
# Installs what package.json pins into .venv-page, once. Exit 3: there is no Node.
set -eu
cd "$(dirname "$0")/../.."
tests/npm-tools.sh tests/page .venv-page install --no-package-lock
