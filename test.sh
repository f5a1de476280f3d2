#!/usr/bin/env bash
# Builds everything and runs every test. Needs the .NET SDK; `./test.sh --help` tells the rest.
set -euo pipefail
cd "$(dirname "$0")"

usage() {
    cat <<'HELP'
Usage: ./test.sh [--interop | --soak] [--filter EXPRESSION]

Builds the solution in Release, runs all tests one project after the other, packs the packages and
installs them into a program outside the repository. The last line says "N passed, N failed"; the exit
code is 0 only if nothing failed and something ran.

  --interop            also the tests against other people's software, tests/Enrichment.Interop.Tests:
                       PgBouncer in transaction mode, the library of Standard Webhooks from npm, and Python.
                       They are never skipped: where pgbouncer, node and npm, or python3 and psycopg2
                       are missing, the distribution's packages are installed as below, else nothing
                       runs. To run them alone: ./test.sh --interop --filter Interop
  --soak               only tests/Enrichment.Chaos.Tests, on a machine that does nothing else: what depends on its
                       speed is asserted too. The variables in that folder's README make the runs larger.
  --filter EXPRESSION  only the tests that match, without the package check; an expression of
                       `dotnet test`, e.g. --filter Sequencer, --filter FullyQualifiedName~PostgreSql
  --help               this text

PostgreSQL tests are never skipped. They use, in this order:
  1. the server that ENRICHMENT_TEST_POSTGRES names, an Npgsql connection string of a user who may
     create databases: "Host=localhost;Username=me;Password=..."
  2. a throwaway server made with the PostgreSQL binaries of this machine (pg_config, then
     /usr/lib/postgresql/*/bin, then PATH). As root it runs as the user postgres or nobody.
Where binaries are missing, the distribution's package is installed if that is possible without asking
(root, or sudo without a password). Tests that restart the server always use 2.
HELP
}

say() { printf '\n== %s\n' "$*"; }
fail() { printf '\ntest.sh: %s\n' "$*" >&2; exit 1; }

filter= interop= soak=
while [ $# -gt 0 ]; do
    case $1 in
        --filter) [ $# -ge 2 ] || fail "--filter needs an expression, e.g. --filter Sequencer"; filter=$2; shift 2 ;;
        --interop) interop=yes; shift ;;
        --soak) soak=yes; export ENRICHMENT_CHAOS_SOAK=1; shift ;;
        --help | -h) usage; exit 0 ;;
        *) usage >&2; fail "unknown argument '$1'" ;;
    esac
done

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
export MSBUILDDISABLENODEREUSE=1 # leave no build processes behind

work=$(mktemp -d "${TMPDIR:-/tmp}/enrichment-test-XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# --- What must be there --------------------------------------------------------------------------------

command -v dotnet > /dev/null || fail "the .NET SDK 10 is missing: see https://dotnet.microsoft.com/download"
dotnet --list-sdks | grep -qE '^[1-9][0-9]\.' || fail "the .NET SDK 10 or newer is needed; installed: $(dotnet --list-sdks | tr '\n' ' ')"

# The same places, in the same order, as PostgresBinaries.cs looks.
has_postgres() {
    local folder folders
    IFS=: read -ra folders <<< "$PATH"
    for folder in "$(pg_config --bindir 2> /dev/null)" /usr/lib/postgresql/*/bin "${folders[@]}"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ]; then
            return 0
        fi
    done
    return 1
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Whether the distribution's packages can be installed without asking.
may_install() { command -v apt-get > /dev/null && as_root true 2> /dev/null; }

install_package() {
    say "Installing $1"
    as_root apt-get update -q || true # one broken source need not matter
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=120 "$1" < /dev/null
}

install_postgres() {
    local status=0 drop_in=/etc/postgresql-common/createcluster.d/enrichment-tests.conf
    may_install || return 1
    # We want the binaries, not the server that the package would set up and start.
    as_root mkdir -p "$(dirname "$drop_in")"
    echo 'create_main_cluster = false' | as_root tee "$drop_in" > /dev/null
    install_package postgresql || status=$?
    as_root rm -f "$drop_in"
    return "$status"
}

has_pgbouncer() { PATH=$PATH:/usr/sbin command -v pgbouncer > /dev/null; }

install_pgbouncer() {
    may_install && install_package pgbouncer || return 1
    # The package starts a pooler of its own where there is an init system; the tests start theirs.
    as_root service pgbouncer stop || true
    as_root update-rc.d pgbouncer disable || true
}

if ! has_postgres && { ! install_postgres || ! has_postgres; }; then
    advice="install it (sudo apt-get install postgresql; it need not be started), or put the folder of initdb, pg_ctl and postgres on PATH."
    if [ -z "${ENRICHMENT_TEST_POSTGRES:-}" ]; then
        fail "PostgreSQL is missing and cannot be installed from here. Either $advice
Or set ENRICHMENT_TEST_POSTGRES to a server where the user may create databases."
    fi
    echo "test.sh: PostgreSQL binaries are missing: tests that restart the server will fail. To mend it, $advice" >&2
fi

if [ -n "$interop" ] && ! has_pgbouncer && { ! install_pgbouncer || ! has_pgbouncer; }; then
    fail "PgBouncer is missing and cannot be installed from here. Install it (sudo apt-get install pgbouncer; it need not be started), or leave out --interop."
fi

has_node() { command -v npm > /dev/null && node --eval 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2> /dev/null; }

if [ -n "$interop" ] && ! has_node && { ! may_install || ! install_package nodejs || ! install_package npm || ! has_node; }; then
    fail "Node.js 18 or newer with npm is missing and cannot be installed from here. Install it (sudo apt-get install nodejs npm), or leave out --interop."
fi

has_python() { python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2> /dev/null; }

if [ -n "$interop" ] && ! has_python && { ! may_install || ! install_package python3 || ! has_python; }; then
    fail "Python 3.9 or newer is missing and cannot be installed from here. Install it (sudo apt-get install python3), or leave out --interop."
fi

# The same places, in the same order, as PythonWorker.cs looks.
has_psycopg() {
    local python
    for python in python3 /usr/bin/python3; do
        ! "$python" -I -c 'import psycopg2' 2> /dev/null || return 0
    done
    return 1
}

if [ -n "$interop" ] && ! has_psycopg && { ! may_install || ! install_package python3-psycopg2 || ! has_psycopg; }; then
    fail "A Python with psycopg2 is missing and cannot be installed from here. Install it (sudo apt-get install python3-psycopg2), or leave out --interop."
fi

# --- Build ---------------------------------------------------------------------------------------------

# The suffix marks packages that are packed below: no published package ever has it.
suffix=check
say "Building"
# Locked: a version that changed without its packages.lock.json fails here. "dotnet restore --force-evaluate" brings the files up to date.
dotnet build Enrichment.sln --configuration Release --nologo --verbosity quiet -p:VersionSuffix=$suffix -p:RestoreLockedMode=true < /dev/null \
    || fail "the build failed"

# --- Tests ---------------------------------------------------------------------------------------------

passed=0 failed=0 skipped=0

# Adds up the counters of one result file; a run that ended badly without a failed test counts as one failure.
count() {
    local name=$1 status=$2 counters total=0 ok=0 bad=0
    counters=$(grep -o '<Counters [^>]*>' "$work/$name.trx" 2> /dev/null || true)
    if [ -n "$counters" ]; then
        total=$(sed -E 's/.* total="([0-9]+)".*/\1/' <<< "$counters")
        ok=$(sed -E 's/.* passed="([0-9]+)".*/\1/' <<< "$counters")
        bad=$(sed -E 's/.* failed="([0-9]+)".*/\1/' <<< "$counters")
    fi
    if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then
        echo "test.sh: the test run of $name broke off" >&2
        bad=1 total=$((total + 1))
    fi
    passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
}

for project in tests/*/*.Tests.csproj; do
    name=$(basename "$project" .csproj)
    [ "$name" != Enrichment.Interop.Tests ] || [ -n "$interop" ] || continue
    [ "$name" = Enrichment.Chaos.Tests ] || [ -z "$soak" ] || continue
    say "$name"
    status=0
    # A test that hangs ends its project after ten minutes and is named.
    dotnet test "$project" --configuration Release --no-build --nologo \
        --logger "trx;LogFileName=$name.trx" --results-directory "$work" \
        --blame-hang-timeout 10m --blame-hang-dump-type none \
        ${filter:+--filter "$filter"} < /dev/null || status=$?
    count "$name" "$status"
done

# --- Packages ------------------------------------------------------------------------------------------

# A stranger's program: it sees the packages only, in a folder of its own. Third-party packages may come from the
# user's cache; ours cannot, so that an old one never hides a broken new one.
check_packages() {
    dotnet pack Enrichment.Packages.slnf --configuration Release --no-build --nologo --verbosity quiet \
        -p:VersionSuffix=$suffix --output "$work/feed" || return 1
    cp -R tests/consumer "$work/consumer"
    (
        cd "$work/consumer"
        export NUGET_FALLBACK_PACKAGES=${NUGET_PACKAGES:-$HOME/.nuget/packages}
        export NUGET_PACKAGES=$work/packages
        mkdir -p "$NUGET_FALLBACK_PACKAGES"
        # MSBuild reads these two from the environment.
        export RestoreAdditionalProjectSources=$work/feed
        EnrichmentVersion=$(basename "$work"/feed/Enrichment.Abstractions.*.nupkg .nupkg)
        export EnrichmentVersion=${EnrichmentVersion#Enrichment.Abstractions.}
        dotnet run --configuration Release
    )
}

if [ -z "$filter$soak" ]; then
    say "Packages, installed by a program outside the repository"
    if check_packages < /dev/null; then
        passed=$((passed + 1))
    else
        echo "test.sh: the packages do not work outside the repository" >&2
        failed=$((failed + 1))
    fi
fi

# --- The end -------------------------------------------------------------------------------------------

say "Done in $((SECONDS / 60)) min $((SECONDS % 60)) s"
[ "$skipped" -eq 0 ] || echo "$skipped skipped"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
