import { Progress } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { AssetDetail, Inventory } from "~/api/model";
import { Chip } from "~/display/Mark";
import { bytes, count } from "~/display/number";
import { Card, Columns, Facts } from "~/display/Page";
import { Empty, Notice } from "~/display/states";
import { When } from "~/display/When";
import { exactly } from "~/query/terms";
import styles from "./AssetOverview.module.css";
import { LATEST_SECURITY } from "./address";

/** Summary, system, network and hardware. */
export function AssetOverview({ asset }: { asset: AssetDetail }) {
  const { inventory } = asset;
  return (
    <div className={styles.overview}>
      {asset.scan_error ? (
        <Notice tone={asset.scan_status === "unsupported" ? "warn" : "bad"}>
          <strong>
            {asset.scan_status === "unsupported" ? "This asset cannot be assessed." : "The last scan failed."}
          </strong>{" "}
          {asset.scan_error}
        </Notice>
      ) : null}
      {inventory?.pending_reboot.length ? (
        <Notice tone="warn">
          <strong>Restart pending.</strong> {inventory.pending_reboot.join(" ")}
        </Notice>
      ) : null}
      {inventory?.package_manager.interrupted ? (
        <Notice tone="bad">
          <strong>dpkg was interrupted.</strong> Run <code>dpkg --configure -a</code> on the machine; until
          then nothing can be installed.
        </Notice>
      ) : null}
      {inventory?.package_manager.broken.length ? (
        <Notice tone="bad">
          <strong>Broken packages:</strong> {inventory.package_manager.broken.join(", ")}
        </Notice>
      ) : null}
      <Counts asset={asset} />
      <Columns>
        <Card title="Summary">
          <Facts
            facts={[
              ["Name", asset.name],
              ["Tags", asset.tags.length ? <TagList key="tags" asset={asset} /> : "–"],
              ["Last scan", <When key="scan" at={asset.last_scan} none="never" both />],
              ["Last seen", <When key="seen" at={asset.last_check_in} none="never" both />],
              ["Enrolled", <When key="made" at={asset.created_at} both />],
              ["Agent", asset.agent_version],
              [
                "Logged on",
                inventory?.logged_on.map(({ user, terminal }) => `${user} (${terminal})`).join(", "),
              ],
              ["Machine id", <code key="machine">{asset.machine_id}</code>],
            ]}
          />
        </Card>
        {inventory ? <System inventory={inventory} /> : null}
        {inventory ? <Network inventory={inventory} /> : null}
        {inventory ? <Hardware inventory={inventory} /> : null}
      </Columns>
      {inventory ? null : (
        <Empty
          title="No scan has arrived yet"
          detail="System, network, hardware and software are shown after the agent's first scan."
        />
      )}
    </div>
  );
}

function Counts({ asset }: { asset: AssetDetail }) {
  const known = asset.scan_status !== "never_scanned" && asset.scan_status !== "unsupported";
  const show = (value: number) => (known ? count(value) : "–");
  const to = { to: "/assets/$id", params: { id: asset.id } } as const;
  return (
    <div className={styles.counts}>
      <Link
        {...to}
        search={{ tab: "patches" }}
        data-tone={known && asset.latest_missing ? "warn" : undefined}
      >
        <strong>{show(asset.latest_missing)}</strong> missing, latest
      </Link>
      <Link
        {...to}
        search={{ tab: "patches", query: LATEST_SECURITY }}
        data-tone={known && asset.latest_missing_security ? "bad" : undefined}
      >
        <strong>{show(asset.latest_missing_security)}</strong> of them security
      </Link>
      <Link {...to} search={{ tab: "patches", query: "" }}>
        <strong>{show(asset.missing)}</strong> missing with superseded
      </Link>
      <Link {...to} search={{ tab: "patches", status: "installed", query: "" }}>
        <strong>{show(asset.installed)}</strong> installed
      </Link>
    </div>
  );
}

function TagList({ asset }: { asset: AssetDetail }) {
  return (
    <span className={styles.tags}>
      {asset.tags.map((tag) => (
        <Link key={tag.id} to="/assets" search={{ query: exactly("tags.name", tag.name) }}>
          <Chip>{tag.name}</Chip>
        </Link>
      ))}
    </span>
  );
}

function System({ inventory: { os, kernels, booted_at } }: { inventory: Inventory }) {
  return (
    <Card title="System">
      <Facts
        facts={[
          ["Operating system", os.name],
          ["Release", [os.id, os.codename].filter(Boolean).join("/")],
          ["Version", os.version],
          ["Security updates until", os.support_ends],
          ["Architecture", [os.architecture, ...os.foreign_architectures].join(", ")],
          ["Kernel running", kernels.running],
          [
            "Kernels installed",
            kernels.installed.length ? <Lines key="kernels" lines={kernels.installed} /> : null,
          ],
          ["Started", booted_at ? <When key="boot" at={booted_at} both /> : null],
        ]}
      />
    </Card>
  );
}

function Network({ inventory: { interfaces } }: { inventory: Inventory }) {
  return (
    <Card title="Network">
      {interfaces.length === 0 ? <span className={styles.none}>No interface besides loopback</span> : null}
      <Facts
        facts={interfaces.map(({ name, mac, addresses }) => [
          name,
          <Lines key={name} lines={[...addresses, ...(mac ? [mac] : [])]} code />,
        ])}
      />
    </Card>
  );
}

function Hardware({ inventory: { hardware, disks } }: { inventory: Inventory }) {
  return (
    <Card title="Hardware">
      <Facts
        facts={[
          ["Maker", hardware.manufacturer],
          ["Model", hardware.model],
          ["Serial number", hardware.serial],
          ["Processor", hardware.cpu],
          ["Logical processors", hardware.cpu_cores || null],
          ["Memory", hardware.memory_bytes ? bytes(hardware.memory_bytes) : null],
        ]}
      />
      {disks.map(({ mount, total_bytes, free_bytes }) => {
        const used = total_bytes ? ((total_bytes - free_bytes) / total_bytes) * 100 : 0;
        return (
          <div key={mount} className={styles.disk}>
            <span>
              <code>{mount}</code>
              <span>
                {bytes(free_bytes)} free of {bytes(total_bytes)}
              </span>
            </span>
            <Progress
              value={used}
              color={used > 92 ? "red" : used > 80 ? "orange" : "petrol"}
              size={5}
              aria-label={`${mount} in use`}
            />
          </div>
        );
      })}
    </Card>
  );
}

function Lines({ lines, code }: { lines: string[]; code?: boolean }) {
  return (
    <span className={styles.lines}>
      {lines.map((line) => (code ? <code key={line}>{line}</code> : <span key={line}>{line}</span>))}
    </span>
  );
}
