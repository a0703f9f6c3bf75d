#!/usr/bin/env node
// The bundle behind this line is built from src/main.ts by `npm run build`.
typeof require === "function" ? require("../dist/main.cjs") : import("../dist/main.js");
