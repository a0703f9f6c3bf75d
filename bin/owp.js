#!/usr/bin/env node
// The bundle behind this line is built from src/main.ts by `npm run build`.
import "../dist/main.js";
