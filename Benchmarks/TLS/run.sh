#!/bin/sh
# What TLS to the upstream costs: nginx and Pollux, each with and without, beside each other in one run.
#
#     Benchmarks/TLS/run.sh [SCENARIOS] [RUNS]
#
# An nginx ends TLS 1.3 before the harness's stub; both gateways check its certificate and keep their connections.
#
# HANDSHAKES   "every": the terminator closes each connection after one answer, so that each request has a handshake
# BENCH_DIR    the harness: run.py and what it needs
# POLLUX_BIN   the program, else the release build
# SCALE        factor for the length of each measurement
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd -P)
harness=${BENCH_DIR:-$root/../shared/bench}
pollux=${POLLUX_BIN:-$root/.build/release/pollux}
PATH=$PATH:/usr/sbin
for program in nginx openssl cc python3; do
    command -v "$program" >/dev/null 2>&1 || { echo "left out: $program is not installed" >&2; exit 1; }
done
[ -f "$harness/run.py" ] || { echo "left out: there is no benchmark harness in $harness (BENCH_DIR)" >&2; exit 1; }
[ -x "$pollux" ] || { echo "There is no program at $pollux: make release" >&2; exit 1; }

work=$(mktemp -d)
terminator=
trap '[ -z "$terminator" ] || kill "$terminator" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
mkdir -p "$work/bin" "$work/adapters" "$work/run" "$work/harness"
cp -R "$harness/." "$work/harness/"
chmod -R u+w "$work/harness"
ln -s "$pollux" "$work/bin/pollux"
PATH=$work/bin:$PATH
export PATH

# shellcheck disable=SC2046
set -- "${1:-small_c32,agent_c8,stream_c8}" "${2:-3}" $(python3 "$root/scripts/free-ports.py" 3)
scenarios=$1 runs=$2 stub=$3 listen=$4 tls=$5

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=localhost -days 2 \
    -addext subjectAltName=DNS:localhost 2>/dev/null

# server PORT UPSTREAM EXTRA: an nginx in front of UPSTREAM, as the harness has it.
server() {
    sed -e "s|listen 127.0.0.1:@PORT@|listen 127.0.0.1:$1|" -e "s|127.0.0.1:@STUB_PORT@|127.0.0.1:$2|" \
        "$work/harness/adapters/nginx.conf.in"
}
server "$tls ssl" "$stub" | sed -e "s|@DIR@|$work/run|g" -e "/listen/a\\
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; ssl_protocols TLSv1.3;" >"$work/terminator.conf"
if [ "${HANDSHAKES:-}" = every ]; then
    sed -i -e 's|^  keepalive_requests 1000000000;|  keepalive_requests 1; ssl_session_cache shared:own:10m;|' \
        "$work/terminator.conf"
fi
server @PORT@ "$tls" | sed -e 's|proxy_pass http://stub;|proxy_pass https://stub;|' -e "/proxy_pass/a\\
      proxy_ssl_verify on; proxy_ssl_trusted_certificate $work/cert.pem; proxy_ssl_name localhost;\\
      proxy_ssl_server_name on; proxy_ssl_protocols TLSv1.3; proxy_ssl_session_reuse on;" >"$work/adapters/nginx-tls.conf.in"
sed -e 's|"nginx"|"nginx-tls"|' -e 's|nginx.conf.in|nginx-tls.conf.in|' -e 's|"start": \["nginx-tls"|"start": ["nginx"|' \
    "$work/harness/adapters/nginx.json" >"$work/adapters/nginx-tls.json"
sed -e 's|"pollux",$|"pollux-tls",|;s|pollux.yaml.in|pollux-tls.yaml.in|' "$work/harness/adapters/pollux.json" \
    | sed -e '/"start"/,/\]/s|"pollux-tls"|"pollux"|' >"$work/adapters/pollux-tls.json"
sed -e "s|http://127.0.0.1:@STUB_PORT@|https://localhost:$tls|" "$work/harness/adapters/pollux.yaml.in" \
    >"$work/adapters/pollux-tls.yaml.in"
printf 'upstream: {ca_file: %s}\n' "$work/cert.pem" >>"$work/adapters/pollux-tls.yaml.in"

# On the processor of the stub and the load, so that the gateways have theirs to themselves.
taskset -c "$(($(nproc) - 1))" nginx -c "$work/terminator.conf" &
terminator=$!
ulimit -n "$(ulimit -Hn)"
cd "$work/harness"
python3 run.py bench -g nginx,nginx-tls,pollux,pollux-tls -s "$scenarios" -n "$runs" -A "$work/adapters" -w "$work/run" \
    --stub-port "$stub" --port "$listen" --time-scale "${SCALE:-1}" -o "$work/results.json" >"$work/log" 2>&1 \
    || { cat "$work/log" >&2; exit 1; }
python3 run.py report "$work/results.json"
