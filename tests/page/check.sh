#!/bin/sh
# Checks the page's code: its types (tsc) and common faults (biome), in the versions that package.json pins.
set -eu
cd "$(dirname "$0")/../.."
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "lint-page: skipped: needs Node 20 or later, and npm"
    # Skipped for want of Node is an error where the tools are required, as in CI.
    [ "${CXB_REQUIRE_TOOLS:-}" != 1 ]
    exit
fi
tools=.venv-page
if [ ! $tools/.installed -nt tests/page/package.json ]; then
    mkdir -p $tools
    cp tests/page/package.json $tools/
    npm install --prefix $tools --no-package-lock --ignore-scripts --no-audit --no-fund --silent
    touch $tools/.installed
fi
$tools/node_modules/.bin/tsc -p tests/page
$tools/node_modules/.bin/biome lint --config-path=tests/page --error-on-warnings streams/web/static
