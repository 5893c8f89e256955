#!/bin/sh
# Installs what package.json pins into .venv-perses, once, and bundles the page that draws panels. Exit 3: there is no Node.
set -eu
cd "$(dirname "$0")/../../.."
major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "needs Node 20 or later, and npm"
    exit 3
fi
tools=.venv-perses
here=tests/deploy/perses
if [ ! $tools/.installed -nt $here/package.json ] || [ ! $tools/.installed -nt $here/tools.sh ]; then
    mkdir -p $tools
    cp $here/package.json $tools/
    npm install --prefix $tools --before=2026-11-30 --no-package-lock --ignore-scripts --no-audit --no-fund --silent
    touch $tools/.installed
fi
# Plugins are CommonJS and the page is not: without main-fields some packages would be there twice, each with state of its own.
NODE_PATH=$tools/node_modules $tools/node_modules/.bin/esbuild $here/page.jsx --bundle --minify --format=iife --main-fields=browser,module,main \
    --jsx=automatic --define:process.env.NODE_ENV='"production"' --define:global=globalThis --loader:.woff=dataurl --loader:.woff2=dataurl \
    --log-level=error --outfile=$tools/page.js
