/**
 * The one style sheet of the login pages, allowed by its hash: system fonts, light and dark as the person's system is, one column.
 *
 * Text has a contrast of 4.5 to 1 and more, edges of fields 3 to 1 (WCAG 2.2 §1.4.3, §1.4.11); fields have 16 pixels, below which phones
 * zoom in, and can be hit with a thumb (§2.5.8). Focus is seen wherever it is (§2.4.7).
 */

/** The text inside `<style>`. */
export const LOGIN_STYLE = `
:root{color-scheme:light dark;--paper:#f4f5f7;--card:#fff;--ink:#1c2126;--quiet:#57606a;--line:#868f99;--soft:#dfe3e8;
--accent:#2a4fc4;--onaccent:#fff;--accentover:#1f3d9e;--bad:#a3221b;--badpaper:#fdefee;--warn:#6b4700;--warnpaper:#fff4d6;--warnline:#dfb64a}
@media (prefers-color-scheme:dark){:root{--paper:#121519;--card:#1b2026;--ink:#e8eaed;--quiet:#a5adb8;--line:#747e8a;--soft:#2f363e;
--accent:#9db8ff;--onaccent:#10182e;--accentover:#bccfff;--bad:#ffb0a8;--badpaper:#3a1b1a;--warn:#ffdf94;--warnpaper:#332a12;--warnline:#7c651f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;align-items:center;gap:1.25rem;
padding:max(1.25rem,9vh) 1rem 1.25rem;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif;overflow-wrap:anywhere}
main{width:100%;max-width:27rem;background:var(--card);border:1px solid var(--soft);border-radius:.9rem;padding:1.9rem 1.9rem 2rem}
header,footer{width:100%;max-width:27rem;color:var(--quiet);font-size:.9rem}
header{display:flex;align-items:center;gap:.55rem;padding:0 .15rem}
header svg{flex:none;color:var(--accent)}
header strong{color:var(--ink);font-weight:600}
footer{padding:0 .15rem}
h1{margin:0 0 .6rem;font-size:1.5rem;line-height:1.25;font-weight:650;letter-spacing:-.012em}
p{margin:0 0 1rem}
main>:last-child,form>:last-child{margin-bottom:0}
a{color:var(--accent)}
.quiet{color:var(--quiet);font-size:.92rem}
.note{border-radius:.55rem;padding:.7rem .9rem;margin:0 0 1.15rem}
.dev{width:100%;max-width:27rem;margin:0;background:var(--warnpaper);color:var(--warn);border:1px solid var(--warnline);font-size:.92rem}
.problem{background:var(--badpaper);color:var(--bad);border:1px solid currentColor}
form{margin:1.35rem 0 0}
.after{margin:1.2rem 0 0}
label{display:block;font-weight:600;margin:0 0 .3rem}
.hint{display:block;color:var(--quiet);font-size:.9rem;margin:.55rem 0 0}
input,textarea{width:100%;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.62rem .75rem;min-height:2.75rem}
.whole{white-space:nowrap}
.field{margin:0 0 1.1rem}
input[aria-invalid=true]{border-color:var(--bad)}
button{font:inherit;font-weight:600;width:100%;min-height:2.85rem;padding:.6rem 1rem;border-radius:.5rem;border:1px solid var(--accent);
background:var(--accent);color:var(--onaccent);cursor:pointer}
button:hover{background:var(--accentover);border-color:var(--accentover)}
button.second{background:transparent;color:var(--accent);border-color:var(--line)}
button.second:hover{background:var(--paper);border-color:var(--accent)}
button+button,form+form{margin-top:.7rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.code{font:600 1.9rem/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.08em;text-align:center;white-space:nowrap;
background:var(--paper);border:1px solid var(--soft);border-radius:.55rem;padding:.7rem .5rem;margin:0 0 1.15rem}
input.typed{font:600 1.35rem/1.3 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.08em;text-transform:uppercase;text-align:center}
textarea.copied{display:block;resize:none;font:.95rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:0 0 1.15rem;font-size:.95rem}
dt{color:var(--quiet)}
dd{margin:0}
kbd{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--paper);border:1px solid var(--soft);border-radius:.3rem;padding:.05rem .35rem}
@media (max-width:30rem){body{padding-top:1.1rem}main{padding:1.4rem 1.15rem 1.5rem;border-radius:.75rem}.code{font-size:1.6rem}}
@media (forced-colors:active){button{border:2px solid ButtonText}}
`;
