# What a build needs, and the release build itself. Sourced by the other scripts; POSIX sh.
#
# The caller has set `root`, the checkout's folder.

minimum_swift=6.2

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# install_packages REASON PACKAGE…: installs them where that is allowed, else says how; false when it did not.
install_packages() {
    reason=$1
    shift
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "$reason. Installing: $*"
        apt-get update -q >&2 </dev/null \
            && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "$@" >&2 </dev/null
    else
        say "$reason. This installs what is missing:"
        say "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
        return 1
    fi
}

# Packages that Swift needs beside itself when it was unpacked by hand. The same on Debian 12 and 13.
toolchain_packages="binutils ca-certificates g++ git libcurl4 libncurses6 libsqlite3-dev libxml2 zlib1g-dev"

# Ends the script unless Swift is there, new enough, and can compile and link C++ with zlib and SQLite.
require_toolchain() {
    command -v swift >/dev/null 2>&1 \
        || die "Swift $minimum_swift or newer is needed; there is no swift on the PATH. See https://www.swift.org/install/linux"
    toolchain_works || install_packages "Swift lacks a library, a header or a linker" $toolchain_packages || exit 1
    toolchain_works || die "Swift still cannot build a C++ program with zlib and SQLite; try: swift --version"
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    major=${version%%.*}
    minor=${version#*.}
    if [ "${major:-0}" -lt "${minimum_swift%%.*}" ] \
        || { [ "$major" -eq "${minimum_swift%%.*}" ] && [ "$minor" -lt "${minimum_swift#*.}" ]; }; then
        die "Swift $minimum_swift or newer is needed; this is ${version:-unknown}. See https://www.swift.org/install/linux"
    fi
}

toolchain_works() {
    command -v git >/dev/null 2>&1 || return 1
    swift build --version >/dev/null 2>&1 || return 1
    clang=$(dirname "$(readlink -f "$(command -v swift)")")/clang
    [ -x "$clang" ] || clang=$(command -v clang) || return 0
    printf '%s\n' '#include <string>' '#include <sqlite3.h>' '#include <zlib.h>' \
        'int main() { return std::string(zlibVersion()).empty() || sqlite3_libversion_number() == 0; }' \
        | "$clang" -x c++ - -o /dev/null -lstdc++ -lz -lsqlite3 >/dev/null 2>&1
}

# Makes .build/release/pollux, unless it is newer than every source. Swift's libraries are in it: it starts without them,
# takes 6 MB less and a request costs 4 % less than when the dynamic linker stands between (docs/performance-changes.md).
#
# Functions that requests run stand side by side in it, in as few pages as they need: on Linux, with the toolchain's own
# linker. Read-only data stay in the code's segment, whose pages are given back after the start.
build_release() {
    function_order=$root/scripts/function-order.txt
    program=$root/.build/release/pollux
    stamp=$root/.build/release.stamp
    if [ -x "$program" ] && [ -e "$stamp" ] \
        && [ -z "$(find "$root/Package.swift" "$root/Sources" "$root/scripts/toolchain.sh" "$function_order" \
            -newer "$stamp" -print -quit)" ]; then
        return 0
    fi
    require_toolchain
    [ -x "$program" ] || say "Building Pollux; the first time this takes some ten minutes on two cores."
    mkdir -p "$root/.build"
    # What changes while the compiler runs is newer than the stamp.
    : >"$stamp.new"
    [ "$(uname -s)" != Linux ] || set -- -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections \
        -Xswiftc -use-ld=lld -Xlinker --no-rosegment -Xlinker --symbol-ordering-file="$function_order" \
        -Xlinker --no-warn-symbol-ordering
    swift build --package-path "$root" -c release --static-swift-stdlib --product pollux "$@" >&2 || return 1
    mv "$stamp.new" "$stamp"
}
