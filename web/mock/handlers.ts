import { askingHandlers } from "./asking.ts";
import { customHandlers } from "./custom.ts";
import { fleetHandlers } from "./fleet.ts";
import { jobHandlers } from "./jobs.ts";
import { mirrorHandlers } from "./mirrors.ts";
import { officeHandlers } from "./office.ts";
import { recordHandlers } from "./records.ts";
import { vulnerabilityHandlers } from "./vulnerabilities.ts";

/** Answers of the invented installation, conforming to the API's description. */
export const handlers = [
  ...askingHandlers,
  ...recordHandlers,
  ...officeHandlers,
  ...fleetHandlers,
  ...jobHandlers,
  ...customHandlers,
  ...mirrorHandlers,
  ...vulnerabilityHandlers,
];
