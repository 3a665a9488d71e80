import { askingHandlers } from "./asking.ts";
import { fleetHandlers } from "./fleet.ts";
import { jobHandlers } from "./jobs.ts";
import { officeHandlers } from "./office.ts";

/** Answers of the invented installation, conforming to the API's description. */
export const handlers = [...askingHandlers, ...officeHandlers, ...fleetHandlers, ...jobHandlers];
