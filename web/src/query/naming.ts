import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Entity, type Field, fieldsQuery } from "./api";
import type { Naming } from "./terms";

/** Ways to findings, and fields made of them while the list of fields is not there yet. */
const OF_FINDINGS = /^(missing|installed|latestmissing|compliance$|risk$)/i;

/** What the fields of an entity are called, and which of them depend on a good scan. */
export function useNaming(entity: Entity): { naming: Naming; dependsOnScan: (name: string) => boolean } {
  const { data } = useQuery(fieldsQuery(entity));
  return useMemo(() => namesOf(data?.fields ?? []), [data]);
}

/** The same, of fields that are known already. */
export function namesOf(fields: readonly Pick<Field, "name" | "aliases" | "from_findings">[]) {
  const known = new Map<string, Pick<Field, "name" | "from_findings">>();
  for (const field of fields) {
    for (const name of field.aliases) known.set(name.toLowerCase(), field);
  }
  for (const field of fields) known.set(field.name.toLowerCase(), field);
  return {
    naming: (name: string) => (known.get(name.toLowerCase())?.name ?? name).toLowerCase(),
    dependsOnScan: (name: string) => {
      return known.get(name.toLowerCase())?.from_findings ?? OF_FINDINGS.test(name);
    },
  };
}
