# In a checkout of the record, what is about to be committed is checked; other commits pass.
owp_check() {
  git cat-file blob :owp.yaml 2>/dev/null | grep -q '^kind: Policy' || return 0
  if ! command -v owp >/dev/null 2>&1; then
    echo "owp is not on the PATH, so the record's files were not checked; git commit --no-verify goes without" >&2
    return 1
  fi
  owp_staged=$(mktemp -d) || return 1
  # The staged text counts, not that of the working tree. The policy is there for the others to be judged by.
  git checkout-index --prefix="$owp_staged/" -- owp.yaml
  git diff --cached --name-only -z --diff-filter=ACMRT |
    git checkout-index --force -z --stdin --prefix="$owp_staged/"
  (cd "$owp_staged" && find . -type f ! -path ./owp.yaml -print0 | xargs -0 owp validate --format text owp.yaml) >&2
  owp_status=$?
  rm -rf "$owp_staged"
  return $owp_status
}
owp_check || exit 1
