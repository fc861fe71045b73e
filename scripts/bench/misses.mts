/**
 * Why a row misses its goal, by the row's id: the reason, and what was tried, in a sentence. The page shows one only
 * while its row misses, so an entry may stay when its row does not.
 */
export const misses: Readonly<Record<string, string>> = {
  "check-small":
    "Node.js itself takes three fifths of it. What V8 has compiled is kept from run to run, which saves 45 of 150 ms of processor time; reading that again is a tenth of what is left, and parts of Node.js that are seldom used are loaded when they are. Reading files without promises was tried and gained at most 3 ms.",
  "check-medium":
    "Node.js takes 60 ms of it, and most of the rest is `yaml` reading the text with code that is not optimised yet; a fifth is collecting garbage, nearly all of which the generators of its lexer and parser leave. Its composer is not needed any more, which brought it down from 409 ms. What V8 has compiled is kept from run to run, which saves 10 ms here. A larger young generation and V8's other compilers were tried by its flags and gained nothing. In two other runs of the same day it took 330 and 367 ms.",
  "edit-medium":
    "V8 has optimised little of the code by then: of the first forty edits after the start the median is 15 ms, of those after them 9 to 10. In warm code the core takes 6 of these: reading 1.3, the network 2, finding out what is reported 2.3; the rest is messages, and a sixth of all is collecting garbage. An edit of the VPC or of another thing that all functions stand on works all of them out again, which takes 40. Letting analyses, rules and the whole network rest where an edit changed nothing for them brought it down from 27 ms. V8's flags were tried in vain: feedback from the first call on, its baseline compiler for everything, young generations of 4 to 16 MB, collecting on one thread.",
  memory:
    "The text, its syntax and what is kept of every analysis take about half of it, Node.js itself 45 MB. Node.js is told to look for garbage early (`--max-semi-space-size=2`), which saves 30 MB and costs no time.",
  open: "Reading the text takes three quarters to nine tenths of what the bare parse takes, nearly all of it in the lexer and parser of `yaml`, as the nodes are made from their tokens without its composer; the rest is working out the network and asking the rules, all by code that is not optimised yet in a process that has read nothing. Nearly a third of the reading is collecting garbage, of which the generators of that lexer and parser leave nine tenths. A larger young generation was tried and gained nothing. In two other runs of the same day it was 1.20 and 1.23 ×.",
  "server-bundle":
    "It holds what the diagnostics of a template in YAML need: network and rules 220 kB, `vscode-languageserver` 190 kB, the parser of `yaml` 40 kB, reading templates 65 kB. Fixes, hovers, completions, JSON, TOML, globs, the rules' documentation, German, the check of an account and the layout of pictures are loaded later.",
  threads:
    "Every thread optimises its own copy of the program, which takes about a quarter of all processor time. Sharing hardly costs anything: the outlines of all templates, which every thread reads, take 1 %, the main thread 3 %. Having V8 wait longer before it optimises saves 18 % on Node.js 20, but by a flag that 22 and 24 do not know. Two processes, each with half of the files, would take 1.2 times an even share. Larger young generations were tried, and collecting without help from other processors: they gained nothing or took more memory.",
  "threads-work":
    "Every thread optimises its own copy of the program. One thread took 1.6 times as long before V8 let go of each file's analysis at once, and two threads 1.2 times; so the ratio has grown while both fell.",
  "edit-small":
    "It takes some 2 ms of processor time; the rest is the way of the messages between two processes, which varies with the machine: in two other runs of the same day it took 3.4 and 4.2 ms.",
  "edit-large":
    "As at 5,162 lines, where the reason is told. Reading takes 3 to 4 ms here, as one function's block is 13 kB long, and as the change leaves a text of 1 MB in pieces that must be made one.",
  "edit-json-small": "As in the same template in YAML.",
  "edit-json-medium":
    "As in YAML, where the reason is told: most of it is code that V8 has not optimised yet. Reading takes half a millisecond, as only the members around the edit are looked at; it took 150 ms of processor time while all of the text was parsed at each edit.",
  "edit-json-large":
    "As at 5,162 lines: reading takes one and a half milliseconds, a quarter of which is making one flat text of what the change left in pieces.",
  start:
    "Node.js takes 60 ms of it. What V8 has compiled is kept from start to start, and parts of Node.js that are seldom used are loaded when they are: 114 ms of processor time instead of 163, and 64 instead of 106 on Node.js 22.",
  "lint-parse":
    "A third to two fifths of it comes after the parse: a sixth of that is reading the resources, a tenth finding which bear on each function, a quarter their ways out, and two fifths the rules, some fifty for each of 70 functions. Each resource is read once for all functions.",
  "conditions-60":
    "Reading its text takes 1.8 times as long as the text without conditions, and what follows 2.2 times: each function is looked at thing by thing, and each rule is asked by itself what it depends on. Looking at every combination took eleven times as long as without. In runs of the same day it was 1.6 to 2.3 ×.",
  "memory-flat":
    "With few files it takes less than it did, 191 MB and not 269, so the ratio has grown although 2,000 files take less, too. What grows is the outlines that every thread keeps of all templates, and what V8 leaves uncollected while there is room: in another run of the same day it was 1.22 ×.",
};
