#!/bin/sh
# Installs what package.json pins into .venv-page, once; says how to get Node where it is missing. Exit 3: there is none.
set -eu
cd "$(dirname "$0")/../.."
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "needs Node 20 or later, and npm"
    exit 3
fi
tools=.venv-page
if [ ! $tools/.installed -nt tests/page/package.json ]; then
    mkdir -p $tools
    cp tests/page/package.json $tools/
    npm install --prefix $tools --no-package-lock --ignore-scripts --no-audit --no-fund --silent
    touch $tools/.installed
fi
