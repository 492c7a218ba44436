#!/usr/bin/env node
// npm's solc behind the two switches py-solc-x uses of a native compiler: --version and --standard-json.
"use strict";
const solc = require("solc");

const [option] = process.argv.slice(2);
if (option === "--version") {
  console.log(`solc, the solidity compiler\nVersion: ${solc.version()}`);
} else if (option === "--standard-json") {
  const input = require("fs").readFileSync(0, "utf8");
  // Every source comes with its content, so an import that is not among them is an error, not a file to look up.
  process.stdout.write(solc.compile(input));
} else {
  console.error("solc.js takes --version or --standard-json");
  process.exitCode = 2;
}
