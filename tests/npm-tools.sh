#!/bin/sh
# Usage: npm-tools.sh FOLDER TOOLS COMMAND...: installs what FOLDER pins into TOOLS by `npm COMMAND`, again whenever that or its
# tools.sh changes. Says how to get Node where it is missing. Exit 3: there is none.
set -eu
cd "$(dirname "$0")/.."
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "needs Node 20 or later, and npm"
    exit 3
fi
folder=$1 tools=$2
shift 2
for file in "$folder"/package*.json "$folder"/tools.sh; do
    [ "$tools/.installed" -nt "$file" ] || rm -f "$tools/.installed"
done
if [ ! -e "$tools/.installed" ]; then
    mkdir -p "$tools"
    cp "$folder"/package*.json "$tools"/
    npm "$@" --prefix "$tools" --ignore-scripts --no-audit --no-fund --silent
    touch "$tools/.installed"
fi
