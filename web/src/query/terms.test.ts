import { describe, expect, it } from "vitest";
import { tokens } from "./lexer";
import {
  both,
  exactly,
  hasTerm,
  partsOf,
  termsLike,
  toggleTerm,
  withoutField,
  withoutLike,
  words,
} from "./terms";

const texts = (query: string) => partsOf(query)?.map(({ text }) => text);

describe("the words of a query", () => {
  it("tell fields, operators, values and keywords apart", () => {
    expect(tokens("os.name:`Debian 12` and not lastScan < now-7d web").map(({ kind }) => kind)).toEqual(
      "field operator value keyword keyword field operator value free".split(" "),
    );
  });

  it("let values hold colons", () => {
    expect(tokens("id:debian:bookworm:DSA-1").map(({ text }) => text)).toEqual([
      "id",
      ":",
      "debian:bookworm:DSA-1",
    ]);
  });

  it("know a field by what is asked of it", () => {
    expect(tokens("kb is not null").map(({ kind }) => kind)).toEqual([
      "field",
      "keyword",
      "keyword",
      "keyword",
    ]);
  });

  it("never fail on what is not finished", () => {
    for (const text of ['name:"abc', "a:`", "((", "x:[1 ..", "<", ""])
      expect(() => tokens(text)).not.toThrow();
  });
});

describe("the parts of a query", () => {
  it("are what and joins, written or not", () => {
    expect(texts("name:web* online:yes and not (a or b) missing:(kev:yes and cvss>7) kb is null")).toEqual([
      "name:web*",
      "online:yes",
      "not (a or b)",
      "missing:(kev:yes and cvss>7)",
      "kb is null",
    ]);
  });

  it("are one where or is outermost", () => {
    expect(texts("a or b and c")).toEqual(["(a or b and c)"]);
  });

  it("know lists from ranges", () => {
    expect(partsOf("a:[x, `y z`] b:[1 .. 2)")?.map(({ values }) => values)).toEqual([
      ["x", "`y z`"],
      undefined,
    ]);
  });

  it("are unknown where brackets or quotes do not fit", () => {
    for (const query of ["(a", "a)", 'name:"x', "name:", "and not"]) expect(partsOf(query)).toBeUndefined();
  });
});

describe("a term put in and taken out", () => {
  it("joins what is there", () => {
    expect(toggleTerm("", "online:yes")).toBe("online:yes");
    expect(toggleTerm("web", "online:yes")).toBe("web and online:yes");
    expect(toggleTerm("a or b", "online:yes")).toBe("(a or b) and online:yes");
  });

  it("makes a list of several values, and a single value of a list", () => {
    const two = toggleTerm("web and scanStatus:stale", "scanStatus:scanned");
    expect(two).toBe("web and scanStatus:[stale, scanned]");
    expect(hasTerm(two, "scanStatus:stale")).toBe(true);
    const one = toggleTerm(two, "scanStatus:stale");
    expect(one).toBe("web and scanStatus:scanned");
    expect(toggleTerm(one, "scanStatus:scanned")).toBe("web");
    expect(hasTerm("web", "scanStatus:stale")).toBe(false);
  });

  it("finds a field under its other names", () => {
    const naming = (name: string) => (name.toLowerCase() === "os" ? "os.name" : name.toLowerCase());
    expect(toggleTerm("OS:`Debian 12`", "os.name:`Ubuntu 22.04`", { naming })).toBe(
      "OS:[`Debian 12`, `Ubuntu 22.04`]",
    );
    expect(toggleTerm("OS:`debian 12`", "os.name:`Debian 12`", { naming })).toBe("");
  });

  it("replaces where only one value can be", () => {
    expect(toggleTerm("online:yes web", "online:no", { single: true })).toBe("online:no and web");
    expect(toggleTerm("kb:1", "kb is null")).toBe("kb is null");
    expect(toggleTerm("kb is null", "kb is null")).toBe("");
  });

  it("takes yes for true and no for false", () => {
    expect(hasTerm("isSuperseded:no", "isSuperseded:false")).toBe(true);
    expect(toggleTerm("a and isSuperseded:no", "isSuperseded:false", { single: true })).toBe("a");
    expect(toggleTerm("isSuperseded:no", "isSuperseded:true", { single: true })).toBe("isSuperseded:true");
  });

  it("leaves other demands on the same field alone", () => {
    expect(toggleTerm("severity>=low", "severity:critical")).toBe("severity>=low and severity:critical");
    expect(toggleTerm("not online:no", "online:yes")).toBe("not online:no and online:yes");
  });

  it("keeps a query that is not finished", () => {
    expect(toggleTerm("name:(", "online:yes")).toBe("(name:() and online:yes");
  });
});

describe("what a query asks of the same as a term", () => {
  it("is named value by value, and taken out", () => {
    const query = "a:[x, `y z`] b:1 A:q a>3 not a:w";
    expect(termsLike(query, "a:z")).toEqual(["a:x", "a:`y z`", "A:q"]);
    expect(withoutLike(query, "a:z")).toBe("b:1 and not a:w");
    expect(withoutLike("b:1", "a:z")).toBe("b:1");
  });

  it("may be asked of related records", () => {
    const rated = (value: string) => `missing:(vendorSeverity:${value} and isSuperseded:no)`;
    const other = "missing:(kev:yes)";
    const one = toggleTerm(`web and ${other}`, rated("critical"));
    expect(one).toBe(`web and ${other} and ${rated("critical")}`);
    const two = toggleTerm(one, rated("low"));
    expect(two).toBe(`web and ${other} and ${rated("[critical, low]")}`);
    expect([hasTerm(two, rated("low")), hasTerm(two, rated("none"))]).toEqual([true, false]);
    expect(termsLike(two, rated("none"))).toEqual([rated("critical"), rated("low")]);
    expect(withoutLike(two, rated("none"))).toBe(`web and ${other}`);
    expect(toggleTerm(two, rated("critical"))).toBe(`web and ${other} and ${rated("low")}`);
    expect(toggleTerm(one, rated("critical"))).toBe(`web and ${other}`);
  });
});

it("takes a whole field out", () => {
  expect(withoutField("web scanStatus:[a, b] Online:yes", "scanstatus")).toBe("web and Online:yes");
  expect(withoutField("kb is null", "kb")).toBe("");
});

it("joins two queries", () => {
  expect(both("", "b")).toBe("b");
  expect(both("a or c", "b")).toBe("(a or c) and b");
});

it("makes harmless words and exact values of any text", () => {
  expect(words('web-01 "x" \\')).toBe('"web-01  x"');
  expect(exactly("os.name", "Debian (12)")).toBe("os.name:`Debian (12)`");
  expect(exactly("os.name", "odd`one")).toBe('os.name:"odd`one"');
});
