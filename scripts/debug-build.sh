# The one debug build that `make check` and `make test` share. Sourced; bash.

# debug_build LOG: builds everything with its tests; an import that Package.swift does not declare is an error.
# Always the same flags: others would compile every dependency again.
debug_build() {
    swift build --build-tests --explicit-target-dependency-import-check error 2>&1 </dev/null | tee "$1"
    return "${PIPESTATUS[0]}"
}

# Throws away what was compiled of our own targets, so that the next build shows all of their warnings. What
# SwiftPM planned stays: it does not plan anew.
forget_own_targets() {
    local folder built
    for folder in Sources/*/*/ Tests/*/; do
        built=.build/debug/$(basename "$folder").build
        [ -d "$built" ] && find "$built/" \( -name '*.o' -o -name '*.swiftdeps*' -o -name '*.priors*' \) -delete
    done
}

# own_warnings LOG: the warnings about files of this checkout, each once.
own_warnings() {
    awk -v root="$PWD" -v package="warning: '$(basename "$PWD" | tr '[:upper:]' '[:lower:]')'" '
        (index($0, root "/Sources/") == 1 || index($0, root "/Tests/") == 1 || index($0, root "/Package.swift") == 1) \
            && / warning: / || index($0, package) == 1' "$1" | sort -u
}
