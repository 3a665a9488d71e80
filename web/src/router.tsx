import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { assetAddress, assetsAddress } from "./assets/address";
import { auditAddress } from "./audit/address";
import { customPatchesAddress, newCustomPatchAddress } from "./custom/address";
import { Failed } from "./display/states";
import { sessionQuery, setupQuery } from "./entry/session";
import { jobAddress, jobsAddress, newJobAddress, runAddress } from "./jobs/address";
import { parseAddress, text, writeAddress } from "./list/address";
import { locationsAddress } from "./locations/address";
import { mirrorsAddress } from "./mirrors/address";
import { patchAddress, patchesAddress } from "./patches/address";
import { resultsAddress } from "./results/address";
import { Lost } from "./shell/Lost";
import { Shell } from "./shell/Shell";
import { vulnerabilitiesAddress } from "./vulnerabilities/address";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: Lost,
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (raw): { back?: string } => {
    const back = text(raw.back);
    // Only a page of this console, never another host.
    return {
      back: back?.startsWith("/") && !back.startsWith("//") && !back.startsWith("/\\") ? back : undefined,
    };
  },
  beforeLoad: async ({ context }) => {
    if (await context.client.ensureQueryData(sessionQuery)) throw redirect({ to: "/assets" });
    if (await context.client.ensureQueryData(setupQuery)) throw redirect({ to: "/setup" });
  },
  component: lazyRouteComponent(() => import("./entry/LogIn"), "LogIn"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  loader: ({ context }) => context.client.ensureQueryData(setupQuery),
  component: lazyRouteComponent(() => import("./entry/SetUp"), "SetUp"),
});

