import { AsyncLocalStorage } from "node:async_hooks";
import { beforeEach, describe, expect, it } from "vitest";
import { currentScope, runInScope } from "../../../src/work/scope.ts";
import { createStore, type KubeObject, type Store } from "../../../src/kube/store.ts";

let store: Store<KubeObject>;
let told: string[];
beforeEach(() => {
  store = createStore<KubeObject>({}, (error) => {
    throw error;
  });
  told = [];
  store.onChange((before, after) => told.push(`${textOf(before)} -> ${textOf(after)}`));
});

const textOf = (object: KubeObject | undefined): string =>
  object === undefined ? "-" : `${object.metadata.uid}@${object.metadata.resourceVersion}`;
const object = (uid: string, version: string, name = "one"): KubeObject => ({
  metadata: { name, namespace: "a", uid, resourceVersion: version },
});
const known = () => textOf(store.get("a", "one"));

it("a listing does not take away what was put in after the listing began", () => {
  store.put(object("u", "105"));
  store.replaceAll([], "100");
  expect(known()).toBe("u@105");
});

it("a listing takes away what is as old as itself", () => {
  store.put(object("u", "99"));
  store.put(object("v", "100", "two"));
  store.replaceAll([], "100");
  expect(store.list()).toEqual([]);
});

it("versions are compared as numbers of any length", () => {
  store.put(object("u", "9007199254740993"));
  store.replaceAll([object("u", "9007199254740992")], "9007199254740992");
  expect(known()).toBe("u@9007199254740993");
  store.put(object("u", "10000000000000000000"));
  expect(known()).toBe("u@10000000000000000000");
});

it("a listing does not roll back what was put in after the listing began", () => {
  store.put(object("u", "105"));
  store.replaceAll([object("u", "90")], "100");
  expect(known()).toBe("u@105");
});

it("what was deleted after the listing began is not brought back by it, nor by the late answer of a write", () => {
  store.put(object("u", "90"));
  store.remove(object("u", "105"));
  store.replaceAll([object("u", "90")], "100");
  expect(known()).toBe("-");
  store.put(object("u", "104"));
  expect(known()).toBe("-");
});

it("an object that was made anew is not replaced by its deleted ancestor", () => {
  store.put(object("new", "103"));
  told.length = 0;
  store.put(object("old", "101"));
  store.remove(object("old", "102"));
  store.replaceAll([object("old", "90")], "100");
  expect(known()).toBe("new@103");
  expect(told).toEqual([]);
});

it("an object that is made anew is told as gone and new, once", () => {
  store.put(object("old", "101"));
  store.put(object("new", "103"));
  store.remove(object("old", "102"));
  expect(told).toEqual(["- -> old@101", "old@101 -> -", "- -> new@103"]);
});

it("a listing without a version is the truth, also where the server's versions went back", () => {
  store.put(object("u", "105"));
  store.put(object("v", "106", "two"));
  store.remove(object("v", "107", "two"));
  store.replaceAll([object("u", "90"), object("v", "80", "two")]);
  expect(store.list().map(textOf)).toEqual(["u@90", "v@80"]);
  store.put(object("v", "81", "two"));
  expect(textOf(store.get("a", "two"))).toBe("v@81");
});

it("versions that are not numbers: the last word counts", () => {
  store.put(object("u", "abc"));
  store.put(object("u", "aaa"));
  expect(known()).toBe("u@aaa");
  store.replaceAll([], "zzz");
  expect(known()).toBe("-");
});

it("a part of the store keeps to its own objects", () => {
  const part = store.part(({ metadata }) => metadata.namespace === "b");
  store.put(object("u", "5"));
  part.replaceAll([], "10");
  expect(known()).toBe("u@5");
});

it("what was deleted is remembered for a while only", () => {
  let now = 0;
  const forgetful = createStore<KubeObject>(
    {},
    () => undefined,
    () => now,
  );
  forgetful.put(object("u", "1"));
  forgetful.remove(object("u", "2"));
  now = 60 * 60_000;
  forgetful.put(object("x", "3", "other"));
  forgetful.remove(object("x", "4", "other"));
  forgetful.put(object("u", "5"));
  expect(textOf(forgetful.get("a", "one"))).toBe("u@5");
});

describe("a write of our own", () => {
  it("is told once, as ours, though the watch tells of it before the answer comes", async () => {
    const scopes: (string | undefined)[] = [];
    store.onChange(() => scopes.push(currentScope()?.key));
    await runInScope(scope, () =>
      store.writing("a", "one", (own) => {
        asWatch(() => {
          store.put(object("u", "7"));
        });
        own.put(object("u", "7"));
        return Promise.resolve();
      }),
    );
    expect([told, scopes]).toEqual([["- -> u@7"], ["ours"]]);
  });

  it("what somebody else did meanwhile is told after it, as theirs", async () => {
    const scopes: (string | undefined)[] = [];
    store.onChange(() => scopes.push(currentScope()?.key));
    await runInScope(scope, () =>
      store.writing("a", "one", (own) => {
        asWatch(() => {
          store.put(object("u", "8"));
          store.remove(object("u", "9"));
        });
        own.put(object("u", "7"));
        return Promise.resolve();
      }),
    );
    expect(told).toEqual(["- -> u@7", "u@7 -> u@8", "u@8 -> -"]);
    expect(scopes).toEqual(["ours", undefined, undefined]);
  });

  it("that fails holds nothing back, and one on another object never does", async () => {
    const failing = store.writing("a", "one", () => {
      store.put(object("v", "3", "two"));
      expect(told).toEqual(["- -> v@3"]);
      store.put(object("u", "4"));
      return Promise.reject(new Error("no"));
    });
    await expect(failing).rejects.toThrow("no");
    expect(told).toEqual(["- -> v@3", "- -> u@4"]);
  });

  const scope = { workClass: "creation", namespace: "a", key: "ours", signal: new AbortController().signal } as const;
  const asWatch = AsyncLocalStorage.snapshot();
});
