import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Entity, type Field, fieldsQuery } from "./api";
import type { Naming } from "./terms";

/** What the fields of an entity are called. */
export function useNaming(entity: Entity): { naming: Naming } {
  const { data } = useQuery(fieldsQuery(entity));
  return useMemo(() => namesOf(data?.fields ?? []), [data]);
}

/** The same, of fields that are known already. */
export function namesOf(fields: readonly Pick<Field, "name" | "aliases">[]) {
  const known = new Map<string, Pick<Field, "name">>();
  for (const field of fields) {
    for (const name of field.aliases) known.set(name.toLowerCase(), field);
  }
  for (const field of fields) known.set(field.name.toLowerCase(), field);
  return {
    naming: (name: string) => (known.get(name.toLowerCase())?.name ?? name).toLowerCase(),
  };
}
