/** The command line: `check`, `deployed`, `map`, `explain` and `lsp`. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { version } from "../../../package.json";
import { resolveActions } from "../live/actions";
import { english, type Message, message, render } from "../message";
import { destinationForm, parseDestination } from "../network/destination";
import type { Destination } from "../network/egress";
import { allRules } from "../rules/index";
import { policyFor } from "./asking";
import { type CheckOptions, check } from "./check";
import { colorsFor } from "./colors";
import type { DeployedOptions } from "./deployed";
import { explain, listRules, suggest } from "./explain";
import { speakIn } from "./help";
import { catalogueFor, type Language, languages } from "./language";
import type { MapOptions } from "./map";
import { formats } from "./page";

const program = new Command("lambda-egress")
  .description("Tells whether Lambda functions in a VPC reach the internet, and what must change if not.")
  .version(version, "-V, --version")
  .showHelpAfterError("(run with --help for usage)")
  // Usage errors throw, so that they end with status 2 and not with 1, which means findings.
  .exitOverride();

program
  .command("check")
  .description("Check CloudFormation and SAM templates.")
  .argument("<path...>", "files, folders, globs, or - for standard input")
  .addOption(new Option("--format <format>", "how to print the report").choices(formats).default("text"))
  .option("--param <key=value>", "the value of a template parameter; may be given more than once", toParameters, {})
  .addOption(paramSet())
  .addOption(paramFile())
  .addOption(destination())
  .addOption(
    new Option("--fail-on <severity>", "exit with 1 when a finding is at least this severe")
      .choices(["error", "warning", "information", "hint", "never"])
      .default("warning"),
  )
  .option("--fix", "make every fix that is safe, and report what is left")
  .option("--dry-run", "with --fix: change nothing, and print the fixes as a patch instead of the report")
  .option("--threads <number>", "how many threads share many files (default: as many as there are processors)", toCount)
  .option("--no-siblings", "check each template by itself, without those that it imports from, nests or is nested in")
  .option("--resolve-account", "ask AWS about subnets, groups and roles that templates only name; only reads")
  .option("--account-cache <file>", "keep what AWS told in this file; without --resolve-account, read it from there")
  .option("--region <region>", "the region to ask (default: that of the environment or of the profile)")
  .option("--profile <profile>", "the profile of ~/.aws/config whose credentials to use")
  .option("--endpoint <url>", "ask this endpoint instead of AWS, such as an emulator")
  .option("--timeout <seconds>", "how long to wait for one answer of AWS", toSeconds, 30)
  .option("--minimal-policy", "with --resolve-account: print the IAM policy that it needs, and ask nothing")
  .option("--no-color", "print without colours")
  .addOption(langOption())
  .option("--quiet", "print findings only: no verdicts, no summary")
  .addHelpText(
    "after",
    `
Examples:
  lambda-egress check template.yaml
  lambda-egress check . --fail-on error
  lambda-egress check 'stacks/**/*.yaml' --format json
  lambda-egress check template.yaml --param CreateNat=true --param Stage=prod
  lambda-egress check template.yaml --param-set prod
  lambda-egress check . --destination 203.0.113.0/24:5432
  lambda-egress check . --format sarif > lambda-egress.sarif
  lambda-egress check . --fix --dry-run | git apply
  lambda-egress check . --resolve-account --profile dev --region eu-west-1
  sam build && cat .aws-sam/build/template.yaml | lambda-egress check -

Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage or unreadable input.`,
  )
  .action(async (paths: string[], options: CheckOptions, command: Command) => {
    if (options.dryRun === true && options.fix !== true) command.error("error: --dry-run goes with --fix");
    if (options.fix === true && options.dryRun !== true && paths.includes("-")) {
      command.error("error: standard input cannot be fixed; --fix --dry-run prints a patch of it");
    }
    if (options.minimalPolicy === true) {
      if (options.resolveAccount !== true) command.error("error: --minimal-policy goes with --resolve-account");
      process.stdout.write(policyFor(options.region, resolveActions));
      return;
    }
    process.exitCode = await check(paths, options);
  });

program
  .command("deployed")
  .description("Check a function that is deployed, in the AWS account that you are signed in to.")
  .argument("[function]", "its name or ARN, with `:ALIAS` or `:VERSION` where one is meant")
  .option("--all", "every function of the account and region that is in a VPC")
  .option("--region <region>", "the region (default: that of the ARN, of the environment or of the profile)")
  .option("--profile <profile>", "the profile of ~/.aws/config whose credentials to use")
  .option("--endpoint <url>", "ask this endpoint instead of AWS, such as an emulator")
  .option("--destination <cidr:port>", "what it is to reach (default: any public address on port 443)", toDestination)
  .addOption(
    new Option("--format <format>", "how to print the report")
      .choices(["text", "json", "sarif", "markdown"])
      .default("text"),
  )
  .option("--stack <stack>", "the CloudFormation stack that has the function, which may then be a logical id")
  .option("--template <path>", "compare with this template (default: the one that the stack was deployed with)")
  .addOption(
    new Option("--fail-on <severity>", "exit with 1 when a difference from the template is at least this severe")
      .choices(["error", "warning", "information", "hint", "never"])
      .default("warning"),
  )
  .option("--redact", "print no account number, and stand-ins for ids and names")
  .option("--map <file>", "write the network and the way out as a picture too: map.svg, or map.mmd for Mermaid")
  .option("--minimal-policy", "print the IAM policy that this command needs, and ask nothing")
  .option("--timeout <seconds>", "how long to wait for one answer", toSeconds, 30)
  .option("--no-color", "print without colours")
  .addOption(langOption())
  .addHelpText(
    "after",
    `
