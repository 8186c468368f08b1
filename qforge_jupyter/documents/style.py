"""The style sheet of a page: one text, scoped to ``.qf-doc``, no names beyond ``qf-``.

Colours come from JupyterLab's theme, else VS Code's, else ``light-dark()``,
which follows the theme of the host where it can be seen and the system where
not. The doubled class outweighs the notebook's own rules for tables.
"""

STYLE = """
.qf-doc{color-scheme:light dark;
--qf-ink:var(--jp-content-font-color1,var(--vscode-editor-foreground,light-dark(#16191d,#e9ecef)));
--qf-bg:var(--jp-layout-color0,var(--vscode-editor-background,light-dark(#fff,#16191d)));
--qf-soft:color-mix(in srgb,var(--qf-ink) 74%,var(--qf-bg));
--qf-rule:color-mix(in srgb,var(--qf-ink) 14%,var(--qf-bg));
--qf-veil:color-mix(in srgb,var(--qf-ink) 4%,var(--qf-bg));
--qf-mono:var(--jp-code-font-family,var(--vscode-editor-font-family,ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace));
--qf-best:light-dark(#0f766e,#2bb3a3);--qf-good:light-dark(#2fa58f,#5fd0b8);
--qf-fair:light-dark(#d4b63a,#d9c25a);--qf-caution:light-dark(#e07b12,#f0973a);
--qf-bad:light-dark(#c0322a,#ef6a5f);--qf-neutral:light-dark(#7d8a97,#93a1ae);
--qf-best-ink:light-dark(#0b5d57,#5fd6c6);--qf-good-ink:light-dark(#0b6454,#7fdcc6);
--qf-fair-ink:light-dark(#665200,#e3cf78);--qf-caution-ink:light-dark(#8a4600,#f7b066);
--qf-bad-ink:light-dark(#9c211b,#ff9a90);--qf-neutral-ink:light-dark(#454f59,#c2cad2)}
[data-jp-theme-light=true] .qf-doc,.vscode-light .qf-doc,[data-theme=light] .qf-doc{color-scheme:light}
[data-jp-theme-light=false] .qf-doc,.vscode-dark .qf-doc,.vscode-high-contrast:not(.vscode-high-contrast-light) .qf-doc,[data-theme=dark] .qf-doc,html[theme=dark] .qf-doc{color-scheme:dark}
.qf-best{--qf-tone:var(--qf-best);--qf-tone-ink:var(--qf-best-ink);--qf-on:light-dark(#fff,#111)}
.qf-good{--qf-tone:var(--qf-good);--qf-tone-ink:var(--qf-good-ink);--qf-on:#111}
.qf-fair{--qf-tone:var(--qf-fair);--qf-tone-ink:var(--qf-fair-ink);--qf-on:#111}
.qf-caution{--qf-tone:var(--qf-caution);--qf-tone-ink:var(--qf-caution-ink);--qf-on:#111}
.qf-bad{--qf-tone:var(--qf-bad);--qf-tone-ink:var(--qf-bad-ink);--qf-on:light-dark(#fff,#111)}
.qf-neutral{--qf-tone:var(--qf-neutral);--qf-tone-ink:var(--qf-neutral-ink);--qf-on:#111}
.qf-doc.qf-doc{box-sizing:border-box;width:100%;max-width:960px;margin:4px 0;padding:0;overflow:hidden;color:var(--qf-ink);background:var(--qf-bg);border:1px solid var(--qf-rule);border-radius:10px;font:14px/1.5 var(--jp-content-font-family,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif);container-type:inline-size}
.qf-doc.qf-doc *{box-sizing:border-box}
.qf-doc.qf-doc h3,.qf-doc.qf-doc h4,.qf-doc.qf-doc h5,.qf-doc.qf-doc h6{display:inline;margin:0;padding:0;border:0;color:inherit;font-weight:600;line-height:1.35;letter-spacing:0}
.qf-doc.qf-doc h3{display:block;font-size:17px;overflow-wrap:anywhere}
.qf-doc.qf-doc h4{font-size:14px}.qf-doc.qf-doc h5,.qf-doc.qf-doc h6{font-size:13px}
.qf-doc.qf-doc p{margin:0;overflow-wrap:anywhere}
.qf-doc .qf-head{display:flex;flex-wrap:wrap;gap:10px 24px;align-items:center;justify-content:space-between;padding:14px 18px;border-bottom:1px solid var(--qf-rule);background:var(--qf-veil)}
.qf-doc .qf-name{flex:1 1 280px;min-width:0}
.qf-doc.qf-doc .qf-verdict{display:inline-flex;gap:8px;align-items:baseline;margin-top:8px;padding:3px 12px 3px 4px;border-radius:14px;color:var(--qf-tone-ink);background:color-mix(in srgb,var(--qf-tone) 14%,var(--qf-bg));font-weight:600}
.qf-doc .qf-sign{display:inline-block;flex:none;width:1.45em;height:1.45em;border-radius:50%;text-align:center;font:700 12px/1.45em system-ui,sans-serif;color:var(--qf-bg);background:var(--qf-tone-ink)}
.qf-doc.qf-doc .qf-number{flex:none;text-align:right;line-height:1.2}
.qf-doc .qf-number b{display:block;font:600 34px/1.1 var(--qf-mono);letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.qf-doc .qf-number small,.qf-doc small{font-size:12px;color:var(--qf-soft)}
.qf-doc .qf-body{padding:2px 18px 14px}
.qf-doc .qf-body>*,.qf-doc details>*{margin-top:12px!important}
.qf-doc.qf-doc details{margin:0;padding:0;border:0;background:none}
.qf-doc .qf-body>details{border-top:1px solid var(--qf-rule);padding-top:10px;margin-top:14px!important}
.qf-doc .qf-facts+details{margin-top:12px!important}
.qf-doc.qf-doc summary{margin:0!important;padding:0;cursor:pointer;color:var(--qf-ink)}
.qf-doc summary::marker{color:var(--qf-soft);font-size:.8em}
.qf-doc.qf-doc .qf-note{padding-left:1.9em;text-indent:-1.9em;color:var(--qf-tone-ink)}
.qf-doc .qf-note .qf-sign{text-indent:0;margin-right:.5em}
.qf-doc.qf-doc dl{display:flex;flex-wrap:wrap;gap:8px 28px;margin:0;padding:0}
.qf-doc.qf-doc dl>div{min-width:0;max-width:100%}
.qf-doc.qf-doc dt{display:block;float:none;width:auto;margin:0;padding:0;font-size:12px;font-weight:400;color:var(--qf-soft)}
.qf-doc.qf-doc dd{display:block;float:none;width:auto;margin:0;padding:0;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.qf-doc .qf-scroll{overflow-x:auto;max-height:520px;overflow-y:auto}
.qf-doc.qf-doc table{display:table;width:100%;margin:0;table-layout:auto;border:0;border-collapse:collapse;border-spacing:0;font-size:13px;line-height:1.45;color:inherit;background:none}
.qf-doc.qf-doc caption,.qf-doc .qf-caption{display:table-caption;caption-side:top;padding:0 0 5px;text-align:left;font-size:12.5px;color:var(--qf-soft)}
.qf-doc p.qf-caption{display:block}
.qf-doc.qf-doc tr,.qf-doc.qf-doc tbody tr:nth-child(odd),.qf-doc.qf-doc tbody tr:nth-child(even){background:none}
.qf-doc.qf-doc th,.qf-doc.qf-doc td{padding:5px 14px 5px 0;border:0;text-align:left;vertical-align:baseline;white-space:normal;max-width:34em;overflow-wrap:break-word;font-weight:400;color:inherit;background:none}
.qf-doc.qf-doc .qf-grid td{border-bottom:1px solid var(--qf-rule)}
.qf-doc.qf-doc .qf-grid thead th{position:sticky;top:0;z-index:1;vertical-align:bottom;font-size:12px;color:var(--qf-soft);background:var(--qf-bg);box-shadow:inset 0 -1px 0 var(--qf-rule)}
.qf-doc.qf-doc .qf-grid tbody tr:hover{background:var(--qf-veil)}
.qf-doc.qf-doc .qf-long{min-width:13em;overflow-wrap:anywhere}
.qf-doc.qf-doc td.qf-num,.qf-doc.qf-doc th.qf-num{text-align:right;white-space:nowrap}
.qf-doc.qf-doc td.qf-num{font-family:var(--qf-mono);font-size:12.5px;font-variant-numeric:tabular-nums}
.qf-doc.qf-doc .qf-mark-cell{width:1.9em;padding-right:.6em}
.qf-doc.qf-doc .qf-soft,.qf-doc.qf-doc td.qf-soft{font-size:12.5px;color:var(--qf-soft);overflow-wrap:anywhere}
.qf-doc.qf-doc .qf-plot{width:38%;min-width:90px}
.qf-doc.qf-doc svg{display:block;width:100%;max-width:none;margin:0}
.qf-doc.qf-doc .qf-bar{height:14px}.qf-doc.qf-doc .qf-stack{height:22px}.qf-doc.qf-doc .qf-histogram{height:100px}.qf-doc.qf-doc .qf-overlay{height:90px}
.qf-doc .qf-bar{overflow:visible;position:relative;top:2px}
.qf-doc .qf-track{fill:var(--qf-rule)}
.qf-doc .qf-usual{fill:var(--qf-neutral);opacity:.32}
.qf-fill-best{fill:var(--qf-best)}.qf-fill-good{fill:var(--qf-good)}.qf-fill-fair{fill:var(--qf-fair)}
.qf-fill-caution{fill:var(--qf-caution)}.qf-fill-bad{fill:var(--qf-bad)}.qf-fill-neutral{fill:var(--qf-neutral)}
.qf-doc.qf-doc .qf-funnel td,.qf-doc.qf-doc .qf-funnel th{padding-top:12px;padding-bottom:0;vertical-align:bottom;line-height:16px}
.qf-doc.qf-doc .qf-funnel thead th{padding:0 14px 2px 0;font-size:12px;color:var(--qf-soft)}
.qf-doc.qf-doc .qf-funnel .qf-sign{font-size:10px}
.qf-doc.qf-doc .qf-funnel .qf-plot{position:relative;min-width:120px}
.qf-doc .qf-stage{position:absolute;inset:0 14px 0 0;display:flex;flex-direction:column}
.qf-doc.qf-doc .qf-stage svg{flex:1 1 0;min-height:0;height:0}
.qf-doc.qf-doc .qf-stage .qf-left{flex:none;height:16px}
.qf-doc .qf-neck{fill:color-mix(in srgb,var(--qf-neutral) 26%,var(--qf-bg))}
.qf-doc svg path{fill:none;vector-effect:non-scaling-stroke}
.qf-doc .qf-line{stroke:var(--qf-ink);stroke-width:1.5px}
.qf-doc .qf-stack rect,.qf-doc .qf-histogram rect{stroke:var(--qf-bg);stroke-width:1.5px;vector-effect:non-scaling-stroke}
.qf-doc .qf-histogram rect{stroke-width:1px}
.qf-doc .qf-stack{border-radius:5px}
.qf-doc .qf-mark{stroke:var(--qf-ink);stroke-width:1.5px;stroke-dasharray:4 3}
.qf-doc .qf-diagonal{stroke:var(--qf-soft);stroke-width:1px;stroke-dasharray:5 4}
.qf-doc .qf-dots{stroke:var(--qf-best);stroke-width:5px;stroke-linecap:round;stroke-opacity:.62}
.qf-doc .qf-dots.qf-faint{stroke:var(--qf-neutral);stroke-width:4px;stroke-opacity:.4}
.qf-doc .qf-dots.qf-marked{stroke:var(--qf-bad);stroke-width:7px;stroke-opacity:.9}
.qf-doc .qf-swatch{color:var(--qf-bad)}
.qf-doc.qf-doc .qf-trend{height:120px;overflow:visible}
.qf-doc .qf-trend path.qf-band{fill:var(--qf-best);fill-opacity:.16}
.qf-doc .qf-trend .qf-run{stroke:var(--qf-best);stroke-width:2px;stroke-linejoin:round}
.qf-doc .qf-trend path.qf-band.qf-curve-1{fill:var(--qf-caution)}.qf-doc .qf-trend path.qf-band.qf-curve-2{fill:var(--qf-neutral)}
.qf-doc .qf-trend .qf-run.qf-curve-1{stroke:var(--qf-caution);stroke-dasharray:7 3}.qf-doc .qf-trend .qf-run.qf-curve-2{stroke:var(--qf-neutral);stroke-dasharray:2 3}
.qf-doc .qf-trend .qf-dots{stroke-width:6px;stroke-opacity:1}
.qf-doc .qf-overlay rect{fill-opacity:.55}.qf-doc .qf-overlay .qf-outline{stroke:var(--qf-ink);stroke-width:1.5px;fill:none;vector-effect:non-scaling-stroke}
.qf-doc .qf-histogram,.qf-doc .qf-overlay,.qf-doc .qf-scatter,.qf-doc .qf-trend{border:solid var(--qf-soft);border-width:0 0 1px}
.qf-doc .qf-scatter{border-width:0 0 1px 1px;overflow:visible}.qf-doc.qf-doc .qf-scatter{height:auto;aspect-ratio:1}
.qf-doc .qf-square{max-width:340px;padding:4px}
.qf-doc .qf-ends{display:flex;justify-content:space-between;gap:12px;font-size:12px;color:var(--qf-soft);font-variant-numeric:tabular-nums}
.qf-doc meter{display:none}
.qf-doc.qf-doc .qf-graph{height:auto;max-width:820px}
.qf-doc .qf-graph rect{fill:var(--qf-veil);stroke-width:1.5px}
.qf-doc .qf-graph .qf-focus rect{stroke-width:3px}
.qf-doc .qf-graph path{stroke:var(--qf-soft);stroke-width:1.25px}
.qf-doc .qf-graph .qf-tip{fill:var(--qf-soft);stroke:none}
.qf-doc .qf-graph text{fill:var(--qf-ink);font:600 13px system-ui,sans-serif}
.qf-doc .qf-graph .qf-said{fill:var(--qf-soft);font-weight:400;font-size:11.5px}
.qf-line-best{stroke:var(--qf-best)}.qf-line-good{stroke:var(--qf-good)}.qf-line-fair{stroke:var(--qf-fair)}
.qf-line-caution{stroke:var(--qf-caution)}.qf-line-bad{stroke:var(--qf-bad)}.qf-line-neutral{stroke:var(--qf-neutral)}
.qf-doc.qf-doc .qf-heat{width:auto}
.qf-doc.qf-doc .qf-heat td,.qf-doc.qf-doc .qf-heat th{padding:3px 7px}
.qf-doc.qf-doc .qf-heat td{text-align:right;font:12px/1.4 var(--qf-mono);border:1px solid var(--qf-bg)}
.qf-doc.qf-doc .qf-heat td.qf-up{background:color-mix(in srgb,var(--qf-best) var(--qf-share),var(--qf-bg))}
.qf-doc.qf-doc .qf-heat td.qf-down{background:color-mix(in srgb,var(--qf-caution) var(--qf-share),var(--qf-bg))}
.qf-doc.qf-doc .qf-legend{width:auto}
.qf-doc .qf-legend .qf-sign{border-radius:4px;color:var(--qf-on);background:var(--qf-tone)}
@container (max-width:560px){
.qf-doc .qf-head,.qf-doc .qf-body{padding-left:12px;padding-right:12px}
.qf-doc.qf-doc .qf-number{text-align:left}
.qf-doc.qf-doc .qf-bars tr{display:grid;grid-template-columns:2em 1fr auto auto;padding:4px 0 8px}
.qf-doc.qf-doc .qf-bars td,.qf-doc.qf-doc .qf-bars th{padding:1px 0 1px 0;max-width:none}
.qf-doc.qf-doc .qf-bars td.qf-num{padding-left:10px}
.qf-doc.qf-doc .qf-bars .qf-plot{grid-row:2;grid-column:2/5;width:auto}
.qf-doc.qf-doc .qf-bars .qf-text{grid-row:3;grid-column:2/5}
.qf-doc.qf-doc .qf-long{min-width:10em}
.qf-doc .qf-funnel thead,.qf-doc .qf-stage svg[role=presentation]{display:none}
.qf-doc.qf-doc .qf-funnel tr{display:grid;grid-template-columns:2em 1fr auto auto auto;gap:0 10px;padding:0 0 10px}
.qf-doc.qf-doc .qf-funnel td,.qf-doc.qf-doc .qf-funnel th{padding:1px 0;max-width:none}
.qf-doc.qf-doc .qf-funnel .qf-text{grid-row:2;grid-column:2/6}
.qf-doc.qf-doc .qf-funnel .qf-plot{grid-row:3;grid-column:1/6;width:auto;padding-top:3px}
.qf-doc .qf-stage{position:static;display:block}
}
@media print{.qf-doc .qf-scroll{max-height:none;overflow:visible}}
""".strip()  # noqa: E501 — a style sheet's rule is one line
