#!/usr/bin/env bash
# Shows that the tests would notice: each patch beside this file breaks a promise on purpose, and the tests that it names must fail.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

usage() {
    cat <<'HELP'
Usage: tests/mutants/run.sh [NAME...]

For each NAME.patch (all, if none is named): in a throwaway copy of the repository, runs the tests that it names, which
must pass, applies it, builds, and runs them again: each one must fail. Ends with 0 only if every mutant was caught.

A patch begins with these lines, then a blank line and the diff:
  Mutant: what is broken, in a sentence
  Project: the folder of the test project
  Test: a filter of `dotnet test`; once or more
HELP
}

case ${1:-} in --help | -h) usage; exit 0 ;; esac

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export MSBUILDDISABLENODEREUSE=1 # leave no build processes behind

work=$(mktemp -d "${TMPDIR:-/tmp}/enrichment-mutants-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# One copy serves all: a patch is taken back after its turn, so that only what it touches is built again.
mkdir "$work/copy"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read 2> /dev/null) | tar --extract --directory "$work/copy"
cd "$work/copy"

build() { dotnet build "$1" --nologo --verbosity quiet -clp:ErrorsOnly < /dev/null; }

# Runs one filter without building; sets total and failed.
run_tests() {
    local counters
    rm -rf "$work/results"
    dotnet test "$1" --no-build --nologo --filter "$2" --logger "trx;LogFileName=run.trx" --results-directory "$work/results" \
        --blame-hang-timeout 5m --blame-hang-dump-type none < /dev/null > "$work/output" 2>&1 || true
    counters=$(grep -o '<Counters [^>]*>' "$work/results/run.trx" 2> /dev/null || true)
    total=$(sed -nE 's/.* total="([0-9]+)".*/\1/p' <<< "$counters") failed=$(sed -nE 's/.* failed="([0-9]+)".*/\1/p' <<< "$counters")
    total=${total:-0} failed=${failed:-0}
}

# Fills project and filters from a patch's head.
read_head() {
    project=$(sed -n 's/^Project: //p' "$1")
    mapfile -t filters < <(sed -n 's/^Test: //p' "$1")
    [ -n "$project" ] && [ ${#filters[@]} -gt 0 ]
}

# Prints why a patch can show nothing, if so: without it, its tests must be there and pass.
check_patch() {
    local filter
    [ -f "$1" ] || { echo "there is no $1"; return; }
    read_head "$1" || { echo "its head names no project or no test"; return; }
    git apply --check "$1" 2> "$work/output" || { cat "$work/output" >&2; echo "the patch does not apply: make it anew"; return; }
    build "$project" > "$work/output" 2>&1 || { cat "$work/output" >&2; echo "the repository does not build without it"; return; }
    for filter in "${filters[@]}"; do
        run_tests "$project" "$filter"
        [ "$total" -gt 0 ] || { echo "no test matches: $filter"; return; }
        [ "$failed" -eq 0 ] || { cat "$work/output" >&2; echo "fails without the mutant too: $filter"; return; }
    done
}

# Prints nothing if the mutant is caught, else why not. Takes the patch back; the next build undoes it.
try() {
    local filter
    read_head "$1"
    git apply "$1"
    if build "$project" > "$work/output" 2>&1; then
        for filter in "${filters[@]}"; do
            run_tests "$project" "$filter"
            [ "$total" -gt 0 ] && [ "$failed" -eq "$total" ] || echo "not caught, $failed of $total failed: $filter"
        done
    else
        cat "$work/output" >&2
        echo "the mutant does not build"
    fi
    git apply --reverse "$1"
}

if [ $# -eq 0 ]; then
    for patch in "$here"/*.patch; do set -- "$@" "$(basename "$patch" .patch)"; done
fi
# All are checked before the first is tried, so that nothing is built twice for it.
declare -A problems
for name in "$@"; do problems[$name]=$(check_patch "$here/$name.patch"); done
caught=0 missed=0
for name in "$@"; do
    problem=${problems[$name]}
    [ -n "$problem" ] || problem=$(try "$here/$name.patch")
    if [ -z "$problem" ]; then
        caught=$((caught + 1))
        echo "caught  $name"
    else
        missed=$((missed + 1))
        echo "MISSED  $name: $problem"
    fi
done
echo "$caught caught, $missed missed"
[ "$missed" -eq 0 ]
