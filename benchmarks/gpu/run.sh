#!/usr/bin/env bash
# Proves and times GptGen on this machine's GPU; needs no .NET and no network.
# usage: run.sh [--trial] correctness|speed|all [FOLDER]
#   correctness: golden values, operators, full-size gradients against PyTorch, sanitizers, registers; side by side, since nothing is timed
#   speed: our times, one after the other, between PyTorch's
# Results go to FOLDER, else to results beside this file: results.txt, and logs.tar.gz with the whole logs. --trial takes small sizes, to try the
# parts themselves. GPTGEN_GPU_SECONDS bounds the whole run (560). Exit code 1: some part failed. Where `gptgen doctor` fails, nothing else runs.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trial=false
if [ "${1:-}" = --trial ]; then trial=true; shift; fi
mode=${1:-all}
folder=$(realpath -m "${2:-$here/results}")
budget=${GPTGEN_GPU_SECONDS:-560}
case $mode in correctness | speed | all) ;; *) sed -n '2,8p' "$0" >&2; exit 1 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SECONDS=0
[ -d /usr/local/cuda/bin ] && PATH=$PATH:/usr/local/cuda/bin
export GPTGEN_CACHE=$work/cache TORCHINDUCTOR_CACHE_DIR=$work/inductor
mkdir -m 700 "$work/cache" "$work/logs"
program=$work/program
tests=$program/GptGen.Cuda.Tests
benchmark=$program/GptGen.Benchmarks.Gpu
results=$folder/results.txt
# Small shapes only: a watched kernel is a hundred times slower.
watched=(
  -class '*CheckedKernelTests' -class '*CheckedWideKernelTests' -class '*Operators.KernelTests' -class '*PreludeTests' -class '*TensorCoreTests')
summary=()
failures=0
begun_parts=()
mkdir -p "$folder" && : >"$results" || { echo "run.sh: $folder cannot be written; name another folder." >&2; exit 1; }

say() { printf '%s\n' "$@" | tee -a "$results"; }

# begin TITLE SECONDS COMMAND…: starts it within its time and what is left of the whole, with a log of its own.
begin() {
  local title=$1 limit=$2 left=$((budget - SECONDS)) log=$work/logs/${1//[^A-Za-z0-9]/-}
  shift 2
  begun_parts+=("$title")
  if [ "$left" -lt 5 ]; then
    echo 125 >"$log.status"
    return
  fi
  (
    begun=$SECONDS
    timeout -k 5 $((limit < left ? limit : left)) "$@" >"$log.log" 2>&1 </dev/null
    echo "$? $((SECONDS - begun))" >"$log.status"
  ) &
}

# gather: waits for all that was begun and reports each, in order.
gather() {
  local title log status seconds
  wait
  for title in "${begun_parts[@]}"; do
    log=$work/logs/${title//[^A-Za-z0-9]/-}
    read -r status seconds <"$log.status"
    say "" "== $title"
    [ -f "$log.log" ] && tail -c 6000 "$log.log" | tee -a "$results"
    case $status in
      0) summary+=("ok      ${seconds} s   $title"); continue ;;
      124 | 137) summary+=("FAILED  ${seconds} s   $title: out of time") ;;
      125) summary+=("not run, no time left   $title") ;;
      *) summary+=("FAILED  ${seconds} s   $title: exit code $status") ;;
    esac
    failures=$((failures + 1))
  done
  begun_parts=()
}

# part TITLE SECONDS COMMAND…: begins one and waits for it.
part() { begin "$@"; gather; }

finish() {
  say "" "== summary, $SECONDS s" "${summary[@]}"
  tar -C "$work" -czf "$folder/logs.tar.gz" logs
  say "Results: $folder"
  [ "$failures" -eq 0 ]
  exit
}

has() { command -v "$1" >/dev/null || { summary+=("no $1   $2"); return 1; }; }

machine() {
  date -u +%FT%TZ
  cat "$here/VERSION"
  uname -srm
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.sm,clocks.mem,temperature.gpu,power.draw --format=csv 2>/dev/null ||
    echo "nvidia-smi is not there."
}

# Registers, shared memory and spills of each kernel by the assembler of one architecture.
registers() {
  local model=$1 architecture=$2 precision=$3 file=$work/$1-$2-$3
  "$benchmark" kernels "$model" "$precision" "$file" &&
    nvcc -cubin -std=c++17 "-gencode=arch=compute_$architecture,code=sm_$architecture" --ptxas-options=-v -o "$file.cubin" \
      "$file/$model.cu" >"$file.log" 2>&1 ||
    { tail -n 60 "$file.log"; return 1; }
  awk -f "$here/registers.awk" "$file.log" | { command -v cu++filt >/dev/null && cu++filt || cat; }
  return "${PIPESTATUS[0]}"
}

