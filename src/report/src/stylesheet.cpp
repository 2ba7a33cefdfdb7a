// SPDX-License-Identifier: Apache-2.0
#include "sections.hpp"

namespace angiotrial::report {

std::string_view stylesheet() {
  return R"css(
:root{--ink:#1c1f23;--quiet:#565d66;--line:#d5d9de;--soft:#f4f6f8;--link:#00538a;--warn:#8a2f00}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;color:var(--ink);background:#fff;font:16px/1.55 system-ui,-apple-system,"Segoe UI",
Roboto,"Helvetica Neue",Arial,sans-serif}
.page{max-width:1120px;margin:0 auto;padding:0 24px 48px}
.notice{background:#7a1f00;color:#fff;font-weight:700;letter-spacing:.03em;text-align:center;
margin:0 -24px 20px;padding:8px 24px;max-width:none}
.study{color:var(--quiet);font-weight:600;margin:0}
h1{font-size:1.75rem;line-height:1.25;margin:.1em 0 .5em;overflow-wrap:anywhere}
h2{font-size:1.3rem;line-height:1.3;margin:0 0 .6em;padding-top:.9em;border-top:2px solid var(--ink)}
h3{font-size:1.05rem;margin:1.4em 0 .4em}
section{margin-top:36px}
p,ul{max-width:76ch;margin:.5em 0 1em}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid #0066a6;
outline-offset:2px}
nav ul{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:16px 0 0;
max-width:none}
nav a{display:inline-block;padding:4px 0}
.facts{display:flex;flex-wrap:wrap;gap:8px 28px;margin:0 0 10px}
.facts div{margin:0}
dt{color:var(--quiet);font-size:.82rem}
dd{margin:0;font-weight:600;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.hash{font-size:.78rem;color:var(--quiet);overflow-wrap:anywhere;max-width:none}
.conventions{font-size:.82rem;color:var(--quiet);max-width:none;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:12px 40px}
.three{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,290px),1fr));gap:8px 28px}
figure{margin:0 0 6px;min-width:0}
#flow figure{max-width:640px}
#safety figure{max-width:560px}
svg{display:block;width:100%;height:auto;max-width:600px}
figcaption{color:var(--quiet);font-size:.88rem;margin:6px 0;max-width:70ch}
svg text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
fill:var(--ink)}
svg .tight{font-size:12.5px}
svg .halo{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
svg .tick,svg .quiet{fill:var(--quiet)}
svg .tick{font-size:12px}
svg .strong{font-weight:650}
svg .grid{stroke:#e3e6ea;stroke-width:1}
svg .axis{stroke:#565d66;stroke-width:1.2}
svg .link{stroke:#565d66;stroke-width:1.3}
svg .head{fill:#565d66}
svg .curve{fill:none;stroke-width:2.2}
svg .band{fill-opacity:.12;stroke-opacity:.45;stroke-width:.8}
svg .marker{stroke-width:1.7;stroke-linejoin:round}
svg .interval{fill:none;stroke-width:2.4}
svg .thin{stroke-width:1.3}
svg .box{fill:#fff;stroke:#8a929c;stroke-width:1}
svg .main{fill:var(--soft)}
svg .bar{stroke:#1c1f23;stroke-width:.8}
svg .level{fill:#c9d1d9}
svg .down{fill:#0066a6}
svg .up{fill:#e08a4a}
svg .join{stroke:#8a929c;stroke-width:1;stroke-dasharray:2 2}
.scroll{overflow-x:auto;margin:10px 0 16px}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
caption{text-align:left;font-weight:600;padding:0 0 6px}
th,td{padding:5px 12px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
td{white-space:nowrap}
td,thead th{min-width:4.6em}
thead th{border-bottom:2px solid var(--quiet);vertical-align:bottom}
tbody th{font-weight:500;min-width:9em;max-width:24em}
.divider th{font-weight:700;background:var(--soft);padding-left:6px;max-width:none}
small{color:var(--quiet);font-size:.86em;white-space:nowrap}
.source{display:block;white-space:normal;min-width:15em;max-width:30em;color:var(--quiet);font-size:.92em;
overflow-wrap:anywhere}
code{font-size:.92em;overflow-wrap:anywhere}
.mark{color:var(--warn);font-weight:600;font-size:.88em;text-decoration:none}
details{margin:4px 0 12px}
summary{cursor:pointer;color:var(--link);padding:6px 0}
.plain{list-style:none;padding:0}
.plain li{margin:0 0 10px;padding-left:12px;border-left:4px solid var(--line)}
footer{margin-top:40px;border-top:1px solid var(--line);color:var(--quiet);font-size:.85rem;
overflow-wrap:anywhere}
@media (max-width:600px){body{font-size:15px}.page{padding:0 16px 32px}
.notice{margin:0 -16px 16px;padding:8px 16px}h1{font-size:1.4rem}h2{font-size:1.15rem}}
@media print{body{font-size:10pt}.page{max-width:none;padding:0}nav{display:none}
.notice{margin:0 0 8pt;color:#000;background:#fff;border:2pt solid #000}
figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.scroll{overflow:visible}
table{font-size:7.5pt}a{color:inherit;text-decoration:none}}
)css";
}

}  // namespace angiotrial::report
