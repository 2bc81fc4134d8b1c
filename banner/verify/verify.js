// Checks receipts in the visitor's own browser, as docs/spec/record.md says and `bandeau verify` does. It reads the
// site's published keys and sends nothing anywhere. It is served as it stands here, comments included, so that whoever
// relies on it can read it. ASCII only, like all of our scripts.
(() => {
  'use strict';

  /* Bytes. */

  const utf8 = new TextEncoder();
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { out.set(part, at); at += part.length; }
    return out;
  };
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));
  const sha = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const word = (number) => { // unsigned, 64 bits, big-endian
    const out = new Uint8Array(8);
    new DataView(out.buffer).setBigUint64(0, BigInt(number));
    return out;
  };
  const digest = (...fields) => sha(join(...fields.flatMap((field) => {
    const bytes = typeof field === 'string' ? utf8.encode(field) : field;
    return [word(bytes.length), bytes];
  })));
  // Base64 with padding, in its one spelling; nothing for any other (RFC 4648 4).
  const unbase = (text) => {
    try {
      const bytes = atob(text);
      return btoa(bytes) === text ? Uint8Array.from(bytes, (char) => char.charCodeAt(0)) : null;
    } catch { return null; }
  };
  const base = (bytes) => btoa(String.fromCharCode(...bytes));

  /* Signatures. */

  // The y of every point of small order, in each of its encodings: such a key or nonce lets one signature fit many
  // texts (RFC 8032 5.1.7). Browsers differ in whether they refuse it.
  const SMALL = ['00', '01', 'ec', 'ed', 'ee'].map((low) => low < 'e' ? low + '00'.repeat(31) : `${low}${'ff'.repeat(30)}7f`).concat(
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
  const small = (point) => SMALL.includes(hex([...point.slice(0, 31), point[31] & 127]));
  const signed = async (key, bytes, signature) => {
    if (key.length !== 32 || signature.length !== 64 || small(key) || small(signature.slice(0, 32))) return false;
    try {
      const own = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
      return await crypto.subtle.verify({ name: 'Ed25519' }, own, signature, bytes);
    } catch { return false; }
  };
  // Whether this browser can do it at all, by a signature that holds (RFC 8032 7.1, test 1).
  const able = async () => {
    if (!globalThis.crypto || !crypto.subtle) return false;
    const key = unhex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    const signature = unhex('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155'
      + '5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b');
    return signed(key, new Uint8Array(), signature);
  };

  /* The published keys. */

  const KEYS = 'bandeau keys v1';
  const readKeys = async (text) => {
    const [first, ...lines] = text.replace(/\r\n/g, '\n').trimEnd().split('\n');
    if (first !== KEYS) throw new Error(`the first line is not "${KEYS}"`);
    const keys = { log: null, receipts: [] };
    for (const line of lines) {
      const [kind, value, more] = line.split(' ');
      if (kind === 'log' && more === undefined && !keys.log) keys.log = await readVkey(value || '');
      else if (kind === 'receipt' && more === undefined && (unbase(value || '') || []).length === 32) keys.receipts.push(unbase(value));
      else throw new Error(`this line is no key: ${line.slice(0, 80)}`);
    }
    if (!keys.log || !keys.receipts.length) throw new Error('one line "log" and one line "receipt" are needed');
    return keys;
  };
  // NAME+ID+KEY of c2sp.org/signed-note; the first byte of the key says Ed25519.
  const readVkey = async (text) => {
    const [, name, id, rest] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) || [];
    const key = unbase(rest || '');
    if (!key || key.length !== 33 || key[0] !== 1) throw new Error('the key of the log is no Ed25519 verifier key');
    const own = await keyId(name, key);
    if (hex(own) !== id) throw new Error('the key of the log does not fit its number');
    return { name, id: own, key: key.slice(1) };
  };
  const keyId = async (name, key) => (await sha(join(utf8.encode(`${name}\n`), key))).slice(0, 4);

  /* The document. */

  class Unread extends Error {}
  const is = (what, test) => ({ what, test });
  const bytes = (count) => is(`${count} bytes in base64`, (value) => (unbase(String(value)) || []).length === count);
  const digits = (count) => is(`${count} hexadecimal digits`, (value) => new RegExp(`^[0-9a-f]{${count}}$`).test(value));
  const orNull = (one) => is(`${one.what} or null`, (value) => value === null || one.test(value));
  const whole = (value) => typeof value === 'string' && !/\p{Surrogate}/u.test(value); // no half of a letter
  const text = is('text', whole);
  const strings = (kind) => is(kind.what, (value) => whole(value) && kind.test(value));
  const number = is('a whole number that occurs here', (value) => Number.isSafeInteger(value) && value >= 0);
  const pair = (value) => Array.isArray(value) && value.length === 2 && value.every(whole);
  const FIRST = {
    format: strings(text), id: strings(digits(32)), pseudonym: strings(digits(32)), at: number, event: strings(text),
    notice: strings(digits(64)), policy: strings(digits(64)), language: strings(text), source: strings(text), keep: number,
    choices: is('pairs of purpose and answer', (value) => Array.isArray(value) && value.every(pair)),
    previous: orNull(strings(digits(32))), key: strings(bytes(32)), signature: strings(bytes(64)),
  };
  const SECOND = { ...FIRST, salt: strings(digits(64)), code: strings(text), log: strings(text), proof: orNull(strings(text)) };
  const FORMATS = { 'bandeau receipt v1': FIRST, 'bandeau receipt v2': SECOND };

  const LONGEST = 1 << 20;
  const read = (source) => {
    if (source.length > LONGEST) throw new Unread('it is longer than any');
    let found;
    try { found = JSON.parse(source); } catch { throw new Unread('it is not one JSON object'); }
    if (found === null || typeof found !== 'object' || Array.isArray(found)) throw new Unread('it is not one JSON object');
    const members = Object.hasOwn(FORMATS, found.format) && FORMATS[found.format];
    if (!members) throw new Unread('its format is not one that is known here');
    // What the parser lets pass: members that come twice, and numbers with a fraction or an exponent.
    const bare = source.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/gs, '');
    if (bare.split(':').length - 1 !== Object.keys(found).length) throw new Unread('a member comes twice');
    if (/[.eE-]/.test(bare)) throw new Unread('a number in it is not a whole number');
    for (const name of Object.keys(found)) if (!Object.hasOwn(members, name)) throw new Unread(`"${name}" is no part of a receipt`);
    for (const [name, kind] of Object.entries(members)) {
      if (!Object.hasOwn(found, name)) throw new Unread(`"${name}" is missing`);
      if (!kind.test(found[name])) throw new Unread(`"${name}" is not ${kind.what}`);
    }
    return found;
  };

  const leaf = (of) => {
    const choices = of.choices.flat();
    return digest('bandeau record v1', unhex(of.id), unhex(of.pseudonym), unhex(of.previous || ''), word(of.at), of.event,
      unhex(of.notice), unhex(of.policy), of.language, of.source, word(of.keep), word(choices.length), ...choices);
  };
  // 80 bits in the digits of Crockford's base32, four by four.
  const code = async (salt) => {
    const bits = [...(await digest('bandeau code v1', salt)).slice(0, 10)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    const all = bits.match(/.{5}/g).map((five) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[parseInt(five, 2)]).join('');
    return all.match(/.{4}/g).join('-');
  };

  /* The proof: c2sp.org/tlog-proof, tlog-checkpoint, signed-note. */

  const count = (text) => /^(0|[1-9][0-9]{0,19})$/.test(text) && BigInt(text) < 1n << 64n ? BigInt(text) : null;
  const root = (text) => { const found = unbase(text); return found && found.length === 32 ? found : null; };
  const readProof = (source) => {
    const cut = source.indexOf('\n\n');
    const lines = source.slice(0, Math.max(cut, 0)).split('\n');
    if (lines.shift() !== 'c2sp.org/tlog-proof@v1') throw new Error('its first line is not that of a proof');
    if (/^extra /.test(lines[0]) && unbase(lines[0].slice(6))) lines.shift();
    const [kind, value, more] = (lines.shift() || '').split(' ');
    const index = kind === 'index' && more === undefined ? count(value || '') : null;
    if (index === null) throw new Error('it names no place');
    const hashes = lines.map(root);
    if (hashes.includes(null)) throw new Error('a step of it is no digest');
    return { index, hashes, ...readNote(source.slice(cut + 2)) };
  };
  const readNote = (note) => {
    const cut = note.lastIndexOf('\n\n');
    const body = note.slice(0, cut + 1), signatures = note.slice(cut + 2);
    if (cut < 0 || /[\0-\x09\x0b-\x1f]/.test(note) || !signatures.endsWith('\n')) throw new Error('the state of the log in it is not signed text');
    const [origin, size, hash, ...more] = body.slice(0, -1).split('\n');
    const head = { origin, size: count(size || ''), root: root(hash || '') };
    if (!origin || head.size === null || !head.root || more.includes('')) throw new Error('the state of the log in it cannot be read');
    const lines = signatures.slice(0, -1).split('\n').map((line) => {
      const [, name, value] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) || [];
      const found = unbase(value || '');
      if (!found || found.length < 5) throw new Error('a signature of the log in it cannot be read');
      return { name, id: found.slice(0, 4), signature: found.slice(4) };
    });
    return { body, head, lines };
  };
  // RFC 9162 2.1.3.2
  const included = async (entry, { index, hashes, head }) => {
    if (index >= head.size) return false;
    let at = index, last = head.size - 1n, hash = await sha(join([0], entry));
    for (const step of hashes) {
      if (last === 0n) return false;
      if (at & 1n || at === last) {
        hash = await sha(join([1], step, hash));
        while (!(at & 1n) && at !== 0n) { at >>= 1n; last >>= 1n; }
      } else {
        hash = await sha(join([1], hash, step));
      }
      at >>= 1n;
      last >>= 1n;
    }
    return last === 0n && same(hash, head.root);
  };
  // Lines of keys that are not known here say nothing; those of the log's key must all hold, and one must be there.
  const opened = async ({ body, head, lines }, log) => {
    const own = lines.filter((line) => line.name === log.name && same(line.id, log.id));
    const good = await Promise.all(own.map((line) => signed(log.key, utf8.encode(body), line.signature)));
    return head.origin === log.name && own.length > 0 && good.every(Boolean);
  };

  /* The check: what holds, what fails, and what is open. */

  const NOKEYS = 'the site\u2019s keys are not known here.';
  const check = async (source, keys) => {
    const of = read(source), second = of.format === 'bandeau receipt v2';
    const report = { of, second, checks: [], log: null };
    const say = (what, finding, text) => report.checks.push({ what, finding, text });
    const judge = (what, good, holds, fails) => say(what, good ? 'holds' : 'fails', good ? holds : fails);
    const signer = unbase(of.key), record = await leaf(of);
    judge('signature', await signed(signer, record, unbase(of.signature)),
      'Nothing in it was changed since it was signed.',
      'The signature does not fit: something was changed since it was signed, or this key never signed it.');
    if (!keys) say('key', 'open', `Whose key signed it is not shown: ${NOKEYS}`);
    else judge('key', keys.receipts.some((own) => same(own, signer)), 'It was signed with the site\u2019s key for receipts.', 'It was signed with another key than the site\u2019s.');
    if (second) await placed(report, record, keys, say, judge);
    report.verdict = ['fails', 'open'].find((one) => report.checks.some(({ finding }) => finding === one)) || 'holds';
    return report;
  };
  const placed = async (report, record, keys, say, judge) => {
    const of = report.of, salt = unhex(of.salt);
    judge('code', of.code === await code(salt), `The short code ${of.code} is that of this receipt.`, `The short code ${of.code} is not that of this receipt.`);
    if (!keys) say('log', 'open', `Whether ${of.log} is the site\u2019s log is not shown: ${NOKEYS}`);
    else judge('log', of.log === keys.log.name, `The log it names is the site\u2019s: ${of.log}.`, `It names the log ${of.log}; the keys are those of ${keys.log.name}.`);
    if (of.proof === null) {
      say('place', 'open', 'The log has not placed it yet. Fetch the receipt again in a while: it will hold its place.');
      say('checkpoint', 'open', 'So there is no signed state of the log in it.');
      return;
    }
    let proof;
    try { proof = readProof(of.proof); } catch (error) {
      say('place', 'fails', `The proof of its place cannot be read: ${error.message}.`);
      say('checkpoint', 'fails', 'So there is no signed state of the log in it.');
      return;
    }
    const entry = join([1], await digest('bandeau commitment v1', salt, record));
    const { size } = proof.head, state = `${size} ${size === 1n ? 'entry' : 'entries'}`;
    report.log = { index: proof.index, size, root: hex(proof.head.root) };
    judge('place', await included(entry, proof), `It is entry ${proof.index}, counted from 0, of a log of ${state}.`,
      `It is not entry ${proof.index} of that log of ${state}: the proof does not lead from this record to the log\u2019s root.`);
    if (!keys) say('checkpoint', 'open', `Whether the log signed this state of ${state} is not shown: ${NOKEYS}`);
    else judge('checkpoint', await opened(proof, keys.log), `The log signed this state of ${state}.`, `The site\u2019s log did not sign this state of ${state}.`);
  };

  /* Words. */

  const WHEN = (at) => {
    const date = new Date(at);
    return Number.isNaN(date.getTime()) ? `${at} ms after 1970` : `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
  };
  const SPAN = (seconds) => {
    const [size, name] = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']].find(([size]) => seconds % size === 0);
    return `${seconds / size} ${name}${seconds / size === 1 ? '' : 's'}`;
  };
  const known = (table, value) => (Object.hasOwn(table, value) ? table[value] : value);
  const EVENT = {
    given: 'Something was allowed that was not allowed before.',
    refused: 'Everything was refused.',
    withdrawn: 'Something that had been allowed was taken back.',
    renewed: 'The same answer was given again.',
    expired: 'What had been allowed ran out.',
  };
  const SOURCE = {
    banner: 'in the question on the page',
    settings: 'in the settings',
    embed: 'in the place of something held',
    signal: 'by a signal of the browser',
    withdrawal: 'by taking everything back',
    receipt: 'with an earlier receipt, by taking everything back',
    expiry: 'by nobody: its time was over',
  };
  const from = (source) => {
    const [, once, service] = /^(once|once-gpc):(.+)$/s.exec(source) || [];
    const plain = source.replace(/-gpc$/, ''), despite = once ? once.endsWith('-gpc') : plain !== source;
    const where = once ? `to show ${service} this once` : known(SOURCE, plain);
    return where + (despite ? ', although the browser sent Global Privacy Control, as the visitor had been told' : '');
  };
  const named = (of, answer) => of.choices.filter(([, given]) => given === answer).map(([purpose]) => purpose).join(', ') || 'nothing';
  const rows = ({ of, second, log }) => [
    ['When', `${WHEN(of.at)}, by the site\u2019s clock`],
    ['What', known(EVENT, of.event)],
    ['Allowed', named(of, 'grant')],
    ['Refused', named(of, 'refuse')],
    ['Given', from(of.source)],
    ['Question', [`in the language \u201c${of.language}\u201d, with the digest `, of.notice]],
    ['Stands for', SPAN(of.keep)],
    ['Rules', ['the policy with the digest ', of.policy]],
    ['Record', [of.id]],
    ['Visitor', ['the random number ', of.pseudonym]],
    ['Follows', of.previous ? [of.previous] : 'no earlier record of this visitor'],
    ...(second ? [['Short code', [of.code]], ['Log', [of.log]]] : []),
    ...(log ? [['State of the log', [`${log.size} ${log.size === 1n ? 'entry' : 'entries'}, with the root `, log.root]]] : []),
  ];
  const VERDICT = {
    holds: ['Everything holds', 'It is exactly what was signed with the site\u2019s keys.'],
    fails: ['Something does not hold', 'Do not rely on this receipt as it stands. What is wrong is said below.'],
    open: ['Not everything can be decided', 'Nothing speaks against it, but something is missing. It is said below.'],
    unread: ['This cannot be read', ''],
  };
  const shows = ({ second }) => [
    'Whoever holds the site\u2019s key attested that exactly this answer was given and kept, after the record named as the one before it.',
    ...(second ? ['It stands in the site\u2019s log. Taking it out, or putting another in its place, would show to whoever compares two signed states of the log.'] : []),
  ];
  const hides = ({ second, of }) => [
    'Who the visitor is. There is no name, address or browser in a receipt.',
    'That the time is right: it is the site\u2019s own.',
    'What the question said. Its words are needed for that; their digest tells whether they are the right ones.',
    'That the answer still stands: a later one may have changed it.',
    'That the keys are the site\u2019s: that depends on where you have them from.',
    ...(second ? [] : ['That it stands in the log: receipts of the first version are signed, and in no log.']),
    ...(of.source.startsWith('once') ? ['A lasting choice: it was for this once.'] : []),
  ];

  /* The page. */

  const by = (id) => document.getElementById(id);
  const make = (name, properties, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const SIGN = {
    holds: 'M4 12.5l5.5 5.5L20 6.5',
    fails: 'M6 6l12 12M18 6L6 18',
    open: 'M8.5 9.5a3.5 3.5 0 1 1 5.2 3c-1.1.6-1.7 1.2-1.7 2.5M12 18.5v.1',
    unread: 'M12 5v9M12 18.5v.1',
  };
  const sign = (finding) => {
    const draw = (name, attributes) => {
      const element = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      return element;
    };
    const svg = draw('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
    svg.append(draw('path', { d: SIGN[finding] }));
    return svg;
  };
  const SAID = { holds: 'Holds', fails: 'Does not hold', open: 'Open' };
  const list = (texts) => make('ul', { className: 'plain' }, ...texts.map((text) => make('li', {}, text)));
  const head = (verdict, says) => {
    const [title, text] = VERDICT[verdict];
    return make('div', { className: `verdict ${verdict}` }, sign(verdict), make('div', {}, make('h2', { tabIndex: -1 }, title), make('p', {}, says || text)));
  };
  const value = (said) => (typeof said === 'string' ? [said] : said.map((part, at) => (at === said.length - 1 ? make('code', {}, part) : part)));
  const body = (report) => {
    const recorded = [
      make('h3', {}, report.verdict === 'fails' ? 'What it says, true or not' : 'What it says'),
      make('dl', {}, ...rows(report).flatMap(([term, said]) => [make('dt', {}, term), make('dd', {}, ...value(said))])),
    ];
    const checked = [
      make('h3', {}, 'What was checked'),
      make('ul', { className: 'checks' }, ...report.checks.map(({ what, finding, text }) => {
        const item = make('li', { className: finding }, sign(finding), make('span', {}, make('b', {}, SAID[finding]), ' ', text));
        Object.assign(item.dataset, { check: what, finding });
        return item;
      })),
    ];
    // What is wrong comes before what it then says for nothing.
    if (report.verdict !== 'holds') return [...checked, ...recorded];
    return [...recorded, ...checked, make('h3', {}, 'What this shows'), list(shows(report)), make('h3', {}, 'What it does not show'), list(hides(report))];
  };
  const judged = async (source, keys) => {
    try { return await check(source, keys); } catch (error) {
      if (!(error instanceof Unread)) throw error;
      return { verdict: 'unread', why: `It is no receipt: ${error.message}.` };
    }
  };

  const MOST = 50;
  // An export: one receipt a line. What does not hold comes first, and the first few of the rest.
  const many = async (lines, keys, going) => {
    const tally = { holds: 0, fails: 0, open: 0, unread: 0 }, found = [];
    for (const [at, line] of lines.entries()) {
      if (at % 100 === 99) {
        by('said').textContent = `Checked ${at + 1} of ${lines.length}.`;
        await new Promise((done) => setTimeout(done));
        if (!going()) return null;
      }
      const report = await judged(line, keys);
      tally[report.verdict] += 1;
      found.push({ at, verdict: report.verdict, line });
    }
    const order = ['fails', 'unread', 'open', 'holds'];
    const verdict = ['fails', 'unread', 'open'].find((one) => tally[one]) || 'holds';
    const said = Object.entries({ holds: 'hold', fails: 'do not hold', open: 'cannot be decided', unread: 'cannot be read' })
      .filter(([key]) => tally[key]).map(([key, text]) => `${tally[key]} ${text}`).join(', ');
    const shown = found.sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict) || a.at - b.at).slice(0, MOST);
    const items = await Promise.all(shown.map(async ({ at, line }) => {
      const report = await judged(line, keys);
      const title = `Line ${at + 1}: ${VERDICT[report.verdict][0].toLowerCase()}`;
      return make('details', { className: 'one' }, make('summary', {}, title), ...(report.of ? body(report) : [make('p', {}, report.why)]));
    }));
    const rest = lines.length - shown.length;
    return { verdict, nodes: [head(verdict, `Of ${lines.length} receipts ${said}.`), ...items, ...(rest ? [make('p', { className: 'quiet' }, `${rest} more hold or are like these; the command names every one.`)] : [])] };
  };
  const one = async (source, keys) => {
    const report = await judged(source, keys);
    return { verdict: report.verdict, nodes: [head(report.verdict, report.why), ...(report.of ? body(report) : [])] };
  };

  const state = { receipt: '', fetched: null, turn: 0 };
  const run = async () => {
    const turn = ++state.turn, going = () => turn === state.turn;
    const result = by('result'), pasted = by('paste-keys').value.trim();
    delete result.dataset.verdict;
    let keys = null, fault = '';
    try { keys = pasted ? await readKeys(pasted) : state.fetched && await readKeys(state.fetched); } catch (error) { fault = error.message; }
    if (!going()) return;
    tell(pasted, keys, fault);
    const source = (by('paste').value || state.receipt).replace(/^\ufeff/, '').trim();
    if (!source) { result.replaceChildren(); result.hidden = true; by('said').textContent = ''; return; }
    const lines = source.split('\n').filter((line) => line.trim());
    const all = lines.length > 1 && parses(lines[0]);
    const found = await (all ? many(lines, keys, going) : one(source, keys));
    if (!found || !going()) return;
    result.replaceChildren(...found.nodes);
    result.hidden = false;
    result.dataset.verdict = found.verdict;
    by('said').textContent = VERDICT[found.verdict][0];
  };
  const parses = (line) => { try { JSON.parse(line); return true; } catch { return false; } };

  const WHERE = 'log/keys';
  const tell = (pasted, keys, fault) => {
    const place = by('keys');
    place.className = keys ? 'good' : 'poor';
    if (keys) place.replaceChildren(`${pasted ? 'Pasted below' : 'Published by this site'}, for the log `, make('code', {}, keys.log.name), '.');
    else if (fault) place.replaceChildren(`${pasted ? 'What was pasted is' : 'What this site publishes is'} not a file of keys: ${fault}.`);
    else place.replaceChildren('This page could not read the site\u2019s keys. Paste them below to decide whose receipt it is.');
  };
  const fetched = async () => {
    if (!/^https?:$/.test(location.protocol)) return;
    try {
      const answer = await fetch(WHERE, { credentials: 'omit', cache: 'no-store', redirect: 'error' });
      if (answer.ok) state.fetched = (await answer.text()).slice(0, 1 << 16);
    } catch { /* It is said that there are none. */ }
  };
  const take = async (file) => {
    if (!file) return;
    by('paste').value = '';
    by('name').textContent = file.name;
    state.receipt = file.size > 1 << 26 ? '' : await file.text();
    await run();
    const title = by('result').querySelector('h2');
    if (title) title.focus();
    if (file.size > 1 << 26) by('said').textContent = 'This file is too large for this page; use the command.';
  };
  const start = async () => {
    const command = by('command');
    if (location.host) command.textContent = command.textContent.replace('SITE', location.host);
    if (location.host) by('site').textContent = location.host;
    if (!await able()) { by('unable').hidden = false; by('given').hidden = true; return; }
    by('file').addEventListener('change', (event) => take(event.target.files[0]));
    for (const id of ['paste', 'paste-keys']) by(id).addEventListener('input', run);
    const drop = by('drop'), over = (on) => drop.classList.toggle('over', on);
    // Anywhere on the page, so that a file that misses the frame is not opened instead.
    addEventListener('dragover', (event) => { event.preventDefault(); over(true); });
    addEventListener('dragleave', (event) => { if (!event.relatedTarget) over(false); });
    addEventListener('drop', (event) => { event.preventDefault(); over(false); take(event.dataTransfer.files[0]); });
    await fetched();
    await run();
    by('given').dataset.ready = '';
  };
  start();
})();
