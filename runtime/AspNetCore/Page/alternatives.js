// The card beside a token: how probable it was, and what else.

const card = document.getElementById('alternatives-card');
let shown = null;
let leaving = 0;

const percent = logprob => {
  const share = 100 * Math.exp(logprob);
  return `${share >= 99.95 ? '100' : share >= 10 ? share.toFixed(1) : share >= 0.01 ? share.toPrecision(2) : '< 0.01'} %`;
};

/** A token's text so that spaces and line breaks are seen. */
const visible = text => text.replaceAll(' ', '␣').replaceAll('\n', '↵').replaceAll('\t', '⇥').replace(/^$/, '∅');

/** What the card says, for whoever does not see it. */
export const describe = tokens => tokens.map(({ text, logprob, top }) => {
  const others = top.filter(other => other.text !== text).map(other => `${visible(other.text)} ${percent(other.logprob)}`);
  return logprob === null
    ? `${visible(text)}: the first token has no probability.`
    : `${visible(text)}, ${percent(logprob)}.${others.length ? ` Instead: ${others.join(', ')}.` : ''}`;
}).join(' ');

function element(name, className, text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function row(token, isChosen) {
  const line = element('div', isChosen ? 'alternative chosen' : 'alternative');
  const bar = element('i', '');
  bar.style.setProperty('--share', Math.exp(token.logprob));
  line.append(element('code', '', visible(token.text)), bar, element('span', '', percent(token.logprob)));
  return line;
}

function fill(token) {
  const { text, logprob, top } = token;
  if (logprob === null) return [element('p', 'rest', `${visible(text)}: nothing stands before it`)];
  const rows = top.map(other => row(other, other.text === text));
  if (!top.some(other => other.text === text)) rows.push(row(token, true));
  const rest = 1 - [...top.filter(other => other.text !== text), token].reduce((sum, other) => sum + Math.exp(other.logprob), 0);
  if (rest > 1e-4) rows.push(element('p', 'rest', `all others ${percent(Math.log(rest))}`));
  return rows;
}

/** Shows the card of an element that stands for tokens. */
export function show(anchor, tokens) {
  clearTimeout(leaving);
  if (shown !== anchor) card.replaceChildren(...tokens.flatMap(fill));
  shown = anchor;
  card.hidden = false;
  const [first] = anchor.getClientRects();
  if (!first) return hide();
  const { width, height } = card.getBoundingClientRect();
  const gap = 6;
  const above = first.bottom + gap + height > innerHeight && first.top - gap - height > 0;
  card.style.left = `${Math.max(gap, Math.min(first.left, innerWidth - width - gap))}px`;
  card.style.top = `${above ? first.top - gap - height : first.bottom + gap}px`;
}

/** Takes it away. */
export function hide() {
  clearTimeout(leaving);
  card.hidden = true;
  shown = null;
}

/** Takes it away soon, unless the pointer goes there. */
export function leave() {
  clearTimeout(leaving);
  leaving = setTimeout(hide, 150);
}

card.addEventListener('pointerenter', () => clearTimeout(leaving));
card.addEventListener('pointerleave', leave);
addEventListener('scroll', hide, true);
addEventListener('resize', hide);
addEventListener('keydown', event => { if (event.key === 'Escape') hide(); });
