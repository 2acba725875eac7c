// The reference page at /docs: Redoc over /openapi.json. Everything comes from this server, and its content security policy
// lets the page ask nobody else.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const DOCS_HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Groupwise reference</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
</head>
<body>
<redoc spec-url="/openapi.json" disable-search="false" hide-download-button="false"></redoc>
<script src="/docs/redoc.js"></script>
</body>
</html>
`;

export const DOCS_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The one thing that the script would fetch from elsewhere: its maker's logo. An empty picture stands for it. */
const OUTSIDE_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_LOGO = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=';

/** The script of the page: copied beside this file by the build, taken from the installed packages in a clone. */
export function readRedoc(): string {
  return readScript().replaceAll(OUTSIDE_LOGO, NO_LOGO);
}

function readScript(): string {
  try {
    return readFileSync(fileURLToPath(new URL('redoc.standalone.js', import.meta.url)), 'utf8');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return readFileSync(createRequire(import.meta.url).resolve('redoc/bundles/redoc.standalone.js'), 'utf8');
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
