#!/usr/bin/env bash
# Packs the package, installs the tarball like a stranger would, and runs it from an empty folder
# with nothing on the PATH but node and git.
set -euo pipefail
cd "$(dirname "$0")/.."

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/pack" "$work/prefix" "$work/bin" "$work/home" "$work/tmp" "$work/empty"

[ -f dist/main.cjs ] || npm run --silent build
npm pack --silent --ignore-scripts --pack-destination "$work/pack" >/dev/null
npm install --silent --no-fund --no-audit --global --prefix "$work/prefix" "$work"/pack/owp-*.tgz </dev/null
echo "try-package: $(du -h "$work"/pack/owp-*.tgz | cut -f1) packed, installed"

# git's own helpers live under its exec path; `env` is what the shebang asks for.
for tool in node git env sh; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

owp() {
  (cd "$work/empty" && env -i PATH="$work/bin" HOME="$work/home" TMPDIR="$work/tmp" LC_ALL=C CI=true \
    "$work/prefix/bin/owp" "$@" </dev/null)
}

expected="$(node -p 'require("./package.json").version')"
actual="$(owp --version)"
case "$actual" in
  *"$expected"*) echo "try-package: owp --version says $actual" ;;
  *) echo "try-package: owp --version says \"$actual\", expected $expected" >&2; exit 1 ;;
esac

owp demo --clean
left="$(find "$work/empty" "$work/tmp" -mindepth 1)"
if [ -n "$left" ]; then
  echo "try-package: owp demo --clean left behind: $left" >&2
  exit 1
fi
echo "try-package: owp demo --clean ran in an empty folder, and left nothing"
