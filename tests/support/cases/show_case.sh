#!/bin/sh
# show_case.sh EXECUTABLE --gtest_filter=CASE ...: prints the result of a case that run_cases.py kept, and
# ends like the case. ctest runs it as the test of this case. With other arguments, such as
# --gtest_list_tests, the executable itself runs.
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
