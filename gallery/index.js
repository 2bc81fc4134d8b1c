// The index: one page that works from a file, without a server or a framework.

const SCRIPT = `
const rows=JSON.parse(document.getElementById("rows").textContent),list=document.getElementById("list"),form=document.forms[0];
const keys=["language","layout","state","theme","size"];
for(const row of rows){row.theme=row.style+"-"+row.scheme+(row.forced?"-forced":"")+(row.print?"-print":"")+(row.open?"-open":"")}
for(const key of keys){const select=form.elements[key];for(const value of new Set(rows.map(row=>row[key])))select.add(new Option(value))}
const state=new URLSearchParams(location.hash.slice(1));
for(const [key,value] of state)if(form.elements[key])form.elements[key].type==="checkbox"?form.elements[key].checked=true:form.elements[key].value=value;
let shown=[],at=0;
function more(){const part=document.createDocumentFragment();
for(const row of shown.slice(at,at+60)){const figure=document.createElement("figure"),link=document.createElement("a"),image=new Image,caption=document.createElement("figcaption");
link.href=image.src=row.png;image.loading="lazy";image.alt="";link.append(image);
caption.append([row.language,row.layout,row.state,row.theme,row.size,row.note].filter(Boolean).join(" \\u00b7 "));
for(const fault of row.found){const line=document.createElement("b");line.textContent=fault;caption.append(line)}
figure.append(link,caption);part.append(figure)}
at+=60;list.append(part)}
function show(){const wanted=new URLSearchParams([...new FormData(form)].filter(([,value])=>value));history.replaceState(null,"","#"+wanted);
shown=rows.filter(row=>keys.every(key=>!form.elements[key].value||form.elements[key].value===row[key])&&(!form.elements.faults.checked||row.found.length));
document.getElementById("count").textContent=shown.length+" of "+rows.length;list.replaceChildren();at=0;more()}
form.addEventListener("input",show);new IntersectionObserver(([end])=>{if(end.isIntersecting&&at<shown.length)more()},{rootMargin:"800px"}).observe(document.getElementById("end"));show()`;

const STYLE = `body{font:15px/1.4 system-ui,sans-serif;margin:0;background:#e8e8e6;color:#222}form{position:sticky;top:0;z-index:1;background:#fff;padding:.6em 1em;display:flex;flex-wrap:wrap;gap:.4em 1.2em;border-bottom:1px solid #aaa}
#list{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:1em;padding:1em;align-items:start}figure{margin:0;background:#fff;padding:.5em}
img{width:100%;max-height:60vh;object-fit:contain;object-position:top;display:block;background:#ccc}figcaption{padding-top:.4em}b{display:block;color:#a11}`;

export function index(rows) {
  const data = JSON.stringify(rows).replaceAll("<", "\\u003c");
  const select = (key) => `<label>${key} <select name="${key}"><option value="">all</option></select></label>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Gallery of the face</title>
<style>${STYLE}</style><form>${["language", "layout", "state", "theme", "size"].map(select).join("")}
<label><input type="checkbox" name="faults" value="1"> only those with something to look at</label><output id="count"></output></form>
<main id="list"></main><div id="end"></div><script type="application/json" id="rows">${data}</script><script>${SCRIPT}</script></html>
`;
}
