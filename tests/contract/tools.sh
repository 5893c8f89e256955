#!/bin/sh
# Installs what package-lock.json pins into .venv-contract, once; says how to get Node where it is missing. Exit 3: there is none.
set -eu
cd "$(dirname "$0")/../.."
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "needs Node 20 or later, and npm"
    exit 3
fi
tools=.venv-contract
if [ ! $tools/.installed -nt tests/contract/package-lock.json ]; then
    mkdir -p $tools
    cp tests/contract/package.json tests/contract/package-lock.json $tools/
    npm ci --prefix $tools --ignore-scripts --no-audit --no-fund --silent
    touch $tools/.installed
fi
