import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { userCacheFolder } from "./cache-folder.ts";

describe("userCacheFolder()", () => {
  test.each([
    ["linux", { XDG_CACHE_HOME: "/cache" }, "/cache"],
    ["linux", {}, join(homedir(), ".cache")],
    ["linux", { XDG_CACHE_HOME: "" }, join(homedir(), ".cache")],
    ["darwin", { XDG_CACHE_HOME: "/cache" }, join(homedir(), "Library", "Caches")],
    ["win32", { LOCALAPPDATA: "C:\\Users\\ada\\AppData\\Local" }, "C:\\Users\\ada\\AppData\\Local"],
    ["win32", {}, join(homedir(), "AppData", "Local")],
  ] as const)("is on %s with %j: %s", (platform, env, expected) => {
    expect(userCacheFolder(env, platform)).toBe(expected);
  });
});
