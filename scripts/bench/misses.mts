/**
 * Why a row misses its goal, by the row's id: the reason, and what was tried, in a sentence. The page shows one only
 * while its row misses, so an entry may stay when its row does not.
 */
export const misses: Readonly<Record<string, string>> = {
  "check-small":
    "Node.js itself takes two fifths of it, and compiling the bundle a tenth; the language server and what other commands need were taken out of that bundle, and from Node.js 22 on compiled code is kept between runs, which saves another 15 ms.",
  "check-medium":
    "Most of it is `yaml` reading the text with code that is not optimised yet, and a fifth is collecting its garbage; a larger young generation and V8's other compilers were tried by its flags and gained nothing.",
  threads:
    "Every thread compiles and warms up its own copy of the program, and reads the outlines of all templates where one may draw on others; threads read the files and make what is printed, so that the main one has little left to do.",
  "threads-work":
    "Every thread warms up its own copy of the program and outlines all templates where one may draw on others.",
};
