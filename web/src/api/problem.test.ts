import { describe, expect, it } from "vitest";
import { asProblem, byField, Problem, problemOf } from "./problem";

describe("problemOf", () => {
  it("reads problem+json with its fields", async () => {
    const body = {
      code: "invalid",
      title: "The job is not valid",
      detail: "Two fields",
      errors: [{ field: "name", message: "is empty" }],
    };
    const problem = await problemOf(
      new Response(JSON.stringify(body), {
        status: 422,
        headers: { "content-type": "application/problem+json" },
      }),
    );
    expect(problem).toMatchObject({
      status: 422,
      code: "invalid",
      title: "The job is not valid",
      detail: "Two fields",
    });
    expect(byField(problem)).toEqual({ name: "is empty" });
  });

  it("makes something showable of a proxy's error page", async () => {
    const problem = await problemOf(
      new Response("<h1>Bad gateway</h1>", {
        status: 502,
        statusText: "Bad Gateway",
        headers: { "content-type": "text/html" },
      }),
    );
    expect(problem.title).toBe("The server answered 502 Bad Gateway.");
  });

  it("survives a body that is not what it says", async () => {
    const problem = await problemOf(
      new Response("{", { status: 500, headers: { "content-type": "application/json" } }),
    );
    expect(problem).toMatchObject({ status: 500, code: "unexpected" });
  });
});

describe("asProblem", () => {
  it("takes a fault of the console for nothing else", () => {
    expect(asProblem(new TypeError("x is undefined"))).toMatchObject({
      code: "unexpected",
      detail: "x is undefined",
    });
  });

  it("keeps a problem as it is and joins complaints about one field", () => {
    const problem = new Problem(422, "invalid", "t", "d", [
      { field: "patches", message: "first." },
      { field: "patches", message: "second." },
    ]);
    expect(asProblem(problem)).toBe(problem);
    expect(byField(problem)).toEqual({ patches: "first. second." });
  });
});
