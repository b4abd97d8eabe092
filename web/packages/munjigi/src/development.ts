declare const process: { env: { NODE_ENV?: string } };

/** Bundlers replace `process.env.NODE_ENV`; a browser without a bundler has no `process`, and no warnings. */
export function isDevelopment(): boolean {
  try {
    return process.env.NODE_ENV !== 'production';
  } catch {
    return false;
  }
}
