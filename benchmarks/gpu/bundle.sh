#!/usr/bin/env bash
# Makes artifacts/gpu-bundle: GptGen's tests, benchmarks and command line for an x86-64 Linux machine that has an NVIDIA GPU and no .NET.
# There: ./run.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
most=$((48 * 1024 * 1024))
target=artifacts/gpu-bundle
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
publish() { dotnet publish "$@" -c Release -r linux-x64 -v q --nologo; }

# The first two share one copy of .NET; the command line is native.
publish tests/Cuda --self-contained -o "$work/program"
publish benchmarks/gpu --self-contained -o "$work/program"
publish models -o "$work/native"
cp "$work/native/gptgen" "$work/program/gptgen"
# Documentation, what only debuggers and tracers load, other garbage collectors, and what nothing here speaks of.
rm -f "$work"/program/{*.xml,*.pdb,libmscordaccore.so,libmscordbi.so,createdump,libcoreclrtraceptprovider.so,libclrgc.so,libclrgcexp.so} \
  "$work"/program/{Microsoft.VisualBasic*.dll,System.Data*.dll,Microsoft.AspNetCore.*.dll}

mkdir "$work/bundle"
tar -C "$work" -c program | xz -T2 -6 >"$work/bundle/program.tar.xz"
cp benchmarks/gpu/{run.sh,registers.awk,peer.py,parity.py} "$work/bundle/"
cat README.md docs/*.md >"$work/bundle/text.txt"
echo "GptGen $(git describe --always --dirty)" >"$work/bundle/VERSION"
size=$(du -sb "$work/bundle" | cut -f1)
if [ "$size" -gt "$most" ]; then
  echo "bundle.sh: the bundle has $size bytes, more than the $most that travel." >&2
  exit 1
fi
rm -rf "$target"
mkdir -p artifacts
mv "$work/bundle" "$target"
echo "$target: $((size / 1024 / 1024)) MiB. Copy the folder to the GPU's machine and start run.sh there."
