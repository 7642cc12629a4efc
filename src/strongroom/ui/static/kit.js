// What HTML cannot do, and nothing a page needs in order to work: swapping regions without a full
// load, reading charts by pointer and keys, streaming answers, single-key shortcuts, small openers,
// bringing back what was typed when the session had ended.
const kit = window.trustedTypes?.createPolicy('kit', { createHTML: (html) => html }) ?? { createHTML: (html) => html };
const $ = (id) => document.getElementById(id);
// What is outside an open drawer is not read out: it has a place of its own for what is told.
const say = (text) => {
  const place = text && (side?.open ? side.querySelector('[role="status"]') : $('status'));
  if (place) place.textContent = '', setTimeout(() => { place.textContent = text; }, 60);
};
const toasts = () => document.querySelector(side?.open ? '#beside > .toasts' : 'body > .toasts');
const fail = (text = document.body.dataset.failed) => {
  const toast = document.createElement('div');
  toast.className = 'toast';
  toast.append(text);
  toasts()?.append(toast);
  say(text);
};
const lang = document.documentElement.lang;

// ---- 1. Region swap: fetch the same address, replace only the named ids.
let asked, underway = 0;
const announced = (names) => names.map((id) => $(id)?.dataset.announce ?? $(id)?.querySelector('[data-announce]')?.dataset.announce).find(Boolean);
async function swap(url, ids, history_, quiet) {
  asked?.abort();
  const mine = (asked = new AbortController());
  const names = ids.split(' '), told = announced(names);
  if (!quiet) names.forEach((id) => $(id)?.setAttribute('aria-busy', 'true'));
  underway++;
  try {
    const answer = await fetch(url, { headers: { 'X-Swap': ids }, signal: mine.signal });
    const page = new DOMParser().parseFromString(kit.createHTML(await answer.text()), 'text/html');
    // Another page (signed out, an error) or a region that is gone: load it whole.
    if (!answer.ok || names.some((id) => !page.getElementById(id) || !$(id))) return location.assign(url);
    if (history_) history[history_ + 'State'](null, '', answer.url), shown = here();
    // Rows that were chosen stay so, where they still are.
    const chosen = names.flatMap((id) => [...$(id).querySelectorAll('[data-row] input:checked')].map((box) => box.id));
    const focus = document.activeElement?.id, caret = document.activeElement?.selectionStart;
    document.title = page.title;
    for (const id of names) {
      const fresh = document.adoptNode(page.getElementById(id));
      const typed = focus && $(id).contains($(focus)) && $(focus).value;
      $(id).replaceWith(fresh);
      if (typeof typed === 'string' && $(focus)) $(focus).value = typed;
      ready(fresh);
    }
    chosen.map($).filter(Boolean).forEach((box) => { box.checked = true; });
    if (focus && document.activeElement?.id !== focus) $(focus)?.focus({ preventScroll: true });
    if (caret != null) try { $(focus).setSelectionRange(caret, caret); } catch { /* not a text field */ }
    if (!quiet || announced(names) !== told) say(announced(names));
  } catch (problem) {
    if (quiet) return poll(names.map($).filter(Boolean));
    if (problem.name === 'AbortError') return;
    names.forEach((id) => $(id)?.removeAttribute('aria-busy'));
    fail();
  } finally {
    underway--;
  }
}
// A region that looks again by itself, every so many seconds, while somebody can see it.
const poll = (regions) => regions.forEach((region) => setTimeout(() => {
  if (!region.isConnected) return;
  document.hidden || underway ? poll([region]) : swap(location.href, region.id, '', true);
}, region.dataset.poll * 1000));
const formUrl = (form) => {
  const url = new URL(form.action);
  url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ''));
  return url;
};
const here = () => location.pathname + location.search;
let shown = here();
addEventListener('popstate', () => {
  if (shown === here()) return; // only the fragment changed
  if (side?.open && !left()) return history.forward();
  if (side?.open) side.close();
  const ids = new Set([...document.querySelectorAll('[data-swap]')].flatMap((node) => node.dataset.swap.split(' ')));
  shown = here();
  ids.size ? swap(location.href, [...ids].join(' ')) : location.reload();
});

