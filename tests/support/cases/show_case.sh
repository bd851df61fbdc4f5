#!/bin/sh
# show_case.sh EXECUTABLE --gtest_filter=CASE ...: the result that run_cases.py kept of a case, as ctest's test for it.
# With other arguments, such as --gtest_list_tests, the executable itself runs.
executable=$1; shift
case ${1-} in --gtest_filter=*) ;; *) exec "$executable" "$@" ;; esac
name=${1#--gtest_filter=}
while :; do
  case $name in */*) name=${name%%/*}-${name#*/} ;; *) break ;; esac
done
result=$executable.cases/$name
if [ -e "$result.passed" ]; then exec cat "$result.passed"; fi
if [ -e "$result.failed" ]; then cat "$result.failed"; exit 1; fi
echo "$name did not run; the end of $(basename "$executable")'s own test says why"
exit 1
