#!/bin/sh
# Runs the contract tests against Amazon's own DynamoDB Local, the newest release on Maven Central, instead of the
# embedded database. Needs Java 17, Maven and a build (`npm run build`).
#
#   conformance/dynamodb-local/run.sh [jest arguments]      default: every test that opens a test database
#
# DYNAMODB_LOCAL_VERSION  a release instead of the newest
# DYNAMODB_LOCAL_CACHE    where the jars are kept; default $XDG_CACHE_HOME/trainyard/dynamodb-local
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cache=${DYNAMODB_LOCAL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trainyard/dynamodb-local}
version=${DYNAMODB_LOCAL_VERSION:-}
jars=$cache/${version:-newest}

fail() {
  echo "dynamodb-local: $1" >&2
  exit 1
}
command -v java >/dev/null || fail 'java is missing: install a Java 17 runtime'
command -v mvn >/dev/null || fail 'mvn is missing: install Maven 3'
command -v curl >/dev/null || fail 'curl is missing'

# Maven looks for a newer release once a day; --offline when the network is down and the jars are there.
mkdir -p "$jars"
if [ -n "$(find "$jars" -name 'DynamoDBLocal-*.jar' -mtime -1 2>/dev/null)" ]; then
  echo "dynamodb-local: jars of today in $jars"
else
  echo "dynamodb-local: fetching ${version:-the newest release} from Maven Central"
  fresh=$(mktemp -d "$cache/fetch.XXXXXX")
  mvn -q -B -f "$here/pom.xml" ${version:+"-Ddynamodb-local.version=$version"} \
    dependency:copy-dependencies "-DoutputDirectory=$fresh"
  rm -rf "$jars"
  mv "$fresh" "$jars"
  find "$jars" -name 'DynamoDBLocal-*.jar' -exec touch {} +
fi
jar=$(find "$jars" -name 'DynamoDBLocal-*.jar' | head -n 1)
[ -n "$jar" ] || fail "no DynamoDBLocal jar in $jars"

# A port that was free a moment ago; DynamoDB Local takes no port 0.
port=$(node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
log=$(mktemp)
# In the cache folder: it writes a file with its own identity where it runs.
(
  cd "$cache"
  exec java "-Djava.library.path=$jars" -cp "$jars/*" com.amazonaws.services.dynamodbv2.local.main.ServerRunner \
    -inMemory -sharedDb -disableTelemetry -port "$port"
) >"$log" 2>&1 &
server=$!
cleanup() {
  kill "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -f "$log"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
  tries=$((tries + 1))
  kill -0 "$server" 2>/dev/null && [ "$tries" -lt 300 ] || {
    cat "$log" >&2
    fail "the server did not start on port $port"
  }
  sleep 0.2
done
echo "dynamodb-local: $(basename "$jar" .jar) on 127.0.0.1:$port, $(java -version 2>&1 | head -n 1)"

cd "$root"
# shellcheck disable=SC2046 # test files have no spaces in their names
[ $# -gt 0 ] || set -- $(grep -rl openTestDatabase test --include='*.test.ts')
status=0
TRAINYARD_TEST_DYNAMO_ENDPOINT="http://127.0.0.1:$port" npm run --silent test:only -- "$@" || status=$?
exit "$status"
