#!/bin/bash
# Every check that only a GPU can make, in three minutes of one card: one line a check, and the rest
# in files. From the repository's root:
#
#     benchmarks/gpu.sh
#
# PYTHON: the interpreter; OUT: a folder for results. Needs no Snakemake, DVC or MLflow.
set -u
cd "$(dirname "$0")/.." || exit 2
OUT=${OUT:-$(mktemp -d)}
if [ -z "${PYTHON:-}" ]; then PYTHON=.venv/bin/python; [ -x "$PYTHON" ] || PYTHON=python3; fi
export PYTHONPATH="$PWD/src:$PWD${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1 # a crash names its place, and loses no line
mkdir -p "$OUT"
failed=0

check() { # name, seconds, command...
    local name=$1 seconds=$2 began=$SECONDS status
    shift 2
    timeout --kill-after=5 "$seconds" "$@" >"$OUT/$name.txt" 2>&1
    status=$?
    if [ $status -eq 0 ]; then
        echo "ok      $name  $((SECONDS - began)) s"
    else
        echo "FAILED  $name  status $status after $((SECONDS - began)) s; $OUT/$name.txt ends:"
        tail -n 25 "$OUT/$name.txt"
        failed=1
    fi
    return $status
}

check device 60 "$PYTHON" -c '
import sys, torch
print("python", sys.version.split()[0], "torch", torch.__version__, "cuda", torch.version.cuda)
assert torch.cuda.is_available(), "torch sees no GPU here"
print(torch.cuda.get_device_name(), "cudnn", torch.backends.cudnn.version())
' || exit 1
cat "$OUT/device.txt"

# What is timed runs alone.
check training 130 "$PYTHON" -m benchmarks.training --times 5 --widths 64
grep -hE "_gpu_|left out" "$OUT/training.txt"
cp results/benchmarks.json "$OUT/" 2>/dev/null

check tests 110 "$PYTHON" -m pytest -m gpu tests/test_gpu.py -s -q -W default -p no:cacheprovider &
jobs=$!
for how in default deterministic; do # each in a process that has computed nothing before
    check "determinism-$how" 90 "$PYTHON" -m benchmarks.determinism --algorithms "$how" &
    jobs="$jobs $!"
done
check memory 60 "$PYTHON" -m benchmarks.captured && cat "$OUT/memory.txt"
for job in $jobs; do wait "$job" || failed=1; done
grep -hE "passed|failed|apart|reserved with|to launch|compute\.captured" "$OUT/tests.txt"
grep -hE "DIFFERS|FAILED|differ|processes," "$OUT"/determinism-*.txt | head -n 60
echo "results are in $OUT; $SECONDS s"
exit $failed
