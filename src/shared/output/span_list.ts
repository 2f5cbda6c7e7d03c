/** Spans as they are found: what looks alike and stands together is one. */
import { PLAIN, type Style } from './style.ts';
import { visibleControl } from './visible_control.ts';

export interface Span {
  text: string;
  style: Style;
  /** Where it leads; an address that `safeHref` gave. */
  href?: string;
  /** `text` stands for a sequence or a control character, and is no part of the output's text. */
  kind?: 'control';
}

export class SpanList {
  style: Style;
  #href: string | null = null;
  #text = '';
  /** Whether `#text` is of kind control. */
  #control = false;
  readonly #spans: Span[] = [];
  readonly #raw: string;
  readonly #controls: boolean;

  /** @param controls whether to keep what is no text. */
  constructor(raw: string, start: Style, controls: boolean) {
    this.#raw = raw;
    this.style = start;
    this.#controls = controls;
  }

  text(from: number, to: number): void {
    if (from < to) this.#add(this.#raw.slice(from, to), false);
  }

  control(from: number, to: number): void {
    if (this.#controls) this.#add(visibleControl(this.#raw.slice(from, to)), true);
  }

  restyle(style: Style): void {
    if (style === this.style) return;
    this.#flush();
    this.style = style;
  }

  /** @param href null for nowhere. */
  link(href: string | null): void {
    this.#flush();
    this.#href = href;
  }

  take(): Span[] {
    this.#flush();
    return this.#spans;
  }

  #add(text: string, control: boolean): void {
    if (control !== this.#control) this.#flush();
    this.#control = control;
    this.#text = this.#text === '' ? text : this.#text + text;
  }

  #flush(): void {
    const text = this.#text;
    if (text === '') return;
    this.#text = '';
    if (this.#control) this.#spans.push({ text, style: PLAIN, kind: 'control' });
    else if (this.#href === null) this.#spans.push({ text, style: this.style });
    else this.#spans.push({ text, style: this.style, href: this.#href });
  }
}
