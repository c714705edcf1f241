/// The page's look: one column, as wide as the screen, in light and dark, and on paper.
enum PageStyle {
  static let sheet = Markup.own(
    """
    :root{color-scheme:light dark;--paper:#fff;--card:#f6f7f9;--ink:#1c2128;--quiet:#5a6472;--line:#d5dae1;--accent:#0b5cad;\
    --good:#1a7f37;--bad:#c4232c;--caution:#8f5b00;--plain:#57606a;--added:#e3f6e8;--taken:#fdeaea}
    @media (prefers-color-scheme:dark){:root{--paper:#0f1318;--card:#181e26;--ink:#e4e8ee;--quiet:#9aa5b3;--line:#303a47;\
    --accent:#78b7ff;--good:#4cc46a;--bad:#ff7b75;--caution:#e3a93c;--plain:#9aa5b3;--added:#12301c;--taken:#3a1a1c}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0 auto;padding:1.25rem 1rem 3rem;max-width:58rem;background:var(--paper);color:var(--ink);\
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
    h1{font-size:clamp(1.15rem,4.6vw,1.5rem);line-height:1.25;margin:.25rem 0}
    h2{font-size:1.15rem;margin:2.2rem 0 .6rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
    h3{font-size:1rem;margin:0;font-weight:600}
    p{margin:.4rem 0}
    a{color:var(--accent)}
    code,pre,.label,.span,.tick,.statement{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    code,.statement{font-size:.9em}
    .quiet{color:var(--quiet)}
    .small{font-size:.85rem}
    .badge{display:inline-block;padding:.05rem .55rem;border-radius:1rem;border:1.5px solid currentColor;font-size:.8rem;\
    font-weight:700;letter-spacing:.02em;white-space:nowrap;color:var(--plain)}
    .badge.good,.word.good{color:var(--good)}.badge.bad,.word.bad{color:var(--bad)}.badge.caution,.word.caution{color:var(--caution)}
    header .badge{font-size:1rem;padding:.15rem .8rem}
    .verdict{border-left:5px solid var(--plain);background:var(--card);padding:.7rem .9rem;margin:.9rem 0;border-radius:0 6px 6px 0}
    .verdict.good{border-color:var(--good)}.verdict.bad{border-color:var(--bad)}.verdict.caution{border-color:var(--caution)}
    dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.8rem 0}
    dl.facts dt{color:var(--quiet)}dl.facts dd{margin:0;min-width:0}
    ul{padding-left:1.2rem;margin:.4rem 0}li{margin:.2rem 0}
    ul.left li{margin:.45rem 0}
    .timeline{display:block;overflow:visible}
    .timeline text{fill:var(--ink);font-size:12px}.timeline .tick,.timeline .span{fill:var(--quiet);font-size:11px}
    .grid{stroke:var(--line);stroke-width:1}.resumed{stroke:var(--accent);stroke-width:1.5;stroke-dasharray:4 3}
    .track{fill:var(--card)}
    .bar{fill:var(--plain)}.bar.good{fill:var(--good)}.bar.bad{fill:var(--bad)}.bar.caution{fill:var(--caution)}
    .blind{fill:var(--paper);fill-opacity:.65;stroke:var(--quiet);stroke-dasharray:2 2}
    .mark{fill:var(--paper);stroke:var(--ink);stroke-width:1.8}.mark.bad{stroke:var(--bad);stroke-width:2.8;fill:none}
    .legend{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.85rem;color:var(--quiet);margin:.6rem 0 0}
    .legend span{display:inline-flex;align-items:center;gap:.35rem}
    .step{border:1px solid var(--line);border-radius:8px;padding:.7rem .9rem;margin:.7rem 0}
    .step.inner{margin-left:min(1.2rem,3vw)}
    .step>header{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
    .step>header h3{flex:1 1 14rem;min-width:0}
    .findings{list-style:none;padding:0;margin:.5rem 0}
    .findings li{display:grid;grid-template-columns:6.4rem 1fr;gap:0 .6rem;border-top:1px solid var(--line);padding:.25rem 0;margin:0}
    @media (max-width:34rem){.findings li{grid-template-columns:1fr}.findings .word{font-size:.8rem}}\
    .findings div{min-width:0}.word{font-weight:650;font-size:.85rem;color:var(--plain);padding-top:.1rem}
    .gauge{margin:.6rem 0;height:10px;border-radius:5px;background:var(--line);overflow:hidden}
    .gauge svg{display:block}.gauge rect{fill:var(--good)}
    pre{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.6rem .7rem;margin:.5rem 0;\
    font-size:.8rem;line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere}
    pre .line{display:block;min-height:1.45em;padding-left:1ch;text-indent:-1ch}
    pre .added{background:var(--added)}pre .taken{background:var(--taken)}pre .place{color:var(--quiet)}
    pre.runbook .line{padding-left:4.5ch;text-indent:-4.5ch}pre.runbook .number{color:var(--quiet);display:inline-block;\
    width:3.5ch;margin-right:1ch;text-align:right;text-indent:0}
    .scroll{overflow-x:auto;margin:.5rem 0}
    table{border-collapse:collapse;width:100%;font-size:.9rem}
    th{text-align:left;color:var(--quiet);font-weight:600}th,td{overflow-wrap:break-word;max-width:min(22rem,60vw);padding:.3rem .8rem .3rem 0;border-bottom:1px solid var(--line);vertical-align:top}
    blockquote{margin:.5rem 0;padding:.1rem .9rem;border-left:3px solid var(--accent);white-space:pre-wrap}
    details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent)}
    .versions{list-style:none;padding:0}.versions li{border-top:1px solid var(--line);padding:.4rem 0;margin:0}
    .versions code{display:inline-block;max-width:100%}.versions li:first-child,.findings li:first-child{border-top:0}\
    footer{margin-top:2.5rem;color:var(--quiet);font-size:.85rem}
    @media print{:root{--paper:#fff;--card:#f4f4f4;--ink:#000;--quiet:#444;--line:#bbb;--accent:#000;--good:#14602a;--bad:#a1121b;\
    --caution:#6d4500;--plain:#444;--added:#e3f6e8;--taken:#fdeaea}
    body{max-width:none;padding:0;font-size:10.5pt}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
    h2,h3,.step>header{break-after:avoid}.findings li,.versions li,.legend,.verdict,tr,pre .line{break-inside:avoid}
    details::details-content{content-visibility:visible;display:block;height:auto}
    a[href]::after{content:" (" attr(href) ")";font-size:.85em;color:#444}
    @page{margin:16mm 14mm}}
    """
  )
}