# A training that a GPU begins and the CPU goes on with.
resume() {
  local train=("$program/gptgen" train --data "$here/text.txt" --out "$work/run" --batch "$1" --save-every 0 --evaluate-every 0)
  "${train[@]}" --steps "$2" --device cuda --warmup 1 && "${train[@]}" --steps $(($2 + 2)) --device cpu --resume
}

losses() { sed -E 's/.*"loss":([^,}]*).*/\1/' "$work/$1/log.jsonl"; }

# One run on one GPU and on all of them, found by PyTorch's variables: its tokens/s, and the same losses up to rounding.
several() {
  local gpus=$1 rank ranks=() status=0
  shift
  local train=("$program/gptgen" train --data "$here/text.txt" --shares "$gpus" --evaluate-every 0 --save-every 0 --device cuda "$@")
  "${train[@]}" --out "$work/one-gpu" || return
  for ((rank = 0; rank < gpus; rank++)); do
    RANK=$rank LOCAL_RANK=$rank WORLD_SIZE=$gpus MASTER_ADDR=localhost MASTER_PORT=29500 "${train[@]}" --out "$work/all-gpus" &
    ranks+=($!)
  done
  for rank in "${ranks[@]}"; do wait "$rank" || status=1; done
  [ "$status" -eq 0 ] || return 1
  paste <(losses one-gpu) <(losses all-gpus) | awk -v gpus="$gpus" '
    { apart = ($1 - $2) / $1; if (apart < 0) apart = -apart; if (apart > most) most = apart }
    END {
      printf "losses of %d steps on 1 and on %d GPUs are apart by %g of themselves at most\n", NR, gpus, most
      exit NR == 0 || most > 1e-3
    }'
}

# A test program under whatever watches it; what is skipped is only counted, or it would bury a failure.
run_tests() {
  "$@" -noColor -noLogo 2>&1 | awk '/ \[SKIP\]$/ { reason = 1; next } reason { reason = 0; next } { print }'
  return "${PIPESTATUS[0]}"
}

# The gradients of one batch at full size beside Hugging Face's implementation in float64.
parity() {
  "$benchmark" parity "$1" "$2" "$3" "$4" "$work/parity-$1-$4" && python3 "$here/parity.py" "$work/parity-$1-$4" "$4"
}
export -f machine registers resume losses several run_tests parity
export here work program benchmark

# peer MODEL SEQUENCES LENGTH PRECISION [compiled]
peer() { $torch && part "PyTorch $*" 100 python3 "$here/peer.py" "$@"; }

# ours MODEL SEQUENCES LENGTH PRECISION
ours() { part "training step $*" 60 "$benchmark" step "$@"; }

if ! tar -xJf "$here/program.tar.xz" -C "$work"; then
  say "program.tar.xz cannot be unpacked: copy the bundle again."
  exit 1
fi
torch=true
python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null ||
  { torch=false; summary+=("no PyTorch   its steps, gradients at full size"); }

if $trial; then
  gpt=gpt2-nano bert=bert-mini-4k seq2seq=seq2seq-mini-4k whole="2 32" small="2 32" large="2 64" pairs="2 32" segments="2 32"
  lstm="2 32" mini="2 32" most_tokens="2 64" rows=64 side=128 most=1 steps=2 training=(1 2) share=2 segment=32 run_steps=3
else
  gpt=gpt2-small bert=bert-base seq2seq=seq2seq-base whole="2 1024" small="4 1024" large="16 1024" pairs="32 128" segments="16 512"
  lstm="128 20" mini="16 128" most_tokens="64 1024" rows=65536 side=8192 most=32 steps=64 training=(24 100)
  share=16 segment=1024 run_steps=20
fi

part "machine" 20 bash -c machine
part "gptgen doctor" 60 "$program/gptgen" doctor
[ "$failures" -eq 0 ] || finish

