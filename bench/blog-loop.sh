#!/usr/bin/env bash
# The claim loop that blog posts recommend: pull, edit the first open file, commit, push, again when the push is
# rejected. Usage: blog-loop.sh <clone> <name> <claims>. Prints one line a claim: <milliseconds> <push attempts>.
set -u
cd "$1" || exit 1
name=$2
claims=$3

now() { date +%s%N; }

for ((n = 0; n < claims; n++)); do
  began=$(now)
  attempts=0
  while :; do
    git pull -q --rebase 2>/dev/null || { git rebase --abort 2>/dev/null; continue; }
    file=$(grep -l '^status: open$' tasks/*.yaml | head -n 1)
    [ -n "$file" ] || exit 3
    sed -i "s/^status: open\$/status: claimed\nowner: $name/" "$file"
    git commit -q -m "claim $file" "$file"
    attempts=$((attempts + 1))
    if git push -q 2>/dev/null; then break; fi
    git reset -q --hard HEAD~1
  done
  echo "$((($(now) - began) / 1000000)) $attempts"
done
