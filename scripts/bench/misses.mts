/**
 * Why a row misses its goal, by the row's id: the reason, and what was tried, in a sentence. The page shows one only
 * while its row misses, so an entry may stay when its row does not.
 */
export const misses: Readonly<Record<string, string>> = {
  "check-small":
    "Node.js itself takes two fifths of it, and compiling the bundle a tenth; the language server and what other commands need were taken out of that bundle, and from Node.js 22 on compiled code is kept between runs, which saves another 15 ms.",
  "check-medium":
    "Most of it is `yaml` reading the text with code that is not optimised yet, and a fifth is collecting its garbage; a larger young generation and V8's other compilers were tried by its flags and gained nothing.",
  "edit-medium":
    "What an edit leaves as it was is kept, block by block and function by function, but all that was kept is looked through again to see that it still stands: half of the time is reading and working out the network, two fifths is finding out what is reported, most of it in the rules, and a sixth of all is collecting garbage.",
  memory:
    "The text, its syntax and what is kept of every analysis take about half of it, Node.js itself 45 MB. Node.js is told to look for garbage early (`--max-semi-space-size=2`), which saves 30 MB and costs no time.",
  open: "Half to two thirds of it is reading the text, block by block, so that an edit reads one block again; the rest is working out the network and asking the rules, all by code that is not optimised yet in a process that has read nothing. A larger young generation was tried and gained nothing.",
  "server-bundle":
    "More than two fifths is not ours: `vscode-languageserver` takes 190 kB and `yaml` 95 kB. The rules' documentation, German, the check of an account and the layout of pictures were taken out of it.",
  threads:
    "Every thread compiles and warms up its own copy of the program, and reads the outlines of all templates where one may draw on others; threads read the files and make what is printed, so that the main one has little left to do.",
  "threads-work":
    "Every thread warms up its own copy of the program and outlines all templates where one may draw on others.",
};
