# Counts what ran, what failed, and what was left out and why. Sourced; bash.

rows=()
left_out=()
total_passed=0
total_failed=0

# begin TITLE: names what follows.
begin() { printf '\n=== %s\n' "$1"; }

# record NAME PASSED FAILED
record() {
    rows+=("$(printf '%-14s %5d passed %5d failed' "$1" "$2" "$3")")
    total_passed=$((total_passed + $2))
    total_failed=$((total_failed + $3))
}

# leave_out WHAT WHY
leave_out() { left_out+=("$1: $2"); }

# count_junit NAME FILE: records the test cases of a JUnit report; false when there is none.
count_junit() {
    local passed failed reason
    [ -s "$2" ] || return 1
    # One record for each test case; texts inside are escaped, so that a tag is a tag.
    read -r passed failed < <(awk 'BEGIN { RS = "<testcase" } NR == 1 { next }
        /<failure|<error/ { failed++; next } /<skipped/ { next } { passed++ } END { print passed + 0, failed + 0 }' "$2")
    record "$1" "$passed" "$failed"
    while IFS= read -r reason; do leave_out "$1" "$reason"; done < <(awk 'BEGIN { RS = "<testcase" }
        NR > 1 && /<skipped/ {
            name = $0; sub(/.* name="/, "", name); sub(/".*/, "", name)
            why = $0; sub(/.*<skipped/, "", why)
            if (why ~ /message="/) { sub(/.*message="/, "", why); sub(/".*/, "", why) }
            else { sub(/^[^>]*>/, "", why); sub(/<.*/, "", why) }
            print name " (" why ")"
        }' "$2" | sed 's/&quot;/"/g; s/&#8594;/→/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g')
}

# finish FILE: prints the table and the list, leaves the counts in FILE, and says by its status whether all passed.
finish() {
    local line
    printf '\n=== Result\n'
    for line in "${rows[@]}"; do printf '%s\n' "$line"; done
    if [ ${#left_out[@]} -gt 0 ]; then
        printf '\nLeft out:\n'
        for line in "${left_out[@]}"; do printf '  - %s\n' "$line"; done
    fi
    printf '%d %d\n' "$total_passed" "$total_failed" >"$1"
    printf '\n%d passed, %d failed\n' "$total_passed" "$total_failed"
    [ "$total_failed" -eq 0 ]
}