// ---- 2. Chart read-out: the headline changes instead of a floating box.
function chart(box) {
  const plot = box.querySelector('.plot'), cursor = box.querySelector('.cursor');
  const data = JSON.parse(box.querySelector('script[type="application/json"]').textContent);
  const { days, labels, at, y, series, before, after, hidden } = data, count = (days ?? labels).length;
  if (!count) return;
  const span = days && (days[count - 1] - days[0] || 1);
  const place = (n) => (days ? (count > 1 ? (days[n] - days[0]) / span : 1) : at[n] / 10000);
  const whole = new Intl.NumberFormat(lang, { maximumFractionDigits: 0, useGrouping: 'always' });
  const date = new Intl.DateTimeFormat(lang, { dateStyle: 'medium', timeZone: 'UTC' });
  const digits = ([y, m, d]) => document.body.dataset.dates.replace('yyyy', y).replace('MM', m).replace('dd', d);
  const dated = (at) => (document.body.dataset.dates ? digits(new Date(at).toISOString().slice(0, 10).split('-')) : date.format(at));
  const label = (n) => (days ? dated(days[n] * 864e5) : labels[n]);
  const text = (s, n) => {
    if (hidden) return '•••••';
    const value = series[s]?.values[n];
    return value == null ? '–' : (value < 0 ? '−' : '') + before + whole.format(Math.abs(value)) + after;
  };
  const outlets = [...(box.closest('.card') ?? box).querySelectorAll('[data-read]')].map((node) => [node, [...node.childNodes], node.dataset.read]);
  let now = count - 1;
  const show = (n) => {
    now = Math.max(0, Math.min(count - 1, n));
    cursor.setAttribute('x', `${(place(now) * 100).toFixed(2)}%`);
    cursor.classList.add('on');
    cursor.querySelector('circle')?.setAttribute('cy', y?.[now] ?? -99); // a missing day has no dot
    for (const [node, , what] of outlets) node.textContent = what === 'label' ? label(now) : text(what === 'value' ? 0 : Number(what), now);
    plot.setAttribute('aria-valuenow', now);
    plot.setAttribute('aria-valuetext', `${label(now)}: ${series.map((one, s) => (series.length > 1 ? `${one.name} ` : '') + text(s, now)).join(', ')}`);
  };
  const rest = () => {
    if (document.activeElement === plot) return;
    cursor.classList.remove('on');
    for (const [node, children] of outlets) node.replaceChildren(...children);
    now = count - 1;
  };
  const point = (event) => {
    const area = plot.getBoundingClientRect(), x = (event.clientX - area.left) / area.width;
    let best = 0;
    for (let n = 1; n < count; n++) if (Math.abs(place(n) - x) < Math.abs(place(best) - x)) best = n;
    show(best);
  };
  const far = Math.max(1, Math.round(count / 12));
  const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -far, PageUp: far, Home: -Infinity, End: Infinity };
  for (const [name, value] of Object.entries({ tabindex: 0, role: 'slider', 'aria-label': plot.dataset.label, 'aria-valuemin': 0, 'aria-valuemax': count - 1, 'aria-valuenow': now, 'aria-valuetext': `${label(now)}: ${text(0, now)}` })) plot.setAttribute(name, value);
  plot.addEventListener('pointermove', point);
  plot.addEventListener('pointerdown', point);
  plot.addEventListener('pointerleave', rest);
  plot.addEventListener('focus', () => show(now));
  plot.addEventListener('blur', rest);
  plot.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') plot.blur();
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    show(now + moves[event.key]);
  });
}

// ---- 3. Streamed answers: a POST answered by server-sent events token, card, done, error.
async function stream(form) {
  const out = $(form.dataset.stream), stop = form.querySelector('[data-stop]'), cut = new AbortController();
  const body = new URLSearchParams(new FormData(form));
  const answer = document.createElement('div');
  answer.className = 'answer';
  out.append(answer);
  out.setAttribute('aria-busy', 'true');
  form.reset();
  if (stop) stop.hidden = false, stop.onclick = () => cut.abort();
  const take = { token: (t) => answer.append(t), error: (t) => { answer.append(t); say(t); }, done: () => say(answer.textContent),
    card: (html) => answer.append(...new DOMParser().parseFromString(kit.createHTML(html), 'text/html').body.childNodes) };
  try {
    const reply = await fetch(form.action, { method: 'POST', body, headers: { Accept: 'text/event-stream' }, signal: cut.signal });
    if (!reply.ok) throw new Error(String(reply.status));
    const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const events = (rest + part.value).split('\n\n');
      rest = events.pop();
      for (const event of events) {
        const lines = event.split('\n'), kind = lines.find((line) => line.startsWith('event:'))?.slice(6).trim();
        take[kind]?.(lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).replace(/^ /, '')).join('\n'));
      }
    }
  } catch (problem) {
    if (problem.name !== 'AbortError') fail();
  } finally {
    out.removeAttribute('aria-busy');
    if (stop) stop.hidden = true;
  }
}

