import { Link } from "@tanstack/react-router";
import type { Installer, PatchDetail } from "~/api/model";
import { LinkButton } from "~/display/LinkButton";
import { webLink } from "~/display/link";
import { Chip } from "~/display/Mark";
import { count } from "~/display/number";
import { Card, Facts } from "~/display/Page";
import { Notice } from "~/display/states";
import { useMay } from "~/entry/session";
import styles from "./Patches.module.css";

/** The feed of what administrators uploaded; no other has its name. */
const OWN = "custom";

/** Where agents fetch a patch's files, and what could be had elsewhere. Packages have no place of their own. */
export function Downloads({ patch }: { patch: PatchDetail }) {
  const may = useMay();
  if (patch.download.how !== "automatic") return null;
  const { installers } = patch.download;
  const manage = may("configuration.manage");
  return (
    <Card
      title="Download locations"
      aside={<small className={styles.faint}>{count(installers.length)}</small>}
      flush
    >
      <ul className={styles.downloads} aria-label="Files of this patch">
        {installers.map((installer) => (
          <li key={`${installer.sha256} ${installer.architecture} ${installer.scope} ${installer.locale}`}>
            <File installer={installer} own={patch.source === OWN} manage={manage} />
          </li>
        ))}
      </ul>
      {manage && patch.source === OWN ? (
        <p className={styles.downloadsEnd}>
          <Link to="/configuration/custom-patches/$id" params={{ id: patch.id.slice(OWN.length + 1) }}>
            Open the custom patch
          </Link>
        </p>
      ) : null}
    </Card>
  );
}

function File(props: { installer: Installer; own: boolean; manage: boolean }) {
  const { installer, own, manage } = props;
  const { kind, architecture, scope, locale, url, vendor_url, sha256 } = installer;
  const told = [kind, architecture, scope === "unknown" ? null : `for the ${scope}`, locale];
  const codes = [...installer.success_codes, ...installer.reboot_codes.map((code) => `${code} (restart)`)];
  return (
    <>
      <div className={styles.downloadHead}>
        <strong>{told.filter(Boolean).join(" · ")}</strong>
        {vendor_url ? (
          <Chip tone="busy">From a mirror</Chip>
        ) : (
          <Chip tone={own ? "good" : "idle"}>{own ? "Uploaded to this server" : "From the vendor"}</Chip>
        )}
        {manage ? (
          <Link to="/configuration/mirrors" search={{ sha256 }}>
            Fetch it elsewhere
          </Link>
        ) : null}
      </div>
      <Facts
        facts={[
          ["Fetched from", <code key="url">{url}</code>],
          [own ? "Instead of" : "Vendor's place", vendor_url ? <code key="vendor">{vendor_url}</code> : null],
          ["SHA-256", <code key="digest">{sha256}</code>],
          [
            "Arguments",
            installer.silent_arguments ? <code key="arguments">{installer.silent_arguments}</code> : null,
          ],
          ["Success codes", codes.length ? `0, ${codes.join(", ")}` : null],
        ]}
      />
    </>
  );
}

/** Says of a patch that only a person can get where, why, and how it can be had all the same. */
export function FromVendor({ patch }: { patch: PatchDetail }) {
  const may = useMay();
  if (patch.download.how !== "acquire_from_vendor") return null;
  const link = webLink(patch.download.link);
  return (
    <Notice tone="warn">
      <strong>Only from the vendor.</strong> Agents cannot fetch this patch: its feed names no file that
      installs without asking.{" "}
      {link ? (
        <a href={link} target="_blank" rel="noreferrer">
          Get it from {patch.vendor}
        </a>
      ) : (
        `Get it from ${patch.vendor}`
      )}{" "}
      and install it by hand; the next scan shows it as installed.
      {may("configuration.manage") ? (
        <div className={styles.noticeAction}>
          <LinkButton
            to="/configuration/custom-patches/new"
            search={{ like: patch.id }}
            variant="default"
            size="xs"
          >
            Upload the vendor's file as a custom patch
          </LinkButton>
        </div>
      ) : null}
    </Notice>
  );
}
