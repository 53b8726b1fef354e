#!/usr/bin/env bash
# Runs tests of the runtime for arm64 on an x64 machine, in an emulator: the NEON kernels are run nowhere else. Not part of 'dotnet test', because it
# takes a quarter of an hour. Needs Debian's qemu-user-static; the libraries come from Debian's arm64 packages into a folder, without being installed.
# tests/arm64.sh [FOLDER [FILTER...]], where FILTER is xunit's, -class "*.Cpu.*" -class "*.Operators.*" without one.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mkdir -p "${1:-runs/arm64}" && cd "${1:-runs/arm64}" && pwd)
shift || true
[ $# -gt 0 ] || set -- -class "GptGen.Runtime.Tests.Cpu.*" -class "GptGen.Runtime.Tests.Operators.*"
command -v qemu-aarch64-static >/dev/null || { echo "qemu-aarch64-static is missing: apt-get install qemu-user-static" >&2; exit 1; }

if [ ! -d "$folder/root" ]; then
  mkdir -p "$folder"/apt/lists/partial "$folder"/apt/cache/archives/partial
  options=(-o APT::Architecture=arm64 -o APT::Architectures=arm64 -o "Dir::State::lists=$folder/apt/lists" -o "Dir::Cache=$folder/apt/cache")
  apt-get "${options[@]}" update -qq
  (cd "$folder/apt" && apt-get "${options[@]}" download -qq libc6 libgcc-s1 libstdc++6 libssl3)
  for package in "$folder"/apt/*.deb; do
    dpkg-deb -x "$package" "$folder/new-root"
  done
  mv "$folder/new-root" "$folder/root"
fi

dotnet publish tests/Runtime -r linux-arm64 --self-contained -o "$folder/tests" -v q --nologo
cd "$folder/tests"
# Code that is written through a second mapping takes the emulator long, and so does code that is compiled twice for its profile.
export DOTNET_EnableWriteXorExecute=0 DOTNET_TieredPGO=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
exec qemu-aarch64-static -L "$folder/root" ./GptGen.Runtime.Tests -noColor -noLogo -longRunning 120 "$@"
