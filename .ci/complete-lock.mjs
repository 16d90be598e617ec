// Adds to package-lock.json the optional packages of other platforms that npm left out; `npm ci` refuses a lock without them.
// Run it after `npm install`. The entries carry no integrity, as nothing was downloaded: npm adds it where the package can be
// reached.
import { readFileSync, writeFileSync } from "node:fs";

const lockFile = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(lockFile, "utf8"));

const systems = {
  android: "android",
  darwin: "darwin",
  freebsd: "freebsd",
  openharmony: "openharmony",
  win32: "win32",
  windows: "win32",
  linux: "linux",
};
const processors = {
  arm64: "arm64",
  "arm-": "arm",
  x64: "x64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  "-64": "x64",
};
const libraries = { musl: "musl", "-gnu": "glibc" };

/** The platform that a package's name speaks of: the first word of the table that is in it. */
function read(table, name) {
  const word = Object.keys(table).find((each) => name.includes(each));
  return word === undefined ? [] : [table[word]];
}

const known = new Set(Object.keys(lock.packages).map((path) => path.split("node_modules/").at(-1)));
let count = 0;
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (known.has(name)) continue;
    known.add(name);
    count += 1;
    const platform = name.split("/").at(-1);
    const os = read(systems, platform);
    const libc = os[0] === "linux" ? read(libraries, platform) : [];
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: read(processors, platform),
      ...(parent.dev && { dev: true }),
      optional: true,
      os,
      ...(libc.length > 0 && { libc }),
    };
  }
}
const { "": root, ...others } = lock.packages;
lock.packages = {
  "": root,
  ...Object.fromEntries(Object.entries(others).sort(([one], [other]) => (one < other ? -1 : 1))),
};
writeFileSync(lockFile, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${count} packages of other platforms added\n`);
