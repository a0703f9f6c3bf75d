#!/usr/bin/env bash
# Claims of one worker with a task tool that keeps its files on the code's branch.
# Usage: others-loop.sh <backlog|seeds> <clone> <name> <claims>
#
# What the tool's own guide tells an agent to do: look for open work, mark it as in progress with your name, save. Around
# it what git asks of everyone who shares a branch: pull first; push; when the push is refused pull again (--rebase) and
# push again. The worker is careful: where a pull stops at a conflict it gives this claim up, sets its clone to the remote's
# state and looks anew, without waiting, like the loop of the blog posts (blog-loop.sh). It believes what was pushed, as
# everyone does who has seen `git push` succeed.
#
# Prints one line a claim: <milliseconds> <push attempts> <conflicts> <task>.
set -u
tool=$1
cd "$2" || exit 1
name=$3
claims=$4

# backlog instructions task-execution: "Mark it in progress and assign yourself"
backlog_open() { backlog task list --status "To Do" --unassigned --limit 1 --json | node -pe 'JSON.parse(require("fs").readFileSync(0)).tasks[0]?.id ?? ""'; }
backlog_take() { backlog task edit "$1" --status "In Progress" --assignee "@$name" --plain >/dev/null; }
backlog_save() { git add -A backlog && git commit -q -m "claim $1"; }

# sd prime: "Starting work"; sd sync commits what it keeps in .seeds/
seeds_open() { sd ready --limit 1 --format ids; }
seeds_take() { sd update "$1" --status in_progress --assignee "$name" --quiet >/dev/null; }
seeds_save() { sd sync --quiet >/dev/null; }

now() { date +%s%N; }
afresh() {
  git rebase --abort &>/dev/null
  git reset -q --hard '@{upstream}' &>/dev/null
}

for ((n = 0; n < claims; n++)); do
  began=$(now)
  attempts=0
  conflicts=0
  claimed=
  while [ -z "$claimed" ]; do
    git pull -q --rebase &>/dev/null || { afresh; continue; }
    id=$("${tool}_open")
    [ -n "$id" ] || exit 3
    "${tool}_take" "$id" || exit 4
    "${tool}_save" "$id" || exit 5
    while :; do
      attempts=$((attempts + 1))
      if git push -q &>/dev/null; then
        claimed=$id
        break
      fi
      git pull -q --rebase &>/dev/null && continue
      conflicts=$((conflicts + 1))
      afresh
      break
    done
  done
  echo "$((($(now) - began) / 1000000)) $attempts $conflicts $claimed"
done
