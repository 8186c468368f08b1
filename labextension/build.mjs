/** Build every widget into the Python package; refuse one that is large or asks the network. */
import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const MOST_BYTES = 300_000;
const target = here("../qforge_jupyter/widgets/static/");
const widgets = readdirSync(here("src/widgets")).filter((name) =>
  statSync(here(`src/widgets/${name}`)).isDirectory(),
);

for (const name of readdirSync(here("src"), { recursive: true })) {
  if (!/\.tsx?$/.test(name)) continue;
  const text = readFileSync(here(`src/${name}`)).toString();
  if (/innerHTML|outerHTML|insertAdjacentHTML|document\.write/i.test(text)) {
    throw new Error(`${name} writes HTML: draw it with elements and text`);
  }
}

mkdirSync(target, { recursive: true });
await esbuild.build({
  entryPoints: widgets.flatMap((name) => [
    { in: here(`src/widgets/${name}/index.tsx`), out: name },
    { in: here(`src/widgets/${name}/${name}.css`), out: name },
  ]),
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  tsconfig: here("tsconfig.json"),
  define: { "process.env.NODE_ENV": '"production"', "define.amd": "false" },
});

for (const name of widgets) {
  const code = readFileSync(`${target}${name}.js`);
  const gzipped = gzipSync(code).length;
  console.log(`${name}.js: ${code.length} bytes, ${gzipped} gzipped`);
  if (code.length > MOST_BYTES) throw new Error(`${name}.js is larger than ${MOST_BYTES} bytes`);
  if (/\bimport\s*\(?\s*["']https?:|from\s*["']https?:/.test(code.toString())) {
    throw new Error(`${name}.js would load code from the network`);
  }
}
