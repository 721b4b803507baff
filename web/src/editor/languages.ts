// Which language a file is in, by its name, and where its highlighting comes
// from: each is loaded with the first file that needs it.
import { LanguageSupport, StreamLanguage } from "@codemirror/language";
import type { StreamParser } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

import { nameOf } from "../model/file_tab";

export interface Language {
  name: string;
  endings: string; // separated by blanks, without dots
  names?: RegExp; // of whole files
  load: () => Promise<Extension>;
}

type Legacy = Promise<StreamParser<unknown>>;

async function legacy(parser: Legacy): Promise<Extension> {
  return new LanguageSupport(StreamLanguage.define(await parser));
}

const script = (options: { jsx?: boolean; typescript?: boolean }) => () =>
  import("@codemirror/lang-javascript").then((m) => m.javascript(options));
const cpp = () => import("@codemirror/lang-cpp").then((m) => m.cpp());
const clike = () => import("@codemirror/legacy-modes/mode/clike");

export const languages: readonly Language[] = [
  { name: "JavaScript", endings: "js mjs cjs jsx", load: script({ jsx: true }) },
  {
    name: "TypeScript",
    endings: "ts mts cts",
    load: script({ typescript: true }),
  },
  {
    name: "TSX",
    endings: "tsx",
    load: script({ typescript: true, jsx: true }),
  },
  {
    name: "JSON",
    endings: "json jsonc json5 map webmanifest ipynb",
    names: /^\.(babelrc|eslintrc|prettierrc)$/,
    load: () => import("@codemirror/lang-json").then((m) => m.json()),
  },
  {
    name: "HTML",
    endings: "html htm xhtml vue svelte",
    load: () => import("@codemirror/lang-html").then((m) => m.html()),
  },
  {
    name: "CSS",
    endings: "css scss less",
    load: () => import("@codemirror/lang-css").then((m) => m.css()),
  },
  {
    name: "Markdown",
    endings: "md markdown mdx",
    load: async () => {
      const { markdown, markdownLanguage } = await import(
        "@codemirror/lang-markdown"
      );
      return markdown({ base: markdownLanguage });
    },
  },
  {
    name: "Python",
    endings: "py pyi pyw",
    names: /^(SConstruct|SConscript)$/,
    load: () => import("@codemirror/lang-python").then((m) => m.python()),
  },
  { name: "C++", endings: "cpp cc cxx hpp hh hxx ipp h++", load: cpp },
  { name: "C", endings: "c h", load: cpp },
  {
    name: "Rust",
    endings: "rs",
    load: () => import("@codemirror/lang-rust").then((m) => m.rust()),
  },
  {
    name: "Go",
    endings: "go",
    load: () => import("@codemirror/lang-go").then((m) => m.go()),
  },
  {
    name: "Java",
    endings: "java",
    load: () => import("@codemirror/lang-java").then((m) => m.java()),
  },
  {
    name: "PHP",
    endings: "php phtml",
    load: () => import("@codemirror/lang-php").then((m) => m.php()),
  },
  {
    name: "SQL",
    endings: "sql",
    load: () => import("@codemirror/lang-sql").then((m) => m.sql()),
  },
  {
    name: "YAML",
    endings: "yaml yml",
    names: /^\.clang-(format|tidy)$/,
    load: () => import("@codemirror/lang-yaml").then((m) => m.yaml()),
  },
  {
    name: "XML",
    endings: "xml svg xsd xsl plist",
    load: () => import("@codemirror/lang-xml").then((m) => m.xml()),
  },
  {
    name: "Shell",
    endings: "sh bash zsh fish ksh",
    names: /^\.?(bashrc|zshrc|profile|bash_\w+|envrc)$/,
    load: () =>
      legacy(
        import("@codemirror/legacy-modes/mode/shell").then((m) => m.shell),
      ),
  },
  {
    name: "TOML",
    endings: "toml",
    names: /^(Cargo|poetry)\.lock$/,
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/toml").then((m) => m.toml)),
  },
  {
    name: "Dockerfile",
    endings: "dockerfile",
    names: /^(Dockerfile|Containerfile)/,
    load: () =>
      legacy(
        import("@codemirror/legacy-modes/mode/dockerfile").then(
          (m) => m.dockerFile,
        ),
      ),
  },
  {
    name: "CMake",
    endings: "cmake",
    names: /^CMakeLists\.txt$/,
    load: () =>
      legacy(
        import("@codemirror/legacy-modes/mode/cmake").then((m) => m.cmake),
      ),
  },
  {
    name: "Ruby",
    endings: "rb gemspec",
    names: /^(Gemfile|Rakefile)$/,
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/ruby").then((m) => m.ruby)),
  },
  {
    name: "Lua",
    endings: "lua",
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/lua").then((m) => m.lua)),
  },
  {
    name: "Perl",
    endings: "pl pm",
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/perl").then((m) => m.perl)),
  },
  {
    name: "Swift",
    endings: "swift",
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/swift").then((m) => m.swift)),
  },
  {
    name: "Kotlin",
    endings: "kt kts",
    load: () => legacy(clike().then((m) => m.kotlin)),
  },
  {
    name: "C#",
    endings: "cs",
    load: () => legacy(clike().then((m) => m.csharp)),
  },
  {
    name: "Scala",
    endings: "scala sc",
    load: () => legacy(clike().then((m) => m.scala)),
  },
  {
    name: "Dart",
    endings: "dart",
    load: () => legacy(clike().then((m) => m.dart)),
  },
  {
    name: "Diff",
    endings: "diff patch",
    load: () =>
      legacy(import("@codemirror/legacy-modes/mode/diff").then((m) => m.diff)),
  },
  {
    name: "Properties",
    endings: "ini cfg conf properties env service desktop",
    names: /^\.(editorconfig|gitconfig|npmrc|env)/,
    load: () =>
      legacy(
        import("@codemirror/legacy-modes/mode/properties").then(
          (m) => m.properties,
        ),
      ),
  },
];

const plain: Language = {
  name: "Plain text",
  endings: "",
  load: () => Promise.resolve([]),
};

export function languageFor(path: string): Language {
  const name = nameOf(path);
  const ending = name.includes(".")
    ? name.slice(name.lastIndexOf(".") + 1).toLowerCase()
    : "";
  return (
    languages.find((each) => each.names?.test(name)) ??
    languages.find(
      (each) => ending && each.endings.split(" ").includes(ending),
    ) ??
    plain
  );
}
