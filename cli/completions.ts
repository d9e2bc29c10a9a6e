/**
 * Scripts that complete commands and options in a shell, made from the tables.
 *
 * @module
 */

import type { Option } from "../core/options/option.ts";
import { optionEntries } from "../core/options/table.ts";
import { offeredCommands } from "./commands.ts";
import { isShown } from "./help.ts";
import { ACTIONS } from "./service/definition.ts";

/** The shells there are scripts for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** Options of `service` beside those of start-server, and the names of their values. */
const SERVICE_OPTIONS = [["--name", "NAME"], ["--user", ""], ["--socket", ""]] as const;

/** One of the shells. */
export type Shell = (typeof SHELLS)[number];

/** The script for a shell, with the commands and options that an operating system offers. */
export function completionScript(shell: Shell, os: string): string {
  const system = os === "windows" ? "windows" : "unix";
  const options = optionEntries.map(([, option]) => option).filter((option) =>
    isShown(option, system)
  );
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](options, os);
}

function bashScript(options: readonly Option[], os: string): string {
  const names = offeredCommands(os).map(({ name }) => name).join(" ");
  const choices = options.filter(({ choices }) => choices.length > 0).map(
    ({ flag, choices }) =>
      `    ${flag}) COMPREPLY=($(compgen -W "${choices.join(" ")}" -- "$word")); return ;;`,
  );
  const flagsWhere = (test: (option: Option) => boolean) =>
    options.filter(test).map(({ flag }) => flag).join("|");
  const others = flagsWhere((option) =>
    option.kind !== "flag" && completesTo(option) === "nothing" && option.choices.length === 0
  );
  return `# Completion of wsgi-express for bash:  source <(wsgi-express completions bash)
_wsgi_express() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" own=
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${names}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
    completions) COMPREPLY=($(compgen -W "${SHELLS.join(" ")}" -- "$word")); return ;;
    help) COMPREPLY=($(compgen -W "${names}" -- "$word")); return ;;
    start-server | doctor) ;;
    service)
      if ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "${ACTIONS.join(" ")}" -- "$word"))
        return
      fi
      own=" ${SERVICE_OPTIONS.map(([flag]) => flag).join(" ")}"
      case "$before" in
        --name) return ;;
        --user) before= ;;
      esac ;;
    *) return ;;
  esac
  case "$before" in
${choices.join("\n")}
    ${flagsWhere((option) => completesTo(option) === "folders")})
      COMPREPLY=($(compgen -d -- "$word")); return ;;
    ${flagsWhere((option) => completesTo(option) === "files")})
      COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${others}) return ;;
  esac
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "${
    ["--help", ...options.map(({ flag }) => flag)].join(" ")
  }$own" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}
complete -o filenames -F _wsgi_express wsgi-express`;
}

function zshScript(options: readonly Option[], os: string): string {
  const quoted = (text: string) => text.replace(/[[\]:\\]/g, "\\$&").replaceAll("'", "'\\''");
  const names = offeredCommands(os).map(({ name, summary }) => `    '${name}:${quoted(summary)}'`);
  const specs = options.map((option) => {
    const repeat = option.repeatable ? "*" : "";
    const last = option.valueNames.length - 1;
    const values = option.valueNames.map((name, index) =>
      `:${quoted(name)}:${index === last ? zshAction(option) : " "}`
    );
    return `        '${repeat}${option.flag}[${quoted(firstSentence(option.text))}]${
      values.join("")
    }' \\`;
  });
  return `#compdef wsgi-express
# Completion of wsgi-express for zsh:  source <(wsgi-express completions zsh)
_wsgi_express() {
  local -a commands own
  commands=(
${names.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  if [[ "\${words[2]}" == service ]]; then
    if ((CURRENT == 3)); then
      _values action ${ACTIONS.join(" ")}
      return
    fi
    own=(${SERVICE_OPTIONS.map(zshServiceOption).join(" ")})
  fi
  case "\${words[2]}" in
    start-server | doctor | service)
      _arguments $own \\
${specs.join("\n")}
        '--help[Show the help]' \\
        '*:script:_files'
      ;;
    completions) _values shell ${SHELLS.join(" ")} ;;
    help) _describe command commands ;;
  esac
}
compdef _wsgi_express wsgi-express`;
}

function zshServiceOption([flag, value]: readonly [string, string]): string {
  return value === "" ? `'${flag}'` : `'${flag}:${value}: '`;
}

function zshAction(option: Option): string {
  if (option.choices.length > 0) return `(${option.choices.join(" ")})`;
  return { folders: "_files -/", files: "_files", nothing: " " }[completesTo(option)];
}

function fishScript(options: readonly Option[], os: string): string {
  const quoted = (text: string) => `'${text.replace(/['\\]/g, "\\$&")}'`;
  const command = "complete -c wsgi-express";
  const inServer = `${command} -n '__fish_seen_subcommand_from start-server doctor service'`;
  const inService = `${command} -n '__fish_seen_subcommand_from service`;
  const actions = ACTIONS.join(" ");
  const names = offeredCommands(os);
  return [
    "# Completion of wsgi-express for fish:  wsgi-express completions fish | source",
    `${command} -n __fish_use_subcommand -f`,
    ...names.map(({ name, summary }) =>
      `${command} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    ),
    `${command} -n '__fish_seen_subcommand_from completions' -f -a '${SHELLS.join(" ")}'`,
    `${command} -n '__fish_seen_subcommand_from help' -f -a '${
      names.map(({ name }) => name).join(" ")
    }'`,
    `${inService}; and not __fish_seen_subcommand_from ${actions}' -f -a '${actions}'`,
    ...SERVICE_OPTIONS.map(([flag, value]) =>
      `${inService}' -l ${flag.slice(2)}${value === "" ? "" : " -x"}`
    ),
    `${inServer} -l help -d 'Show the help'`,
    ...options.map((option) => {
      const name = option.flag.slice(2);
      const text = quoted(firstSentence(option.text));
      return `${inServer} -l ${name}${fishValue(option)} -d ${text}`;
    }),
  ].join("\n");
}

function fishValue(option: Option): string {
  if (option.kind === "flag") return "";
  if (option.choices.length > 0) return ` -x -a '${option.choices.join(" ")}'`;
  const action = {
    folders: " -x -a '(__fish_complete_directories)'",
    files: " -r",
    nothing: " -x",
  };
  return action[completesTo(option)];
}

/** What kind of name the value of an option is. */
function completesTo(option: Option): "folders" | "files" | "nothing" {
  const valueName = option.valueNames.at(-1) ?? "";
  if (/^DIRECTORY/.test(valueName)) return "folders";
  return option.kind === "path" || /PATH/.test(valueName) && !/^URL/.test(valueName)
    ? "files"
    : "nothing";
}

function firstSentence(text: string): string {
  return /^.*?[.;:](?= |$)/.exec(text)?.[0].slice(0, -1) ?? text;
}
