/** What the invented installation can be asked for: a part of what the server knows. */
export type MockField = {
  name: string;
  aliases: string[];
  kind: "text" | "number" | "moment" | "flag" | "choice" | "size";
  help: string;
  example: string;
  members: string[];
  main: boolean;
  facet: boolean;
  sortable: boolean;
  /** It is made of findings: where no good scan is, it is unknown. */
  findings: boolean;
  /** Its heading as a facet. */
  label: string;
  // biome-ignore lint/suspicious/noExplicitAny: each table reads rows of its own kind.
  values: (row: any) => (string | number | boolean | null)[];
};

type Given = Partial<MockField> & Pick<MockField, "name" | "help" | "values">;

/** A field with what most have in common. */
export function field(given: Given): MockField {
  return {
    aliases: [],
    kind: "text",
    example: `${given.name}:${given.members?.[0] ?? "web"}`,
    members: [],
    main: false,
    facet: given.kind === "choice" || given.kind === "flag",
    sortable: true,
    findings: false,
    label: given.help,
    ...given,
  };
}
