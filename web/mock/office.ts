import { HttpResponse, http } from "msw";
import type { components } from "../src/api/schema";
import { notFound, page, refuse } from "./answers.ts";
import { me, patches, tagRef, tags, users, uuid } from "./world.ts";

type Schemas = components["schemas"];
const V = "*/api/v1";

/** Whether somebody is logged in, and whether the first administrator is still to be made. */
export const session = { loggedIn: false, needed: false };

export const PERMISSIONS: Schemas["Permission"][] = [
  "job.list",
  "job.view",
  "job.create",
  "job.edit",
  "job.enable",
  "job.delete",
  "job.change_owner",
  "fleet.view",
  "asset.operate",
  "asset.remove",
  "configuration.manage",
  "administer",
  "account.manage_own",
];

const who = (): Schemas["Me"] => ({
  id: me.id,
  name: me.name,
  role: me.role,
  scope: me.scope,
  permissions: PERMISSIONS,
  csrf_token: "a-token",
});

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const secret = "fk1-6S5K3VYQ2MTRA7XW-4H0PZC9D1EJN8GBF";

const keys: Schemas["KeyBody"][] = [
  {
    id: uuid(6, 0),
    title: "Servers, Berlin",
    expires_at: null,
    use_limit: null,
    uses: 182,
    tags: [{ id: uuid(2, 5), name: "berlin", dynamic: false }],
    disabled: false,
    created_at: ago(60000),
  },
  {
    id: uuid(6, 1),
    title: "Workstations 2025",
    expires_at: new Date(Date.now() + 9e9).toISOString(),
    use_limit: 100,
    uses: 81,
    tags: [{ id: uuid(2, 4), name: "workstations", dynamic: false }],
    disabled: false,
    created_at: ago(42000),
  },
  {
    id: uuid(6, 2),
    title: "Trial machines",
    expires_at: ago(3000),
    use_limit: 5,
    uses: 1,
    tags: [],
    disabled: true,
    created_at: ago(90000),
  },
];
const tokens: Schemas["TokenBody"][] = [
  {
    id: uuid(7, 0),
    name: "Nightly report",
    role: "patch_reader",
    scope: { everything: true, tags: [] },
    expires_at: null,
    created_at: ago(90000),
    last_used_at: ago(400),
  },
];
const source = (suite: string): Schemas["AptSourceBody"] => ({
  uri: "https://mirror.example/debian",
  suite,
  components: ["main"],
  keyring: "/usr/share/keyrings/debian-archive-keyring.gpg",
});
const feeds: Schemas["FeedBody"][] = [
  {
    id: uuid(8, 0),
    name: "debian/bookworm from this machine",
    enabled: true,
    config: {
      kind: "debian",
      release: "debian/bookworm",
      sources: [source("bookworm"), source("bookworm-updates"), source("bookworm-security")],
      architectures: ["amd64"],
      advisories: ["https://mirror.example/DSA/list"],
    },
    state: {
      last_attempt: ago(31),
      last_success: ago(31),
      next_sync: ago(31 - 360),
      error: null,
      warnings: [],
      added: 12,
      changed: 3,
      withdrawn: 0,
      patches: 4182,
      facts: 0,
      progress: null,
    },
  },
  {
    id: uuid(8, 1),
    name: "Ubuntu noble",
    enabled: true,
    config: {
      kind: "debian",
      release: "ubuntu/noble",
      sources: [source("noble"), source("noble-security")],
      architectures: ["amd64"],
      advisories: [],
    },
    state: {
      last_attempt: ago(8),
      last_success: ago(1500),
      next_sync: ago(8 - 15),
      error: "The signature of noble-security could not be verified: the key has expired.",
      warnings: ["No advisory list is set: patches carry no CVEs."],
      added: 0,
      changed: 0,
      withdrawn: 0,
      patches: 2911,
      facts: 0,
      progress: null,
    },
  },
];

/** A synchronisation that changed something, and before it a day of those that found nothing new. */
function syncsOf(feed: Schemas["FeedBody"]): Schemas["FeedSyncBody"][] {
  const { last_success, last_attempt, error, warnings, added, changed, withdrawn } = feed.state;
  if (!last_attempt) return [];
  const quiet = { error: null, warnings: [], added: 0, changed: 0, withdrawn: 0 };
  const last = { error, warnings, added, changed, withdrawn };
  return [
    { no: 2, first_at: last_attempt, last_at: last_attempt, times: 1, ...last },
    { no: 1, first_at: ago(3000), last_at: last_success ?? ago(1500), times: 5, ...quiet },
  ];
}

