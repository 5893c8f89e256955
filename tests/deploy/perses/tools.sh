#!/bin/sh
# Installs what package.json pins into .venv-perses, once, and bundles the page that draws panels. Exit 3: there is no Node.
set -eu
cd "$(dirname "$0")/../../.."
tools=.venv-perses
here=tests/deploy/perses
tests/npm-tools.sh $here $tools install --before=2026-11-30 --no-package-lock
# Plugins are CommonJS and the page is not: without main-fields some packages would be there twice, each with state of its own.
NODE_PATH=$tools/node_modules $tools/node_modules/.bin/esbuild $here/page.jsx --bundle --minify --format=iife --main-fields=browser,module,main \
    --jsx=automatic --define:process.env.NODE_ENV='"production"' --define:global=globalThis --loader:.woff=dataurl --loader:.woff2=dataurl \
    --log-level=error --outfile=$tools/page.js
