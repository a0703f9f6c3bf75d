# Every commit that is pushed to the record is checked before it counts; other branches pass.
owp_check() {
  if ! command -v owp >/dev/null 2>&1; then
    echo "owp: this server cannot check the record: owp is not on the PATH of its hooks" >&2
    return 1
  fi
  case $2 in
    *[!0]*) ;;
    *)
      echo "owp: the branch {{branch}} is the record, and is not deleted by a push" >&2
      return 1
      ;;
  esac
  case $1 in
    *[!0]*)
      if ! git merge-base --is-ancestor "$1" "$2"; then
        echo "owp: the history of {{branch}} is only added to: fetch it, and make the change again on top of it" >&2
        return 1
      fi
      owp_range=$1..$2
      ;;
    *) owp_range=..$2 ;;
  esac
  owp_said=$(owp validate --range "$owp_range" --format text 2>&1) && return 0
  printf '%s\n' "$owp_said" >&2
  return 1
}
owp_pushed=$(cat)
while read -r owp_old owp_new owp_ref; do
  if [ "$owp_ref" = "refs/heads/{{branch}}" ]; then
    owp_check "$owp_old" "$owp_new" || exit 1
  fi
done <<OWP_PUSHED
$owp_pushed
OWP_PUSHED
# What follows reads what git said, as if it came first.
exec <<OWP_PUSHED
$owp_pushed
OWP_PUSHED