// ---- 4. A row beside its list: where there is room its page opens in a drawer, at its own address.
const side = $('beside'), roomy = matchMedia('(min-width: 66em)');
const unsaved = new Set(); // the ids of its fields that somebody changed
let list, turn = 0; // the turn: only what was asked for last is shown
const left = () => {
  if (unsaved.size && !confirm(side.querySelector('.beside').dataset.unsaved)) return false;
  unsaved.clear();
  return true;
};
const read = async (answer) => new DOMParser().parseFromString(kit.createHTML(await answer.text()), 'text/html');
const fill = (page) => {
  const fresh = page.getElementById('details'), told = page.querySelector('.toasts');
  if (!fresh) return false;
  // What is typed in other forms stays, beside what stood there when it was typed.
  const kept = [...unsaved].flatMap((id) => [$(id), $(`${id}-was`)]).filter(Boolean);
  $('beside-title').textContent = page.querySelector('h1').textContent;
  side.querySelector('.beside').replaceChildren(document.adoptNode(fresh));
  kept.forEach((field) => ($(field.id) ? $(field.id).replaceWith(field) : unsaved.delete(field.id)));
  say(told?.textContent.trim());
  side.querySelector('.toasts').replaceChildren(...(told?.childNodes ?? []));
  ready(side);
  return true;
};
async function beside(link) {
  const mine = ++turn;
  const page = await fetch(link.href, { headers: { 'X-Swap': 'details' } }).then((answer) => answer.ok && read(answer)).catch(() => null);
  if (turn !== mine) return;
  if (!page || !fill(page)) return location.assign(link.href);
  link.focus(); // where the focus goes back to
  list = here();
  history.pushState(null, '', link.href), shown = here();
  side.showModal();
  if (link.hash) side.querySelector(link.hash)?.focus();
}
side?.addEventListener('input', (event) => unsaved.add(event.target.id));
side?.addEventListener('cancel', (event) => { if (event.target === side && !left()) event.preventDefault(); });
side?.addEventListener('close', () => {
  if (!left()) return side.showModal(); // a second Escape asks no leave
  turn++;
  side.querySelector('.beside').replaceChildren();
  if (here() !== list) history.back(); // the list is read anew: the row may be another by now
});
// Its forms leave the drawer open, one at a time. What answers with another page leads there.
async function stay(form, by) {
  const box = side.querySelector('.beside'), body = new FormData(form, by), focus = document.activeElement?.id, mine = turn;
  if (box.ariaBusy) return;
  const sent = [...unsaved].filter((id) => $(id)?.form === form);
  let done = false;
  sent.forEach((id) => unsaved.delete(id));
  box.ariaBusy = 'true';
  try {
    const answer = await fetch(form.getAttribute('action'), { method: 'POST', headers: { Accept: 'text/html' }, body: form.enctype.startsWith('multipart') ? body : new URLSearchParams(body) });
    const page = await read(answer);
    done = answer.ok;
    if (turn !== mine) return done || fail(); // closed by now
    if (fill(page)) return ((focus && $(focus)) || $('beside-title')).focus();
    if (done) return location.assign(answer.url);
    fail(page.querySelector('main h1 + p')?.textContent); // and never sent again: it may have been done
  } catch {
    fail();
  } finally {
    if (!done && turn === mine) sent.forEach((id) => unsaved.add(id));
    box.ariaBusy = null;
  }
}

