/**
 * Why a row misses its goal, by the row's id: the reason, and what was tried, in a sentence each. The page shows one
 * only while its row misses, so that an entry may stay when its row does not.
 */
export const misses: Readonly<Record<string, string>> = {
  "check-small":
    "Node.js itself takes half of it, and compiling the bundle and loading `yaml` most of the rest; the language server was taken out of the bundle, and from Node.js 22 on compiled code is kept between runs, which takes another 15 ms away.",
  "check-medium":
    "Half of it is `yaml` reading the text with code that is not yet optimised, a quarter collecting its garbage; larger young generations and other compilers of V8 were tried by its flags and gained nothing.",
  threads:
    "Every thread compiles and warms up its own copy of the program, and reads the outlines of all templates where one may draw on others; what is printed is made in the threads already, so that little is handed over.",
};