/** Everything behind the log-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  beforeLoad: async ({ context, location }) => {
    if (!(await context.client.ensureQueryData(sessionQuery))) {
      throw redirect({ to: "/login", search: { back: location.href === "/" ? undefined : location.href } });
    }
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => app,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/assets" });
  },
});

const assets = createRoute({
  getParentRoute: () => app,
  path: "/assets",
  validateSearch: assetsAddress,
  component: lazyRouteComponent(() => import("./assets/AssetsPage"), "AssetsPage"),
});

const asset = createRoute({
  getParentRoute: () => app,
  path: "/assets/$id",
  validateSearch: assetAddress,
  component: lazyRouteComponent(() => import("./assets/AssetPage"), "AssetPage"),
});

const patches = createRoute({
  getParentRoute: () => app,
  path: "/patches",
  validateSearch: patchesAddress,
  component: lazyRouteComponent(() => import("./patches/PatchesPage"), "PatchesPage"),
});

const patch = createRoute({
  getParentRoute: () => app,
  path: "/patches/$id",
  validateSearch: patchAddress,
  component: lazyRouteComponent(() => import("./patches/PatchPage"), "PatchPage"),
});

const vulnerabilities = createRoute({
  getParentRoute: () => app,
  path: "/vulnerabilities",
  validateSearch: vulnerabilitiesAddress,
  component: lazyRouteComponent(() => import("./vulnerabilities/VulnerabilitiesPage"), "VulnerabilitiesPage"),
});

const vulnerability = createRoute({
  getParentRoute: () => app,
  path: "/vulnerabilities/$id",
  component: lazyRouteComponent(() => import("./vulnerabilities/VulnerabilityPage"), "VulnerabilityPage"),
});

const jobs = createRoute({
  getParentRoute: () => app,
  path: "/jobs",
  validateSearch: jobsAddress,
  component: lazyRouteComponent(() => import("./jobs/JobsPage"), "JobsPage"),
});

const results = createRoute({
  getParentRoute: () => app,
  path: "/jobs/results",
  validateSearch: resultsAddress,
  component: lazyRouteComponent(() => import("./results/ResultsPage"), "ResultsPage"),
});

const newJob = createRoute({
  getParentRoute: () => app,
  path: "/jobs/new",
  validateSearch: newJobAddress,
  component: lazyRouteComponent(() => import("./jobs/NewJobPage"), "NewJobPage"),
});

const job = createRoute({
  getParentRoute: () => app,
  path: "/jobs/$job",
  validateSearch: jobAddress,
  component: lazyRouteComponent(() => import("./jobs/JobPage"), "JobPage"),
});

const editJob = createRoute({
  getParentRoute: () => app,
  path: "/jobs/$job/edit",
  component: lazyRouteComponent(() => import("./jobs/EditJobPage"), "EditJobPage"),
});

const run = createRoute({
  getParentRoute: () => app,
  path: "/jobs/$job/runs/$run",
  validateSearch: runAddress,
  component: lazyRouteComponent(() => import("./runs/RunPage"), "RunPage"),
});

const configuration = createRoute({
  getParentRoute: () => app,
  path: "/configuration",
  component: lazyRouteComponent(() => import("./configuration/ConfigurationPage"), "ConfigurationPage"),
});

const configurationHome = createRoute({
  getParentRoute: () => configuration,
  path: "/",
  beforeLoad: async ({ context }) => {
    const me = await context.client.ensureQueryData(sessionQuery);
    throw redirect({
      to: me?.permissions.includes("configuration.manage") ? "/configuration/keys" : "/configuration/tags",
    });
  },
});

const keys = createRoute({
  getParentRoute: () => configuration,
  path: "keys",
  component: lazyRouteComponent(() => import("./configuration/KeysPage"), "KeysPage"),
});
const tags = createRoute({
  getParentRoute: () => configuration,
  path: "tags",
  component: lazyRouteComponent(() => import("./configuration/TagsPage"), "TagsPage"),
});
const feeds = createRoute({
  getParentRoute: () => configuration,
  path: "feeds",
  component: lazyRouteComponent(() => import("./configuration/FeedsPage"), "FeedsPage"),
});
const users = createRoute({
  getParentRoute: () => configuration,
  path: "users",
  component: lazyRouteComponent(() => import("./configuration/UsersPage"), "UsersPage"),
});
const tokens = createRoute({
  getParentRoute: () => configuration,
  path: "tokens",
  component: lazyRouteComponent(() => import("./configuration/TokensPage"), "TokensPage"),
});
const audit = createRoute({
  getParentRoute: () => configuration,
  path: "audit",
  validateSearch: auditAddress,
  component: lazyRouteComponent(() => import("./audit/AuditPage"), "AuditPage"),
});
const status = createRoute({
  getParentRoute: () => configuration,
  path: "status",
  component: lazyRouteComponent(() => import("./configuration/StatusPage"), "StatusPage"),
});
const customPatches = createRoute({
  getParentRoute: () => configuration,
  path: "custom-patches",
  validateSearch: customPatchesAddress,
  component: lazyRouteComponent(() => import("./custom/CustomPatchesPage"), "CustomPatchesPage"),
});
const newCustomPatch = createRoute({
  getParentRoute: () => configuration,
  path: "custom-patches/new",
  validateSearch: newCustomPatchAddress,
  component: lazyRouteComponent(() => import("./custom/NewCustomPatchPage"), "NewCustomPatchPage"),
});
const customPatch = createRoute({
  getParentRoute: () => configuration,
  path: "custom-patches/$id",
  component: lazyRouteComponent(() => import("./custom/CustomPatchPage"), "CustomPatchPage"),
});
const mirrors = createRoute({
  getParentRoute: () => configuration,
  path: "mirrors",
  validateSearch: mirrorsAddress,
  component: lazyRouteComponent(() => import("./mirrors/MirrorsPage"), "MirrorsPage"),
});
const locations = createRoute({
  getParentRoute: () => configuration,
  path: "download-locations",
  validateSearch: locationsAddress,
  component: lazyRouteComponent(() => import("./locations/LocationsPage"), "LocationsPage"),
});

const routes = root.addChildren([
  login,
  setup,
  app.addChildren([
    home,
    assets,
    asset,
    patches,
    patch,
    vulnerabilities,
    vulnerability,
    jobs,
    results,
    newJob,
    job,
    editJob,
    run,
    configuration.addChildren([
      configurationHome,
      keys,
      tags,
      feeds,
      users,
      tokens,
      audit,
      status,
      customPatches,
      newCustomPatch,
      customPatch,
      mirrors,
      locations,
    ]),
  ]),
]);

/** The console's pages; `history` stands in for the browser's own in tests. */
export function makeRouter(client: QueryClient, history?: RouterHistory) {
  return createRouter({
    history,
    routeTree: routes,
    context: { client },
    parseSearch: parseAddress,
    stringifySearch: writeAddress,
    // What a page does not know is dropped from its address, filters of former versions too.
    search: { strict: true },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} retry={reset} />,
    defaultNotFoundComponent: Lost,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
