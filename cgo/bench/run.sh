#!/bin/bash
# Figures of the SDK library, beside a plain C client on the same socket:
# cgo/bench/run.sh [--short]. It needs build/bin and build/sdk (make build sdk).
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
calls=50000 checks=20000
[[ ${1:-} == --short ]] && calls=5000 checks=2000
root=../..
lib=$(realpath "$root/build/sdk/lib/libiscdesk.so.1")
work=$(mktemp -d)
service=''
cleanup() {
    [[ -z $service ]] || kill "$service" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

cc -O2 -o "$work/plain" plain.c
cc -O2 -I../include -o "$work/host" host.c -ldl
CGO_ENABLED=0 go build -o "$work/leases" ./leases
"$root/build/bin/iscdeskd" run --marketplace http://127.0.0.1:9 --state "$work/state" --socket "$work/s" \
    >"$work/service.log" 2>&1 &
service=$!
for _ in $(seq 100); do
    [[ -S $work/s ]] && break
    read -rt 0.1 <> <(:) || true
done

plain_p50='' plain_p99='' sdk_p50='' sdk_p99=''
for _ in 1 2 3; do # interleaved; the best of three of each
    read -r a b < <("$work/plain" "$work/s" "$calls")
    read -r c d < <("$work/host" "$lib" "$work/s" heartbeat "$calls")
    if [[ -z $plain_p50 ]] || awk "BEGIN{exit !($a<$plain_p50)}"; then plain_p50=$a plain_p99=$b; fi
    if [[ -z $sdk_p50 ]] || awk "BEGIN{exit !($c<$sdk_p50)}"; then sdk_p50=$c sdk_p99=$d; fi
done
load='' init='' rss=''
for _ in 1 2 3 4 5; do
    read -r l i r < <("$work/host" "$lib" "$work/s" init)
    if [[ -z $init ]] || awk "BEGIN{exit !($l+$i<$load+$init)}"; then load=$l init=$i rss=$r; fi
done
coproc LEASES { exec "$work/leases" "$work"; }
read -r socket key <&"${LEASES[0]}"
read -r lease50 lease99 < <(BENCH_LEASE_KEYS=$key "$work/host" "$lib" "$socket" lease "$checks")
kill "$LEASES_PID"

row() { printf '%-44s %12s   %s\n' "$@"; }
row 'figure' 'measured' 'aim'
row 'library, stripped (MB)' "$(awk "BEGIN{printf \"%.2f\", $(stat -Lc %s "$lib")/1e6}")" '<= 4.19'
row 'load (ms)' "$load" ''
row 'Init (ms)' "$init" '<= 15, with load'
row 'RSS added, after 100 heartbeats (MB)' "$(awk "BEGIN{printf \"%.1f\", $rss/1024}")" '<= 8'
row 'heartbeat, plain C client, p50 / p99 (us)' "$plain_p50 / $plain_p99" ''
row 'heartbeat, through the C API, p50 / p99 (us)' "$sdk_p50 / $sdk_p99" 'p50 <= 50'
row 'ratio of the p50' "$(awk "BEGIN{printf \"%.2f\", $sdk_p50/$plain_p50}")" '<= 2.5'
row 'lease check, p50 / p99 (us)' "$lease50 / $lease99" '<= 2'
