// What a parsed document would fetch, read from its tree: written from the side of the browser and knowing nothing of
// the gate's own tables.
'use strict';
const HTML = 'http://www.w3.org/1999/xhtml';
const SVG = 'http://www.w3.org/2000/svg';
const OWN = ['page.localhost', 'fine.localhost'];

// The addresses in the text of serialised CSS: the object model writes each as url("...").
function addresses(text, raw) {
  const found = [...text.matchAll(/(?<![\w-])url\("((?:[^"\\]|\\.)*)"\)/gi)].map((m) => m[1]);
  const bare = text.replace(/"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?/g, '""');
  if (raw) found.push(...[...bare.matchAll(/(?<![\w-])url\(\s*((?:[^"'\s)\\]|\\[^])+)\s*\)/gi)].map((m) => m[1]));
  const escape = /\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\n\r\f])?|\n|([^]))/gi;
  const code = (hex) => { const n = parseInt(hex, 16); return n === 0 || n > 0x10ffff ? '\ufffd' : String.fromCodePoint(n); };
  return found.map((address) => address.replace(escape, (_, hex, one) => hex ? code(hex) : one ?? ''));
}

class Walk {
  constructor() { this.found = []; this.held = []; this.inside = ''; }

  // What is found meanwhile is found inside of something that is kept or dropped whole.
  within(name, look) {
    const before = this.inside;
    this.inside = `${name}: `;
    look();
    this.inside = before;
  }

  add(what, address, base) {
    let url;
    try { url = new URL(address, base ?? 'about:blank'); } catch { return; }
    if (/^data:/i.test(url.href)) return;
    if (!/^(https?|wss?):$/.test(url.protocol)) return;
    const host = url.hostname.replace(/\.$/, '');
    url.hash = '';
    if (url.pathname.startsWith('/.well-known/bandeau/')) return;
    (OWN.includes(host) ? this.found : this.held).push(`${this.inside}${what} ${url.href}`);
  }

  // An address that becomes a document or a style sheet of its own.
  nested(what, address, base, depth) {
    this.add(what, address, base);
    const data = /^\s*data:([^,]*),([^]*)$/i.exec(address.replace(/[\t\n\r]/g, ''));
    if (!data || depth > 5) return;
    const kind = data[1].toLowerCase();
    let text = data[2];
    try { text = kind.endsWith(';base64') ? new TextDecoder().decode(Uint8Array.from(atob(decodeURIComponent(text)), (c) => c.charCodeAt(0))) : decodeURIComponent(text.split('#')[0]); } catch { /* as it is */ }
    this.within('data', () => this.carried(kind, text, depth));
  }

  carried(kind, text, depth) {
    if (kind.startsWith('text/html')) this.document(new DOMParser().parseFromString(text, 'text/html'), null, depth + 1);
    else if (/^(image\/svg\+xml|application\/xhtml\+xml|text\/xml|application\/xml)/.test(kind)) this.document(new DOMParser().parseFromString(text, 'application/xml'), null, depth + 1);
    else if (kind.startsWith('text/css')) this.sheet(text, null, depth + 1);
  }

  document(doc, base, depth = 0) {
    const first = [...doc.querySelectorAll('base[href]')].find((el) => el.namespaceURI === HTML);
    if (first) try { const moved = new URL(first.getAttribute('href'), base ?? undefined); if (!/^(data|javascript):$/.test(moved.protocol)) base = moved.href; } catch { /* ignored */ }
    this.tree(doc, base, depth);
  }

  tree(root, base, depth) {
    for (const el of root.querySelectorAll('*')) {
      if (el.shadowRoot) this.tree(el.shadowRoot, base, depth);
      if (el.localName === 'template' && el.content && el.hasAttribute('shadowrootmode')) this.tree(el.content, base, depth);
      if (el.closest('noscript')) this.within('noscript', () => this.element(el, base, depth));
      else this.element(el, base, depth);
    }
  }

  element(el, base, depth) {
    const tag = el.localName;
    const get = (name) => el.getAttribute(name);
    const load = (name) => { if (get(name)) this.add(`${tag}.${name}`, get(name), base); };
    const open = (name) => { if (get(name)) this.nested(`${tag}.${name}`, get(name), base, depth); };
    if (get('style')) this.style(get('style'), base, depth);
    if (tag === 'style' && (el.namespaceURI === HTML || el.namespaceURI === SVG) && /^(text\/css)?$/i.test(get('type') ?? '')) {
      const text = [...el.childNodes].filter((n) => n.nodeType === 3 || n.nodeType === 4).map((n) => n.data).join('');
      if (el.namespaceURI === SVG) this.within('svg style', () => this.sheet(text, base, depth));
      else this.sheet(text, base, depth);
    }
    if (el.namespaceURI === SVG) this.drawing(el, tag, get, base, depth);
    if (el.namespaceURI !== HTML) return;
    if (get('attributionsrc') && /^(img|script|a)$/.test(tag)) get('attributionsrc').split(/[\t\n\f\r ]+/).filter(Boolean).forEach((one) => this.add('attributionsrc', one, base));
    const parent = el.parentNode?.localName;
    switch (tag) {
      case 'script': this.script(el, get, base); break;
      case 'img': load('src'); this.set(get('srcset'), base); break;
      case 'iframe': get('srcdoc') === null ? open('src') : this.srcdoc(get('srcdoc'), base, depth); break;
      case 'frame': case 'embed': open('src'); break;
      case 'object': open('data'); break;
      case 'audio': case 'track': load('src'); break;
      case 'video': load('src'); load('poster'); break;
      case 'source': parent === 'picture' ? this.set(get('srcset'), base) : load('src'); break;
      case 'input': if (/^image$/i.test(get('type') ?? '')) load('src'); load('formaction'); break;
      case 'button': load('formaction'); break;
      case 'form': load('action'); break;
      case 'a': case 'area': (get('ping') ?? '').split(/[\t\n\f\r ]+/).filter(Boolean).forEach((one) => this.add('ping', one, base)); break;
      case 'link': this.link(get, base, depth); break;
      case 'meta': this.meta(get, base); break;
      case 'body': case 'table': case 'tbody': case 'thead': case 'tfoot': case 'tr': case 'td': case 'th': load('background'); break;
    }
  }

  drawing(el, tag, get, base, depth) {
    const href = get('href') ?? el.getAttributeNS('http://www.w3.org/1999/xlink', 'href') ?? get('xlink:href');
    const runs = tag !== 'script' || this.runs(get);
    if (href && runs && /^(image|use|feImage|script)$/.test(tag)) this.add(`svg ${tag}`, href, base);
    if (/^(set|animate)$/.test(tag)) {
      for (const name of ['to', 'from', 'by', 'values']) {
        for (const one of (get(name) ?? '').split(';')) {
          if (/href$/.test(get('attributeName') ?? '')) this.add('svg values', one.trim(), base);
          else for (const address of this.css(`${get('attributeName')}:${one}`)) this.add('svg values', address, base);
        }
      }
    }
    for (const name of ['fill', 'stroke', 'filter', 'mask', 'clip-path', 'cursor', 'marker-start', 'marker-mid', 'marker-end']) {
      if (get(name)) this.style(`${name}:${get(name)}`, base, depth);
    }
  }

  runs(get) { return /^(|module|.*(java|ecma|j|live)script[.0-9]*)$/.test((get('type') ?? '').trim().toLowerCase()); }

  script(el, get, base) {
    const type = (get('type') ?? '').trim().toLowerCase();
    if (type === 'speculationrules') {
      try { for (const rules of Object.values(JSON.parse(el.textContent))) for (const rule of rules) (rule.urls ?? []).forEach((one) => this.add('rules', one, base)); } catch { /* no rules */ }
    } else if (get('src') && this.runs(get)) this.add('script.src', get('src'), base);
  }

  link(get, base, depth) {
    const rel = (get('rel') ?? '').toLowerCase().split(/[\t\n\f\r ]+/);
    const fetches = ['stylesheet', 'preload', 'modulepreload', 'prefetch', 'prerender', 'preconnect', 'dns-prefetch', 'icon', 'manifest', 'apple-touch-icon', 'compression-dictionary'];
    if (!rel.some((one) => fetches.includes(one))) return;
    if (get('href')) rel.includes('stylesheet') ? this.nested('link.href', get('href'), base, depth) : this.add('link.href', get('href'), base);
    if (rel.includes('preload')) this.set(get('imagesrcset'), base);
  }

  meta(get, base) {
    if (!/^refresh$/i.test(get('http-equiv') ?? '')) return;
    const read = /^[\t\n\f\r ]*(?:[0-9]+|(?=\.))[0-9.]*(?:[\t\n\f\r ]*[;,]|[\t\n\f\r ])[\t\n\f\r ]*([^]*)$/.exec(get('content') ?? '');
    if (!read) return;
    const named = /^url[\t\n\f\r ]*=[\t\n\f\r ]*([^]*)$/i.exec(read[1]);
    const rest = named ? named[1] : read[1];
    const quoted = /^(['"])([^]*?)(?:\1|$)/.exec(rest);
    const address = quoted ? quoted[2] : rest;
    if (address) this.add('refresh', address, base);
  }

  // HTML, parsing a srcset attribute.
  set(text, base) {
    if (!text) return;
    let at = 0;
    const skip = (of) => { while (at < text.length && of.test(text[at])) at++; };
    for (;;) {
      skip(/[\t\n\f\r ,]/);
      if (at >= text.length) return;
      const from = at;
      skip(/[^\t\n\f\r ]/);
      const address = text.slice(from, at);
      this.add('srcset', address.replace(/,+$/, ''), base);
      if (address.endsWith(',')) continue;
      let depth = 0;
      while (at < text.length && !(text[at] === ',' && depth === 0)) {
        if (text[at] === '(') depth++;
        if (text[at] === ')') depth = 0;
        at++;
      }
    }
  }

  srcdoc(text, base, depth) {
    if (depth < 6) this.within('srcdoc', () => this.document(new DOMParser().parseFromString(text, 'text/html'), base, depth + 1));
  }

  css(text) {
    const probe = document.implementation.createHTMLDocument('').createElement('p');
    probe.style.cssText = text;
    return this.declared(probe.style);
  }

  // The addresses in declarations. Custom properties, and what is put together of them, are as they were written.
  declared(style) {
    const custom = [...style].filter((name) => name.startsWith('--')).map((name) => style.getPropertyValue(name)).join(' ');
    return [...addresses(style.cssText, /var\(/.test(style.cssText)), ...addresses(custom, true)];
  }

  style(text, base, depth) {
    for (const address of this.css(text)) this.nested('style', address, base, depth);
  }

  sheet(text, base, depth) {
    const doc = document.implementation.createHTMLDocument('');
    const style = doc.createElement('style');
    style.textContent = text;
    doc.head.append(style);
    this.rules(style.sheet?.cssRules ?? [], base, depth);
  }

  rules(rules, base, depth) {
    for (const rule of rules) {
      if (rule instanceof CSSImportRule) { this.import(rule.href, base, depth); continue; }
      if (rule instanceof CSSNamespaceRule) continue;
      if (rule.style) for (const address of this.declared(rule.style)) this.add('css', address, base);
      if (rule.cssRules) this.rules(rule.cssRules, base, depth);
      if (!rule.style && !rule.cssRules) for (const address of addresses(rule.cssText, true)) this.add('css', address, base);
    }
  }

  import(address, base, depth) { if (address) this.nested('import', address, base, depth); }
}

const plain = (list) => [...new Set(list)].sort();

// Parses pages as the browser does without script, and says what of them is held and what is allowed.
function parse(html) {
  const walk = new Walk();
  walk.document(new DOMParser().parseFromString(html, 'text/html'), 'http://page.localhost/d/1');
  return { held: plain(walk.held), found: plain(walk.found) };
}

async function compare(from, to) {
  const pairs = await (await fetch(`/pairs/${from}-${to}`)).json();
  return pairs.map(([original, rewritten]) => {
    const before = parse(original);
    const after = rewritten === null ? null : parse(rewritten);
    return { before, after };
  });
}

// Loads pages for real, each in a frame of its own, and walks those that are still there.
async function load(paths, patience) {
  const frames = paths.map((path) => {
    const frame = document.createElement('iframe');
    frame.width = frame.height = 200;
    const loaded = new Promise((done) => { frame.onload = done; });
    frame.src = path;
    document.body.append(frame);
    return { frame, loaded };
  });
  await Promise.race([Promise.all(frames.map(({ loaded }) => loaded)), new Promise((done) => setTimeout(done, patience))]);
  await new Promise((done) => setTimeout(done, 150));
  const results = frames.map(({ frame }) => {
    try {
      const walk = new Walk();
      walk.document(frame.contentDocument, 'http://page.localhost/d/1');
      return { held: plain(walk.held), found: plain(walk.found) };
    } catch { return null; }
  });
  frames.forEach(({ frame }) => frame.remove());
  return results;
}
