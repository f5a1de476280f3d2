#!/usr/bin/env bash
# Renews the embedded data from Debian's package publicsuffix and the npm package i18n-iso-countries.
# Needs: Debian or Ubuntu with apt-get (after `apt-get update`), npm, node. Look at `git diff` afterwards, then run the tests of Enrichment.Normalization.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

(cd "$work" && apt-get download publicsuffix && dpkg-deb -x publicsuffix_*.deb list)
cp "$work/list/usr/share/publicsuffix/public_suffix_list.dat" "$here/public_suffix_list.dat"

(cd "$work" && npm pack --silent i18n-iso-countries >/dev/null && tar xzf i18n-iso-countries-*.tgz)
node "$here/countries.mjs" "$work/package" "$here/countries.tsv"