Examples:
  lambda-egress deployed my-function --region eu-west-1 --profile dev
  lambda-egress deployed my-function:live --destination 203.0.113.7:5432
  lambda-egress deployed --all --format json
  lambda-egress deployed Worker --stack my-stack --template template.yaml
  lambda-egress deployed --minimal-policy > policy.json

Only reads. Exit status: 0 it gets through, 1 it does not always, its role lacks permissions, or what is there
differs from the template, 2 AWS did not tell.`,
  )
  .action(async (name: string | undefined, options: DeployedOptions) => {
    const { seldom } = await import("./seldom");
    process.exitCode = await seldom.deployed(name, options);
  });

program
  .command("map")
  .description("Draw the network of a template, with the way out of its functions.")
  .argument("<template>", "a file, or - for standard input")
  .option("--function <id>", "the logical id of the function to follow (default: all functions)")
  .option("-o, --output <file>", "where to write, such as map.svg or map.mmd (default: standard output)")
  .addOption(
    new Option("--format <format>", "svg or mermaid (default: by the name of the output)").choices(["svg", "mermaid"]),
  )
  .option("--param <key=value>", "the value of a template parameter; may be given more than once", toParameters, {})
  .addOption(paramSet())
  .addOption(paramFile())
  .addOption(destination())
  .option("--no-siblings", "draw the template by itself, without those that it imports from, nests or is nested in")
  .option("--account-cache <file>", "take what AWS told `check --resolve-account` from this file")
  .addOption(langOption())
  .addHelpText(
    "after",
    `
Examples:
  lambda-egress map template.yaml --function Worker -o map.svg
  lambda-egress map template.yaml --format mermaid >> README.md

Exit status: 0 drawn, 2 usage or unreadable input.`,
  )
  .action(async (file: string, options: MapOptions) => {
    const { seldom } = await import("./seldom");
    process.exitCode = await seldom.map(file, options);
  });

program
  .command("explain")
  .description("Explain a rule, or list all rules.")
  .argument("[rule]", "the rule's id, such as public-subnet")
  .option("--no-color", "print without colours")
  .addOption(langOption())
  .addHelpText("after", "\nExamples:\n  lambda-egress explain\n  lambda-egress explain public-subnet")
  .action(async (id: string | undefined, { color, lang }: { color: boolean; lang?: Language }) => {
    const catalogue = await catalogueFor(lang);
    const colors = colorsFor(process.stdout, color);
    const page = { colors, width: Math.min(process.stdout.columns ?? 80, 100), catalogue };
    const rule = allRules.find((one) => one.id === id);
    if (rule !== undefined) process.stdout.write(explain(rule, page));
    else if (id === undefined) process.stdout.write(listRules(allRules, page));
    else {
      process.stderr.write(`lambda-egress: ${render(noSuchRule(id), catalogue)}\n`);
      process.exitCode = 2;
    }
  });

program
  .command("lsp")
  .description("Start the language server, for an editor.")
  .option("--stdio", "speak over standard input and output (the default)")
  // The transport options beside --stdio are the language server library's own; it reads them itself.
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async () => {
    await import("../server");
  });

program.addHelpText(
  "after",
  `
Examples:
  lambda-egress check template.yaml
  lambda-egress explain public-subnet
  lambda-egress lsp --stdio`,
);

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit();
  throw error;
});

run().catch((error: unknown) => {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`lambda-egress: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 2;
  }
});

async function run(): Promise<void> {
  // Help is asked for before any option is read.
  const [, asked] = /(?:^|\0)--lang[=\0](\w+)/.exec(process.argv.slice(2).join("\0")) ?? [];
  speakIn(program, await catalogueFor(languages.find((one) => one === asked)));
  await program.parseAsync();
}

/** Each command has it, as each prints something. */
function langOption(): Option {
  return new Option("--lang <language>", "the language of texts (default: that of the environment)").choices(languages);
}

function noSuchRule(id: string): Message {
  const [first, ...rest] = suggest(id, allRules);
  if (first === undefined) return message("no rule is called {0}; `lambda-egress explain` lists all rules", id);
  const near = rest.reduce<Message | string>((all, one) => message("{0} or {1}", all, one), first);
  return message("no rule is called {0}; did you mean {1}?", id, near);
}

function toDestination(text: string): Destination {
  const asked = parseDestination(text);
  if (asked === undefined) throw new InvalidArgumentError(`Write it as ${render(destinationForm, english)}.`);
  return asked;
}

function destination(): Option {
  return new Option(
    "--destination <cidr:port>",
    "what functions are to reach (default: any public address on port 443)",
  ).argParser(toDestination);
}

function paramSet(): Option {
  return new Option("--param-set <name>", "look at this parameter set only, such as an environment of samconfig.toml");
}

function paramFile(): Option {
  return new Option(
    "--param-file <file>",
    "take parameter values from this file, and look for no others; may be given more than once",
  ).argParser((file, earlier: readonly string[] = []) => [...earlier, file]);
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!(seconds > 0 && seconds <= 600)) throw new InvalidArgumentError("Write it as a number of seconds, at most 600.");
  return seconds;
}

function toCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("Write it as a number of at least 1.");
  return count;
}

function toParameters(value: string, earlier: Record<string, string>): Record<string, string> {
  const equals = value.indexOf("=");
  if (equals < 1) throw new InvalidArgumentError("Write it as KEY=VALUE.");
  return { ...earlier, [value.slice(0, equals)]: value.slice(equals + 1) };
}
