# Shared by demo, test, check and bench: sourced, not run. Installing what is missing, building.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 2; }

# What a build needs, and what the Java servers of the tests need.
# shellcheck disable=SC2034  # for those who source this
build_packages=(g++ cmake ninja-build libboost-dev libboost-system-dev libspdlog-dev libcli11-dev
  libexpected-dev nlohmann-json3-dev libpcap-dev zlib1g-dev libgtest-dev ccache python3 git)
# shellcheck disable=SC2034
java_packages=(default-jre-headless maven procps)
# shellcheck disable=SC2034
test_packages=(tshark chromium chromium-driver)

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else return 1
  fi
}

installed() { dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# A tool that stands there by other means (a JDK of one's own) serves as well as its package.
served() {
  case "$1" in
    default-jre-headless) command -v java >/dev/null ;;
    maven) command -v mvn >/dev/null ;;
    g++ | cmake | git | python3 | ccache | clang-format | clang-tidy | shellcheck | clang)
      command -v "$1" >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    tshark) command -v tshark >/dev/null ;;
    chromium) command -v chromium >/dev/null || command -v google-chrome >/dev/null ;;
    chromium-driver) command -v chromedriver >/dev/null ;;
    procps) command -v ps >/dev/null ;;
    *) return 1 ;;
  esac
}

# need_packages NAME...: installs what is missing with apt-get; names what cannot be had and stops.
need_packages() {
  local missing=() name
  for name in "$@"; do
    served "$name" && continue
    if ! command -v dpkg-query >/dev/null || ! installed "$name"; then missing+=("$name"); fi
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null ||
    die "missing, and no apt-get to install it: ${missing[*]} (names of Debian's packages)"
  say "installing ${missing[*]}"
  as_root true || die "missing: ${missing[*]}. Install them, or run as root or with sudo."
  local log
  log=$(mktemp)
  apt_get update >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are here"
  if ! apt_get install "${missing[@]}" >"$log" 2>&1; then
    # One by one, to name the one that cannot be had.
    for name in "${missing[@]}"; do
      apt_get install "$name" >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        rm -f "$log"
        die "the package $name cannot be installed"
      }
    done
  fi
  rm -f "$log"
}

apt_get() {
  local verb=$1
  shift
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "$verb" -y -qq --no-install-recommends "$@"
}

# build PRESET [TARGET...]: configures and builds build/PRESET. What ccache keeps of one clone serves
# another one: paths below the clone count as relative ones.
build() {
  local preset=$1
  shift
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
  say "building ${*:-everything} ($preset)"
  (
    cd "$root"
    cmake --preset "$preset" >"build-$preset.log" 2>&1 || { cat "build-$preset.log"; exit 1; }
    rm -f "build-$preset.log"
    if [ $# -gt 0 ]; then cmake --build --preset "$preset" --target "$@"
    else cmake --build --preset "$preset"
    fi
  ) >&2 || die "the build failed"
}
