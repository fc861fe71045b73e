/**
 * The help in the person's language. Commands and options are described in English where they are declared, and looked
 * up when somebody asks for help.
 */
import { type Command, Help } from "commander";
import { type Catalogue, message, render } from "../message";

/** What commander itself says. */
const own = {
  titles: [message("Usage:"), message("Arguments:"), message("Options:"), message("Commands:")],
  help: message("display help for command"),
  version: message("output the version number"),
  choices: message("choices:"),
  standard: message("default:"),
};

/** Makes a command, and all below it, speak the language of the catalogue when help is asked for. */
export function speakIn(command: Command, catalogue: Catalogue): void {
  const say = (text: string): string => catalogue[text] || text;
  command.description(say(command.description()));
  for (const part of [...command.options, ...command.registeredArguments]) part.description = say(part.description);
  command.helpOption("-h, --help", render(own.help, catalogue));
  if (command.commands.length > 0) command.helpCommand("help [command]", render(own.help, catalogue));
  command.configureHelp({
    styleTitle: say,
    optionDescription: (option) =>
      new Help()
        .optionDescription(option)
        .replace(/(?<=\()choices:/, render(own.choices, catalogue))
        .replace(/(?<=\(|, )default:/, render(own.standard, catalogue)),
  });
  // What stands below the options, or below an error, is written line by line as it was declared.
  const lines = (text: string): string => text.split("\n").map(say).join("\n");
  command.configureOutput({
    writeOut: (text) => process.stdout.write(lines(text)),
    writeErr: (text) => process.stderr.write(lines(text)),
  });
  for (const one of command.commands) speakIn(one, catalogue);
}
