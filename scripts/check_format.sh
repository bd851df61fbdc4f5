#!/usr/bin/env bash
# Fails if clang-format would change any C++ file, or if a line has more than 110 columns.
set -euo pipefail

usage() {
  cat <<'USAGE'
usage: check_format.sh [--fix]

Checks every C++ file that git tracks against .clang-format. Needs clang-format 14, because versions differ.
clang-format breaks no long comment and no long text; these lines are listed, and a person has to break them.

  --fix  format the files in place

exit codes: 0 all formatted; 1 some are not, or a line is too long; 64 usage; 69 no clang-format 14
USAGE
}

readonly EX_USAGE=64 EX_UNAVAILABLE=69
readonly version=14 columns=110

mode=(--dry-run --Werror)
case ${1:-} in
  '') ;;
  -h | --help) usage && exit 0 ;;
  --fix) mode=(-i) ;;
  *) echo "check_format: unknown option $1 (see --help)" >&2 && exit $EX_USAGE ;;
esac

formatter=$(command -v clang-format-$version || command -v clang-format || true)
found=$([[ -z $formatter ]] || "$formatter" --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [[ $found != "$version" ]]; then
  echo "check_format: needs clang-format $version, found ${found:-none}: run scripts/install_deps.sh --test" >&2
  exit $EX_UNAVAILABLE
fi

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t -d '' files < <(git ls-files -z --cached --others --exclude-standard -- '*.cpp' '*.h')
if ((!${#files[@]})); then
  echo "check_format: git lists no sources here: not a clone, or git does not trust the folder's owner" \
    "(git config --global --add safe.directory \"$PWD\")" >&2
  exit $EX_UNAVAILABLE
fi
if ! "$formatter" "${mode[@]}" -- "${files[@]}"; then
  echo "check_format: run scripts/check_format.sh --fix" >&2
  exit 1
fi

# In UTF-8 a column is a character, whatever the locale of the caller.
too_long=$(LC_ALL=C.UTF-8 grep -EHn ".{$((columns + 1))}" -- "${files[@]}" || true)
if [[ -n $too_long ]]; then
  printf '%s\n' "$too_long" >&2
  echo "check_format: $(wc -l <<<"$too_long") lines of more than $columns columns: break them by hand" >&2
  exit 1
fi
echo "check_format: ${#files[@]} files" >&2
