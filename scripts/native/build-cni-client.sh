#!/bin/sh
# Builds the static CNI client. Usage: [CC=gcc] scripts/native/build-cni-client.sh <output file>
set -eu
out=$1
"${CC:-gcc}" -std=c11 -Os -static -s -Wall -Wextra -Werror -ffunction-sections -fdata-sections -Wl,--gc-sections \
  -o "$out" "$(dirname "$0")/cni-client.c"
