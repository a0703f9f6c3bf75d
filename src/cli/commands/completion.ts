/** `owp completion <shell>`: a script for the shell; the candidates themselves come from `owp __complete`. */
import { type Command, local } from "../command.ts";

export const completion: Command = {
  name: "completion",
  group: "setup",
  summary: "Print a completion script for bash, zsh or fish",
  type: "local",
  args: ["shell"],
  examples: [
    'eval "$(owp completion bash)"   # in ~/.bashrc',
    'eval "$(owp completion zsh)"    # in ~/.zshrc, after compinit',
    "owp completion fish > ~/.config/fish/completions/owp.fish",
  ],
  offline: false,
  load: async () => ({
    schema: { properties: { shell: { enum: Object.keys(SCRIPTS), description: "The shell." } } },
    run: async ({ input }) => local({ text: SCRIPTS[String(input.shell)] }),
  }),
};

const bash = `# Completion of owp for bash.
_owp() {
  local line
  COMPREPLY=()
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(owp __complete -- "\${words[@]}" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" -eq 1 ] && [[ "\${COMPREPLY[0]}" == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -o default -F _owp owp`;

const zsh = `#compdef owp
# Completion of owp for zsh.
_owp() {
  local -a values about
  local line
  while IFS= read -r line; do
    values+=("\${line%%$'\\t'*}")
    about+=("\${line//$'\\t'/  -- }")
  done < <(owp __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#values} )); then compadd -V owp -d about -- "\${values[@]}"; else _files; fi
}
if [ "\${funcstack[1]}" = _owp ]; then _owp "$@"; else compdef _owp owp; fi`;

const fish = `# Completion of owp for fish.
function __owp_complete
    set -l words (commandline -opc) (commandline -ct)
    owp __complete -- $words[2..-1] 2>/dev/null
end
complete -c owp -f -a '(__owp_complete)'`;

const SCRIPTS: Record<string, string> = { bash, zsh, fish };
