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
# Shards keep their results in folders of their own. Each has an end of the process (`exit`); one bad end is enough.
found=
for folder in "$executable.cases" "$executable.cases"/*-of-*; do
  if [ -e "$folder/$name.failed" ]; then cat "$folder/$name.failed"; exit 1; fi
  if [ -e "$folder/$name.passed" ]; then cat "$folder/$name.passed"; found=yes; fi
done
if [ -n "$found" ]; then exit; fi
echo "$name did not run; the end of $(basename "$executable")'s own test says why"
exit 1