function sync(feed: Schemas["FeedBody"]): void {
  const steps = [
    "Fetching bookworm-security InRelease",
    "Reading packages of bookworm-security",
    "Reading advisories",
    "Importing",
  ];
  steps.forEach((words, at) => {
    setTimeout(() => {
      feed.state.progress = words;
    }, at * 1500);
  });
  setTimeout(() => {
    Object.assign(feed.state, { progress: null, error: null, last_attempt: ago(0), last_success: ago(0) });
  }, steps.length * 1500);
}

const made = <T>(body: T) => HttpResponse.json(body as never, { status: 201 });
const gone = () => new HttpResponse(null, { status: 204 });

export const officeHandlers = [
  http.get(`${V}/setup`, () => HttpResponse.json({ needed: session.needed })),
  http.post(`${V}/setup`, async ({ request }) => {
    const body = (await request.json()) as { token: string };
    if (body.token !== "first")
      return refuse(
        403,
        "setup-token-invalid",
        "This link is not valid.",
        "Use the link printed at the newest start.",
      );
    session.loggedIn = true;
    session.needed = false;
    return made(who());
  }),
  http.get(`${V}/session`, () =>
    session.loggedIn
      ? HttpResponse.json(who())
      : refuse(401, "unauthenticated", "You are not logged in.", "Log in, or send a valid API token."),
  ),
  http.post(`${V}/session`, async ({ request }) => {
    const body = (await request.json()) as { name: string; password: string };
    if (body.password.length < 12 || body.password.endsWith("?"))
      return refuse(401, "wrong-credentials", "Name or password is wrong.", "Check both and try again.");
    session.loggedIn = true;
    return HttpResponse.json(who());
  }),
  http.delete(`${V}/session`, () => {
    session.loggedIn = false;
    return new HttpResponse(null, { status: 204, headers: { "set-cookie": "fettle=; Path=/; Max-Age=0" } });
  }),
  http.put(`${V}/session/password`, () => gone()),
  http.get(`${V}/tags`, ({ request }) => page(tags, new URL(request.url))),
  http.post(`${V}/tags`, async ({ request }) => {
    const { name, parent = null, query = null } = (await request.json()) as Schemas["CreateTag"];
    const tag = { id: uuid(2, tags.length), name, parent, query, error: null, assets: 0 };
    if (tags.some((other) => other.name === name && other.parent === parent)) {
      return refuse(422, "invalid", "Some values were refused.", "", [
        { field: "name", message: "is taken by another tag beside it" },
      ]);
    }
    tags.push(tag);
    return made(tag);
  }),
  http.patch(`${V}/tags/:id`, async ({ request, params }) => {
    const tag = tags.find(({ id }) => id === params.id);
    return tag ? HttpResponse.json(Object.assign(tag, await request.json())) : notFound("tag");
  }),
  http.delete(`${V}/tags/:id`, ({ params }) => {
    tags.splice(
      tags.findIndex(({ id }) => id === params.id),
      1,
    );
    return gone();
  }),
  http.get(`${V}/activation-keys`, ({ request }) => page(keys, new URL(request.url))),
  http.post(`${V}/activation-keys`, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateKey"];
    const key = {
      id: uuid(6, keys.length),
      title: body.title,
      expires_at: body.expires_at ?? null,
      use_limit: body.use_limit ?? null,
      uses: 0,
      tags: tags.filter(({ id }) => body.tags?.includes(id)).map(tagRef),
      disabled: false,
      created_at: ago(0),
    };
    keys.unshift(key);
    return made({ ...key, secret });
  }),
  http.patch(`${V}/activation-keys/:id`, async ({ request, params }) => {
    const key = keys.find(({ id }) => id === params.id);
    return key ? HttpResponse.json(Object.assign(key, await request.json())) : notFound("activation key");
  }),
  http.delete(`${V}/activation-keys/:id`, ({ params }) => {
    keys.splice(
      keys.findIndex(({ id }) => id === params.id),
      1,
    );
    return gone();
  }),
  http.post(`${V}/users`, async ({ request }) => {
    const { password: _password, ...body } = (await request.json()) as Schemas["CreateUser"];
    const user = {
      ...body,
      scope: body.scope ?? { everything: false, tags: [] },
      id: uuid(3, users.length),
      disabled: false,
      created_at: ago(0),
    };
    users.push(user);
    return made(user);
  }),
  http.patch(`${V}/users/:id`, async ({ request, params }) => {
    const user = users.find(({ id }) => id === params.id);
    return user ? HttpResponse.json(Object.assign(user, await request.json())) : notFound("user");
  }),
  http.delete(`${V}/users/:id`, ({ params }) => {
    users.splice(
      users.findIndex(({ id }) => id === params.id),
      1,
    );
    return gone();
  }),
  http.get(`${V}/tokens`, ({ request }) => page(tokens, new URL(request.url))),
  http.post(`${V}/tokens`, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateToken"];
    const token: Schemas["TokenBody"] = {
      id: uuid(7, tokens.length),
      name: body.name,
      role: body.role ?? me.role,
      scope: body.scope ?? me.scope,
      expires_at: body.expires_at ?? null,
      created_at: ago(0),
      last_used_at: null,
    };
    tokens.unshift(token);
    return made({ ...token, secret: "ft1_9jV2mK7pQx4sT0bWnRz8cYfL3hGd6aEu" });
  }),
  http.delete(`${V}/tokens/:id`, ({ params }) => {
    tokens.splice(
      tokens.findIndex(({ id }) => id === params.id),
      1,
    );
    return gone();
  }),
  http.get(`${V}/feeds`, ({ request }) => page(feeds, new URL(request.url))),
  http.post(`${V}/feeds/from-machine`, () =>
    made({
      created: [],
      skipped: ["https://mirror.example/tools is not part of the distribution."],
      notes: ["debian/bookworm is there already."],
    }),
  ),
  http.get(`${V}/feeds/:id/syncs`, ({ params }) => {
    const feed = feeds.find(({ id }) => id === params.id);
    return feed ? HttpResponse.json({ items: syncsOf(feed) }) : notFound("feed");
  }),
  http.get(`${V}/feeds/:id/syncs/:no`, ({ params }) => {
    const feed = feeds.find(({ id }) => id === params.id);
    const sync = feed && syncsOf(feed).find(({ no }) => no === Number(params.no));
    if (!sync) return notFound("synchronisation");
    const [added, changed] = [patches.slice(0, sync.added), patches.slice(20, 20 + sync.changed)];
    const answer: Schemas["FeedSyncDetail"] = {
      ...sync,
      added_patches: added.map(({ id, title }) => ({ id, title })),
      changed_patches: changed.map(({ id, title }) => ({ id, title })),
      withdrawn_patches: [],
    };
    return HttpResponse.json(answer);
  }),
  http.post(`${V}/feeds/:id/sync`, ({ params }) => {
    const feed = feeds.find(({ id }) => id === params.id);
    if (!feed) return notFound("feed");
    sync(feed);
    return new HttpResponse(null, { status: 202 });
  }),
  http.post(`${V}/feeds`, async ({ request }) => {
    const body = (await request.json()) as Schemas["CreateFeed"];
    const feed: Schemas["FeedBody"] = {
      id: uuid(8, feeds.length),
      name: body.name,
      config: body.config,
      enabled: body.enabled ?? true,
      state: {
        last_attempt: null,
        last_success: null,
        next_sync: ago(0),
        error: null,
        warnings: [],
        added: 0,
        changed: 0,
        withdrawn: 0,
        patches: 0,
        facts: 0,
        progress: null,
      },
    };
    feeds.push(feed);
    sync(feed);
    return made(feed);
  }),
  http.patch(`${V}/feeds/:id`, async ({ request, params }) => {
    const feed = feeds.find(({ id }) => id === params.id);
    return feed ? HttpResponse.json(Object.assign(feed, await request.json())) : notFound("feed");
  }),
  http.delete(`${V}/feeds/:id`, ({ params }) => {
    feeds.splice(
      feeds.findIndex(({ id }) => id === params.id),
      1,
    );
    return gone();
  }),
];
