# Makes the environment that the other scripts need, and sets `bin` to its programs. Source it.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=${RISICOSCREENER_VENV:-$here/.venv}

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "error: Python 3.11 or later is needed and was not found" >&2
    return 1
}

# The compiled library follows its Rust sources where there is a compiler; see docs/decisions/0075.
build_native() {
    local folder="$here/src/risicoscreener/native" made
    [ "${RISICOSCREENER_NATIVE:-}" != off ] || return 0
    made=$(find "$folder" -maxdepth 1 -name '*risicoscreener.*' -not -name '*.sources' -print -quit)
    if [ -n "$made" ] && [ -z "$(find "$folder/rust" "$folder/building.py" -newer "$made" -print -quit)" ]; then
        return 0
    fi
    command -v "${RUSTC:-rustc}" >/dev/null || [ -n "${RISICOSCREENER_REQUIRE_NATIVE:-}" ] || return 0
    "$venv/bin/python" -m risicoscreener.native || [ -z "${RISICOSCREENER_REQUIRE_NATIVE:-}" ]
}

make_environment() {
    local extra=$1 stamp="$venv/.installed-$1"
    if [ ! -x "$venv/bin/python" ]; then
        local python
        python=$(find_python) || return 1
        "$python" -m venv "$venv" || {
            echo "error: no virtual environment could be made; on Debian: apt-get install python3-venv" >&2
            return 1
        }
    fi
    if [ ! -e "$stamp" ] || [ "$here/pyproject.toml" -nt "$stamp" ] || [ "$here/constraints.txt" -nt "$stamp" ]; then
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
            --constraint "$here/constraints.txt" --editable "$here${extra:+[$extra]}" || return 1
        touch "$stamp"
    fi
    build_native || return 1
    bin=$venv/bin
}
