// The page: what is typed becomes a request, and its answer a text.
import { describeModel, useKey, write } from './api.js';
import { Chat } from './chat.js';
import { Completion } from './completion.js';
import * as options from './options.js';

const field = id => document.getElementById(id);
const [prompt, send, problem, status] = ['prompt', 'send', 'problem', 'status'].map(field);
const modes = { chat: new Chat(field('chat'), tell), completion: new Completion(field('completion'), tell) };
let mode = modes.chat;
let running = null;

/** Says something to whoever does not see the page. */
function tell(text) {
  status.textContent = text;
}

function fail(error) {
  problem.textContent = error.message;
  problem.hidden = false;
  if (error.status === 401) {
    field('key-form').hidden = false;
    field('key').focus();
  }
}

function forgive() {
  problem.hidden = true;
  problem.textContent = '';
}

async function introduce() {
  try {
    const { name, context } = await describeModel();
    field('model').textContent = name;
    field('about').textContent = `context of ${context.toLocaleString('en')} tokens`;
    document.title = `${name} – GptGen playground`;
    options.fit(context);
    field('key-form').hidden = true;
    forgive();
    field('options-form').reset();
  } catch (error) {
    fail(error);
  }
}

function choose(name) {
  mode = modes[name];
  document.body.dataset.mode = name;
  for (const [other, { element }] of Object.entries(modes)) element.hidden = other !== name;
  field('prompt-label').textContent = mode.asks;
  prompt.placeholder = mode.asks;
  prompt.value = mode.draft;
  field('clear').textContent = mode.clears;
  field('hint').textContent = mode.hint;
  grow();
}

/** The field is as high as its text, up to what the style allows. */
function grow() {
  prompt.style.height = 'auto';
  prompt.style.height = `${prompt.scrollHeight + 2}px`;
}

function setRunning(controller) {
  running = controller;
  send.textContent = controller ? 'Stop' : 'Send';
  send.classList.toggle('stop', !!controller);
  for (const radio of document.querySelectorAll('[name=mode]')) radio.disabled = !!controller;
  field('clear').disabled = !!controller;
}

async function start() {
  // What is wrong among the options must be seen.
  if (!field('options-form').checkValidity()) showOptions(true);
  if (!options.areValid() || !prompt.reportValidity()) return;
  forgive();
  const here = mode;
  setRunning(new AbortController());
  tell('The model writes.');
  const entry = here.begin(prompt.value);
  prompt.value = here.draft;
  grow();
  // A fast model writes more pieces than a screen has frames, and the page must still hear its reader: it draws at most half of the time.
  const pieces = [];
  let [timer, rest] = [0, 0];
  const draw = () => {
    timer = 0;
    const begun = performance.now();
    entry.follow(() => {
      for (const piece of pieces.splice(0)) here.add(entry, piece);
      if (!entry.isEmpty) entry.show();
    });
    rest = Math.max(16, performance.now() - begun);
  };
  let failure = null;
  try {
    await here.prepare?.(entry);
    for await (const piece of write(here.path, { ...options.read(), ...entry.request }, running.signal)) {
      pieces.push(piece);
      timer ||= setTimeout(draw, rest);
    }
  } catch (error) {
    failure = error;
  }
  clearTimeout(timer);
  draw();
  if (failure && entry.isEmpty) {
    // Nothing that was typed is lost.
    here.takeBack(entry);
    prompt.value = here.draft;
    grow();
  } else {
    here.end(entry, failure);
  }
  if (failure && failure.name !== 'AbortError') fail(failure);
  setRunning(null);
  tell(entry.summary);
}

function showOptions(areShown) {
  document.body.classList.toggle('with-options', areShown);
  field('show-options').setAttribute('aria-expanded', areShown);
}

field('composer').addEventListener('submit', event => {
  event.preventDefault();
  if (running) running.abort();
  else start();
});
prompt.addEventListener('input', () => { mode.draft = prompt.value; grow(); });
prompt.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.isComposing || !mode.isSentBy(event)) return;
  event.preventDefault();
  if (!running) start();
});
addEventListener('keydown', event => { if (event.key === 'Escape') running?.abort(); });
for (const radio of document.querySelectorAll('[name=mode]')) radio.addEventListener('change', () => choose(radio.value));
field('clear').addEventListener('click', () => { mode.clear(); forgive(); prompt.focus(); });
field('show-options').addEventListener('click', () => showOptions(!document.body.classList.contains('with-options')));
field('key-form').addEventListener('submit', event => {
  event.preventDefault();
  useKey(field('key').value);
  introduce().then(() => prompt.focus());
});
for (const { element } of Object.values(modes)) {
  element.addEventListener('goon', event => {
    prompt.value = mode.draft = event.detail;
    grow();
    prompt.focus();
  });
}

options.begin();
// A browser that goes back keeps the choice, but tells nobody.
choose(document.querySelector('[name=mode]:checked').value);
prompt.focus();
introduce();