// ---- 5. Keys: off when the person says so (WCAG 2.1.4).
let going = 0;
const step = (by) => {
  const rows = [...document.querySelectorAll('[data-row]')], now = rows.findIndex((row) => row.contains(document.activeElement));
  const next = rows[now < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, now + by))];
  next?.querySelector('a[href], button, input')?.focus();
};
addEventListener('keydown', (event) => {
  const on = document.activeElement;
  if (document.body.dataset.shortcuts !== 'on' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (on?.matches('input:not([type="checkbox"]), select, textarea, [contenteditable]') || document.querySelector('dialog[open]')) return;
  const row = on?.closest('[data-row]'), after = going > Date.now() - 1500;
  going = 0;
  const act = after ? () => document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click() : {
    '/': () => document.querySelector('[data-search]')?.focus(), '?': () => $('shortcuts')?.showModal(),
    g: () => { going = Date.now(); }, j: () => step(1), k: () => step(-1),
    x: () => row?.querySelector('input[type="checkbox"]')?.click(),
    c: () => row?.querySelector('[data-key="c"]')?.click(), e: () => row?.querySelector('[data-key="e"]')?.click(),
  }[event.key];
  if (act) event.preventDefault(), act();
});

// Enter on a row's box opens the row: a form that changes the chosen ones is sent by its own buttons.
addEventListener('keydown', (event) => {
  const row = event.key === 'Enter' && event.target.matches?.('[type="checkbox"]') && event.target.closest('[data-row]');
  const link = row && row.querySelector('a[href]');
  if (link) event.preventDefault(), link.click();
});

// Enter in a field that has a button of its own presses that one.
addEventListener('keydown', (event) => {
  const own = event.key === 'Enter' && !event.isComposing && $(event.target.dataset?.enter);
  if (own) event.preventDefault(), own.click();
});

// ---- 6. Small openers, and the wiring of all of the above.
addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const row = side && !event.target.closest('a, button, input, select, label') && !String(getSelection()) && event.target.closest('[data-row]');
  const link = event.target.closest('a[data-swap], a[data-beside], [data-open], [data-reveal]') ?? (row && row.querySelector('a[data-beside]'));
  if (!link) return;
  const { swap: ids, open, reveal, beside: own } = link.dataset;
  if (own != null) {
    if (side && roomy.matches) event.preventDefault(), beside(link);
  } else if (reveal) {
    const shown = $(reveal).type === 'text';
    $(reveal).type = shown ? 'password' : 'text';
    link.setAttribute('aria-pressed', String(!shown));
  } else if (open ? $(open) : ids) {
    event.preventDefault();
    open ? $(open).showModal() : swap(link.href, ids, 'push');
  }
});
// A slider and the number field beside it say the same; only the field has a name.
const fewest = new Intl.NumberFormat(lang, { useGrouping: false, maximumFractionDigits: 2 });
const plain = (text) => Number(text.replace(/[\s']/g, '').replace(/[.,](?=\d{3}(\D|$))/g, '').replace(',', '.'));
addEventListener('input', (event) => {
  const { mirror } = event.target.dataset, other = mirror && $(mirror);
  if (!other) return;
  if (event.target.type === 'range') other.value = fewest.format(event.target.value);
  else if (Number.isFinite(plain(event.target.value))) other.value = plain(event.target.value);
});
let typing;
addEventListener('submit', (event) => {
  const form = event.target, { swap: ids, stream: out } = form.dataset;
  if (form.getAttribute('method') === 'post' && !out) keep(form);
  if (side?.open && form.method === 'dialog' && !left()) return event.preventDefault();
  if (side?.open && 'stay' in form.dataset) return event.preventDefault(), stay(form, event.submitter);
  if ((!ids || form.method !== 'get') && !out) return;
  event.preventDefault();
  clearTimeout(typing);
  out ? stream(form) : swap(formUrl(form), ids, 'push');
});
addEventListener('input', (event) => {
  const form = event.target.form;
  if (!form?.dataset.swap || !('live' in form.dataset)) return;
  clearTimeout(typing);
  typing = setTimeout(() => swap(formUrl(form), form.dataset.swap, 'replace'), event.target.matches('select, [type="checkbox"]') ? 0 : Number(form.dataset.live) || 250);
});

// ---- 7. What was typed when the session had ended: this tab keeps it until the same person has
// signed in and sees the same form. Any other page that is loaded forgets it.
const signingIn = () => document.querySelector('form[action="/login"]');
const who = () => document.querySelector('.person')?.textContent;
const typedIn = (form) => [...form.elements].filter((one) => one.name && one.matches('textarea, select:not([multiple]), input:not([type="hidden"], [type="file"])'));
const boxed = (one) => ['checkbox', 'radio'].includes(one.type);
const shape = (form) => JSON.stringify(typedIn(form).map((one) => [one.name, one.type, boxed(one) && one.value]));
function keep(form) {
  if (signingIn()) return;
  sessionStorage.removeItem('kept');
  // No secret, and nothing that would be laid over what was changed elsewhere meanwhile.
  if (form.matches('[data-stay]') || form.querySelector('[type="password"], [data-reveal]')) return;
  const values = typedIn(form).map((one) => (boxed(one) ? one.checked : one.value));
  sessionStorage.setItem('kept', JSON.stringify({ page: here(), who: who(), action: form.getAttribute('action'), shape: shape(form), values }));
}
function bringBack() {
  const kept = JSON.parse(sessionStorage.getItem('kept'));
  sessionStorage.removeItem('kept');
  if (!kept) return;
  if (signingIn() && new URLSearchParams(location.search).has('ended')) kept.ended = true;
  if (!kept.ended) return;
  if (signingIn()) return sessionStorage.setItem('kept', JSON.stringify(kept));
  const form = kept.page === here() && kept.who === who() && [...document.forms].find((one) => one.getAttribute('action') === kept.action && shape(one) === kept.shape);
  if (form) typedIn(form).forEach((one, n) => { one[boxed(one) ? 'checked' : 'value'] = kept.values[n]; one.dispatchEvent(new Event('input', { bubbles: true })); });
}

function ready(root) {
  (root.matches?.('.chartbox') ? [root] : root.querySelectorAll('.chartbox')).forEach(chart);
  poll([root, ...root.querySelectorAll('[data-poll]')].filter((node) => node.dataset?.poll));
  root.querySelectorAll('[data-reveal], [type="range"]').forEach((control) => { control.hidden = false; });
}
ready(document);
say(toasts()?.textContent.trim());
bringBack();
