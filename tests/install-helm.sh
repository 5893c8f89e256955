#!/bin/sh
# Builds the real helm into .venv-chart/bin from its Go module, once for each version; says what to install where there is no Go.
set -eu
cd "$(dirname "$0")/.."
version=v3.22.0
bin=$PWD/.venv-chart/bin
if [ "$(cat "$bin/.helm" 2>/dev/null)" = $version ]; then
    echo "test-tools: all there: helm $version"
    exit 0
fi
if ! command -v go >/dev/null; then
    echo "test-tools: no Go here, so no helm: the tests of the chart are skipped. Install Go 1.26 or later for them" >&2
    exit 0
fi
echo "test-tools: building helm $version: two to four minutes on two cores, at the first time"
mkdir -p "$bin"
# One compiler at a time: some of its packages need a gigabyte each. Modules are checked by Go's own list of checksums.
# As its releases are built: it says by itself which Kubernetes it was made for.
kubernetes=37
flags="-s -w -X helm.sh/helm/v3/internal/version.version=$version"
for package in chartutil lint/rules; do
    flags="$flags -X helm.sh/helm/v3/pkg/$package.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/$package.k8sVersionMinor=$kubernetes"
done
GOBIN=$bin GOFLAGS=-buildvcs=false go install -p 1 -ldflags="$flags" helm.sh/helm/v3/cmd/helm@$version
echo $version >"$bin/.helm"