if [ "$mode" != speed ]; then
  # One process a class: a GPU serves them side by side, and no test waits for another's compilation.
  for class in $("$tests" -list classes | grep -E '^GptGen\.' | grep -vE '\.(Emulator|Libraries)\.'); do
    begin "tests ${class#GptGen.Cuda.Tests.}" 200 env GPTGEN_TEST_DEVICE=gpu bash -c 'run_tests "$@"' run_tests "$tests" -class "$class"
  done
  # shellcheck disable=SC2086 # sizes are two words
  if $torch; then
    begin "gradients at full size $gpt f32" 150 bash -c "parity $gpt $whole f32"
    begin "gradients at full size $gpt tf32" 150 bash -c "parity $gpt $whole tf32"
    begin "gradients at full size $gpt bf16" 150 bash -c "parity $gpt $whole bf16"
    begin "gradients at full size $bert f32" 150 bash -c "parity $bert $pairs f32"
    begin "gradients at full size $seq2seq f32" 150 bash -c "parity $seq2seq $pairs f32"
    begin "gradients at full size seq2seq-base-silu f32" 150 bash -c "parity seq2seq-base-silu $pairs f32"
  fi
  # What PyTorch compiles here is there when it is timed.
  # shellcheck disable=SC2086
  [ "$mode" = all ] && $torch && begin "PyTorch compiles gpt2 $most_tokens bf16" 150 python3 "$here/peer.py" gpt2 $most_tokens bf16 compiled
  begin "the GPU's training, resumed by the CPU" 100 bash -c "resume ${training[*]}"
  if has nvcc "registers and spills"; then
    begin "registers $gpt sm_80 tf32" 100 bash -c "registers $gpt 80 tf32"
    begin "registers $gpt sm_90a bf16" 100 bash -c "registers $gpt 90a bf16"
    begin "registers gpt2-xl sm_90a bf16" 100 bash -c "registers gpt2-xl 90a bf16"
  fi
  for check in memcheck racecheck synccheck; do
    has compute-sanitizer "$check" && begin "compute-sanitizer $check" 240 env GPTGEN_TEST_DEVICE=watched-gpu \
      bash -c 'run_tests "$@"' run_tests compute-sanitizer --tool $check --error-exitcode 9 --print-limit 20 "$tests" "${watched[@]}"
  done
  gather
fi

if [ "$mode" != correctness ]; then
  # First what nobody has measured yet.
  # shellcheck disable=SC2086
  {
    part "attention on warpgroups, tensor and ordinary cores" 40 "$benchmark" attention $most_tokens
    peer attention $most_tokens bf16
    part "the head by rows of logits" 40 "$benchmark" head $rows
    part "what ends products, within and behind" 40 "$benchmark" fused $rows
    part "the same, algorithms timed" 40 env GPTGEN_CUDA_TIMED=1 "$benchmark" fused $rows
    ours $gpt $most_tokens bf16
    peer gpt2 $most_tokens bf16 compiled
    part "operators of a step $gpt $large bf16" 40 "$benchmark" operators $gpt $large bf16
    ours $bert $pairs bf16
    ours txl-base $segments bf16
    ours elmo-mini-4k $mini tf32
    part "scans of LSTMs, both ways" 40 "$benchmark" scans "$steps"
  }
  # shellcheck disable=SC2086
  for precision in tf32 f32; do
    ours $gpt $small $precision
    ours $gpt $large $precision
    peer gpt2 $large $precision
    ours $bert $pairs $precision
    peer bert $pairs $precision
    ours $seq2seq $pairs $precision
    peer seq2seq $pairs $precision
    ours txl-base $segments $precision
    peer txl $segments $precision
    ours elmo-table $lstm $precision
    peer elmo $lstm $precision
  done
  # shellcheck disable=SC2086
  for step in "$gpt $large" "$bert $pairs" "$seq2seq $pairs" "txl-base $segments" "elmo-table $lstm"; do
    part "operators of a step $step tf32" 40 "$benchmark" operators $step tf32
  done
  gpus=$(nvidia-smi --list-gpus 2>/dev/null | wc -l)
  if [ "$gpus" -gt 1 ]; then
    for precision in bf16 f32; do
      part "$gpt $precision on 1 and on $gpus GPUs" 120 bash -c 'several "$@"' several "$gpus" --model "$gpt" --batch $((gpus * share)) \
        --length "$segment" --steps "$run_steps" --warmup 2 --precision "$precision"
    done
  fi
  part "copies and products" 60 "$benchmark" ceilings $side
  part "decoding" 60 "$benchmark" decode $gpt $most
  # shellcheck disable=SC2086
  for other in "gpt2 $large tf32 compiled" "bert $pairs tf32 compiled" "seq2seq $pairs tf32 compiled" "txl $segments tf32 compiled" \
    "gpt2 $small tf32"; do peer $other; done
fi
finish
