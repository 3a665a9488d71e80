import { oneOf, optional, text } from "~/list/address";
import { DENSITIES } from "~/list/density";

const YES_NO = ["yes", "no"] as const;
/** Least CVSS base scores to choose from, as the standard names its ranges. */
export const SCORES = ["9", "7", "4"] as const;
/** Least probabilities of exploitation to choose from. */
export const PROBABILITIES = ["0.5", "0.1", "0.01"] as const;

/** What the list of vulnerabilities shows, as it stands in the address. */
export function vulnerabilitiesAddress(raw: Record<string, unknown>) {
  return optional({
    q: text(raw.q),
    exploited: oneOf(YES_NO, raw.exploited),
    missing: oneOf(YES_NO, raw.missing),
    cvss: oneOf(SCORES, raw.cvss),
    epss: oneOf(PROBABILITIES, raw.epss),
    sort: text(raw.sort),
    cols: text(raw.cols),
    density: oneOf(DENSITIES, raw.density),
  });
}

export type VulnerabilitiesAddress = ReturnType<typeof vulnerabilitiesAddress>;

const isYes = (value: "yes" | "no" | undefined) => value && value === "yes";
const number = (value: string | undefined) => (value === undefined ? undefined : Number(value));

/** What is asked, as the API takes it. */
export function vulnerabilitiesAsked({ q, exploited, missing, cvss, epss, sort }: VulnerabilitiesAddress) {
  return {
    q,
    exploited: isYes(exploited),
    missing: isYes(missing),
    min_cvss: number(cvss),
    min_epss: number(epss),
    sort,
  };
}
