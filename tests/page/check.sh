#!/bin/sh
# Checks the page's code: its types (tsc), common faults (biome), and that the libraries it carries are what their packages give.
set -eu
cd "$(dirname "$0")/../.."
if ! why=$(tests/page/tools.sh); then
    echo "lint-page: skipped: $why"
    # Skipped for want of Node is an error where the tools are required, as in CI.
    [ "${CXB_REQUIRE_TOOLS:-}" != 1 ]
    exit
fi
tools=.venv-page
$tools/node_modules/.bin/tsc -p tests/page
$tools/node_modules/.bin/biome lint --config-path=tests/page --error-on-warnings streams/web/static
again=$(mktemp -d)
trap 'rm -r "$again"' EXIT
node tests/page/vendor.mjs $tools "$again"
if ! diff -r "$again" streams/web/static/vendor >/dev/null; then
    echo "lint-page: streams/web/static/vendor is not what tests/page/package.json gives; write it again with: make vendor"
    exit 1
fi
