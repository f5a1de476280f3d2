#!/usr/bin/env bash
# Measures one peer: run.sh NAME --items N, with PEER_POSTGRES naming an empty database. See README.md.
set -euo pipefail
cd "$(dirname "$0")"

node_peers=(pg-boss graphile-worker dbos)
dotnet_peers=(wolverine hangfire)

usage() {
    cat <<HELP
Usage: PEER_POSTGRES=postgresql://user[:password]@host[:port]/database ./run.sh NAME --items N
       ./run.sh --list

NAME is one of: ${node_peers[*]} (Node 20 or newer), ${dotnet_peers[*]} (the .NET SDK 10).
The database must be empty, its server have a database named postgres, and the user be a superuser.
The last line of standard output is one JSON object; everything else goes to standard error. What the
peer needs is installed from its lock file the first time.
HELP
}

has() { local wanted=$1 name; shift; for name; do [ "$name" = "$wanted" ] && return 0; done; return 1; }

case ${1:-} in
    --list) printf '%s\n' "${node_peers[@]}" "${dotnet_peers[@]}"; exit 0 ;;
    --help | -h) usage; exit 0 ;;
esac

if has "${1:-}" "${node_peers[@]}"; then
    cd node
    # npm writes its own copy of the lock file when it has installed: an older one tells that ours has changed since.
    if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
        npm ci --ignore-scripts >&2
        touch node_modules/.package-lock.json
    fi
    exec node run.js "$@"
elif has "${1:-}" "${dotnet_peers[@]}"; then
    dotnet build dotnet/Peers.csproj --configuration Release --nologo --verbosity quiet -p:RestoreLockedMode=true >&2 < /dev/null
    exec dotnet dotnet/bin/Release/net10.0/Peers.dll "$@"
else
    usage >&2
    echo "run.sh: there is no peer '${1:-}'" >&2
    exit 2
fi
