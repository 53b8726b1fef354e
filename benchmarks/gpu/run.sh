#!/usr/bin/env bash
# Proves and times GptGen on this machine's GPU; needs no .NET and no network. Each part reports and the next one follows, whatever happened.
# usage: run.sh [--trial] [RESULTS]   results go to RESULTS, else to results.txt beside this file; --trial takes small sizes, to try the parts themselves
# GPTGEN_GPU_SECONDS bounds the whole run (480). Exit code 1: some part failed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trial=false
if [ "${1:-}" = --trial ]; then trial=true; shift; fi
results=$(realpath -m "${1:-$here/results.txt}")
budget=${GPTGEN_GPU_SECONDS:-480}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SECONDS=0
[ -d /usr/local/cuda/bin ] && PATH=$PATH:/usr/local/cuda/bin
export GPTGEN_CACHE=$work/cache
program=$work/program
tests=$program/GptGen.Cuda.Tests
benchmark=$program/GptGen.Benchmarks.Gpu
# Small shapes only: a watched kernel is a hundred times slower.
watched=(-class '*CheckedKernelTests' -class '*CheckedWideKernelTests' -class '*Operators.KernelTests' -class '*PreludeTests' -class '*TensorCoreTests')
summary=()
failures=0
mkdir -p "$(dirname "$results")" && : >"$results" || { echo "run.sh: $results cannot be written; name another file." >&2; exit 1; }

say() { printf '%s\n' "$@" | tee -a "$results"; }

# part TITLE SECONDS COMMAND…: runs it within its time and what is left of the whole, and notes how it ended.
part() {
  local title=$1 limit=$2 left=$((budget - SECONDS)) begun=$SECONDS status
  shift 2
  say "" "== $title"
  if [ "$left" -lt 5 ]; then
    failures=$((failures + 1))
    summary+=("not run, no time left   $title")
    return
  fi
  timeout -k 5 $((limit < left ? limit : left)) "$@" >"$work/output" 2>&1 </dev/null
  status=$?
  tail -c 20000 "$work/output" | tee -a "$results"
  case $status in
    0) summary+=("ok      $((SECONDS - begun)) s   $title") ;;
    124 | 137) failures=$((failures + 1)); summary+=("FAILED  $((SECONDS - begun)) s   $title: out of time") ;;
    *) failures=$((failures + 1)); summary+=("FAILED  $((SECONDS - begun)) s   $title: exit code $status") ;;
  esac
}

# tool NAME TITLE SECONDS COMMAND…: the same where a tool is installed.
tool() {
  local name=$1
  shift
  if command -v "$name" >/dev/null; then
    part "$@"
  else
    say "" "== $1" "$name is not there."
    summary+=("no $name   $1")
  fi
}

machine() {
  date -u +%FT%TZ
  cat "$here/VERSION"
  uname -srm
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem,temperature.gpu,power.draw --format=csv 2>/dev/null || echo "nvidia-smi is not there."
}

# Registers, shared memory and spills of each kernel by the assembler of one architecture.
registers() {
  local architecture=$1
  nvcc -cubin -std=c++17 "-gencode=arch=compute_$architecture,code=sm_$architecture" --ptxas-options=-v -o "$work/$architecture.cubin" "$work/kernels/gpt2-small.cu" >"$work/$architecture.log" 2>&1 ||
    { tail -n 60 "$work/$architecture.log"; return 1; }
  awk -f "$here/registers.awk" "$work/$architecture.log" | { command -v cu++filt >/dev/null && cu++filt || cat; }
  return "${PIPESTATUS[0]}"
}

# A training that a GPU begins and the CPU goes on with.
resume() {
  local train=("$program/gptgen" train --data "$here/text.txt" --out "$work/run" --batch "$1" --save-every 0 --evaluate-every 0)
  "${train[@]}" --steps "$2" --device cuda --warmup 1 && "${train[@]}" --steps $(($2 + 2)) --device cpu --resume
}
# A test program under whatever watches it; what is skipped is only counted, or it would bury a failure.
run_tests() {
  "$@" -noColor -noLogo >"$work/tests.log" 2>&1
  local status=$?
  awk '/ \[SKIP\]$/ { reason = 1; next } reason { reason = 0; next } { print }' "$work/tests.log"
  return "$status"
}
export -f machine registers resume run_tests
export here work program

if ! tar -xzf "$here/program.tar.gz" -C "$work"; then
  say "program.tar.gz cannot be unpacked: copy the bundle again."
  exit 1
fi

if $trial; then model=gpt2-nano batches=("2 32") runs=(f32 tf32) side=128 most=1 training=(1 2)
else model=gpt2-small batches=("4 1024" "16 1024") runs=(f32 tf32) side=8192 most=32 training=(24 100)
fi

part "machine" 20 bash -c machine
part "gptgen doctor" 60 "$program/gptgen" doctor
part "the device's tests on this GPU" 240 env GPTGEN_TEST_DEVICE=gpu bash -c 'run_tests "$@"' run_tests "$tests"
for batch in "${batches[@]}"; do
  for precision in "${runs[@]}"; do
    # shellcheck disable=SC2086 # two words
    part "training step, $model, $batch, $precision" 60 "$benchmark" step $model $batch $precision
  done
done
part "copies and products" 60 "$benchmark" ceilings $side
part "decoding" 60 "$benchmark" decode $model $most
part "the GPU's training, resumed by the CPU" 60 bash -c "resume ${training[*]}"
part "kernels as one file" 20 "$benchmark" kernels gpt2-small "$work/kernels"
tool nvcc "registers and spills, sm_80" 60 bash -c "registers 80"
tool nvcc "registers and spills, sm_90a" 60 bash -c "registers 90a"
for check in memcheck racecheck synccheck; do
  tool compute-sanitizer "compute-sanitizer $check" 90 env GPTGEN_TEST_DEVICE=watched-gpu \
    bash -c 'run_tests "$@"' run_tests compute-sanitizer --tool $check --error-exitcode 9 --print-limit 20 "$tests" "${watched[@]}"
done
if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
  for batch in "${batches[@]}"; do
    for precision in "${runs[@]}"; do
      # shellcheck disable=SC2086 # two words
      part "PyTorch's step, $batch, $precision" 40 python3 "$here/peer.py" $batch $precision
    done
  done
  part "PyTorch's step, compiled, ${batches[-1]}, tf32" 90 bash -c "python3 '$here/peer.py' ${batches[-1]} tf32 compiled"
else
  say "" "== PyTorch's step" "PyTorch with a GPU is not there."
  summary+=("no PyTorch   PyTorch's step")
fi

say "" "== summary, $SECONDS s"
say "${summary[@]}"
say "Results: $results"
[ "$failures" -eq 0 ]
