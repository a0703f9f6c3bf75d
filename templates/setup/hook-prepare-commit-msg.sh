# The task that is being worked on goes into the message; no commit waits for it or fails by it.
if command -v owp >/dev/null 2>&1; then
  owp trailer --hook "$@" || :
fi
