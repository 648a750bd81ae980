#!/bin/sh
# What HTTP/2 to an upstream would cost beside HTTP/1.1, both over TLS 1.3: processor time of one client program that
# speaks both (h2load), for each answer, and of the nginx that answers.
#
#     Benchmarks/TLS/http2.sh [REQUESTS]
set -eu
requests=${1:-100000}
PATH=$PATH:/usr/sbin
for program in nginx openssl h2load python3; do
    command -v "$program" >/dev/null 2>&1 || { echo "left out: $program is not installed" >&2; exit 1; }
done
root=$(cd "$(dirname "$0")/../.." && pwd -P)
work=$(mktemp -d)
chmod 755 "$work"
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT INT TERM
port=$(python3 "$root/scripts/free-ports.py" 1)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=localhost -days 2 2>/dev/null
head -c 1024 /dev/zero | tr '\0' x >"$work/small"
head -c 65536 /dev/zero | tr '\0' x >"$work/large"
head -c 400 /dev/zero | tr '\0' x >"$work/request"
cat >"$work/nginx.conf" <<CONF
worker_processes 1; daemon off; pid $work/pid; error_log $work/error.log crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000; client_body_temp_path $work/body;
  server {
    listen 127.0.0.1:$port ssl http2; ssl_protocols TLSv1.3;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem; http2_max_concurrent_streams 1024;
    root $work; error_page 405 =200 \$uri;
  }
}
CONF
nginx -c "$work/nginx.conf" &
server=$!
python3 - "$port" "$requests" "$work" <<'PY'
import os, pathlib, re, resource, subprocess, sys, time

port, requests, work = sys.argv[1], int(sys.argv[2]), sys.argv[3]
time.sleep(0.5)
tick = os.sysconf("SC_CLK_TCK")
master = pathlib.Path(work, "pid").read_text().strip()
worker = pathlib.Path("/proc/%s/task/%s/children" % (master, master)).read_text().split()[0]


def server_time():
    fields = pathlib.Path("/proc/%s/stat" % worker).read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / tick


def client_time():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


print("| answer | protocol | connections x streams | client, us | server, us | requests/s |")
print("|---|---|---:|---:|---:|---:|")
for name, count in (("small", requests), ("large", requests // 10)):
    for protocol, connections, streams in (("HTTP/1.1", 32, 1), ("HTTP/2", 32, 1), ("HTTP/2", 4, 8), ("HTTP/2", 1, 32)):
        command = ["h2load", "-n", str(count), "-c", str(connections), "-m", str(streams), "-d", work + "/request",
                   "https://127.0.0.1:%s/%s" % (port, name)]
        if protocol == "HTTP/1.1":
            command.insert(1, "--h1")
        rows = []
        for _ in range(3):
            client, server = client_time(), server_time()
            out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            assert "%d succeeded" % count in out, out
            rate = float(re.search(r"([\d.]+) req/s", out)[1])
            rows.append(((client_time() - client) / count * 1e6, (server_time() - server) / count * 1e6, rate))
        client, server, rate = (sorted(column)[1] for column in zip(*rows))
        print("| %s | %s | %d x %d | %.1f | %.1f | %.0f |" % (name, protocol, connections, streams, client, server, rate))
PY
