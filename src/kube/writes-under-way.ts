import { AsyncResource } from "node:async_hooks";

/** Which objects this process is writing at the moment, and what was heard of them meanwhile. */
export interface WritesUnderWay {
  /** A write of this object begins. Returns what ends it. */
  begin(key: string): () => void;
  /** Takes in what was heard of an object: at once, or when the last write of it has ended. */
  after(key: string, takeIn: () => void): void;
}

interface Writing {
  count: number;
  readonly heard: (() => void)[];
}

export function createWritesUnderWay(): WritesUnderWay {
  const writings = new Map<string, Writing>();
  return {
    begin: (key) => {
      const writing = writings.get(key) ?? { count: 0, heard: [] };
      writings.set(key, writing);
      writing.count += 1;
      return () => {
        writing.count -= 1;
        if (writing.count > 0) return;
        writings.delete(key);
        for (const takeIn of writing.heard) takeIn();
      };
    },
    after: (key, takeIn) => {
      const writing = writings.get(key);
      if (writing === undefined) takeIn();
      // It stays the watch's word, and does not become part of the pass whose write it waited for.
      else writing.heard.push(AsyncResource.bind(takeIn));
    },
  };
}
