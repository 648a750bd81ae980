# Python environments for tests: to be sourced, in the repository's folder.

# python_environment NAME REQUIREMENTS: makes .build/venv-NAME with exactly these packages, unless it is there; none at all
# when one of them cannot be had.
python_environment() {
    local folder=.build/venv-$1
    if [ -x "$folder/bin/python" ] && cmp -s "$2" "$folder/requirements.txt"; then return 0; fi
    rm -rf "$folder"
    # An old pip searches for minutes where the new one does not.
    python3 -m venv "$folder" \
        && "$folder/bin/python" -m pip install -q --disable-pip-version-check --upgrade pip==26.3 \
        && "$folder/bin/python" -m pip install -q --disable-pip-version-check -r "$2" \
        && cp "$2" "$folder/requirements.txt" \
        || { rm -rf "$folder"; return 1; }
}
