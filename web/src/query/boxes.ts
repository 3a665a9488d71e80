/** The texts of a page's boxes: its own, and the one about what belongs to it. */
export type Boxes = { query: string; beside: string };
