import type { CustomContent } from "~/api/model";
import { bytes } from "~/display/number";
import { Card, Facts } from "~/display/Page";
import styles from "./Custom.module.css";

const KINDS: Record<string, string> = {
  msi: "MSI package (Windows Installer)",
  exe: "Program for Windows",
  deb: "deb package",
  rpm: "rpm package",
};

/** A kind of file in words. */
export const kindWords = (kind: string) => KINDS[kind] ?? kind;

/** What the server read of a file. Nobody can change this. */
export function FileCard({ file, name }: { file: CustomContent["file"]; name: string }) {
  return (
    <Card title="Read from the file">
      <Facts
        facts={[
          [
            "File",
            <span key="name" className={styles.fileName}>
              {name}
            </span>,
          ],
          ["Kind", kindWords(file.kind)],
          ["Name", file.name],
          ["Version", file.version],
          ["Publisher", file.publisher],
          ["Architecture", file.architecture || "All, or not said"],
          ["Size", bytes(file.size)],
          [
            "SHA-256",
            <code key="digest" className={styles.digest}>
              {file.sha256}
            </code>,
          ],
        ]}
      />
    </Card>
  );
}
