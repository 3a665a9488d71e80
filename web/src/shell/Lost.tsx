import { IconMapOff } from "@tabler/icons-react";
import { LinkButton } from "~/display/LinkButton";
import { Empty } from "~/display/states";

/** For addresses that lead nowhere. */
export function Lost() {
  return (
    <main>
      <h1 className="visually-hidden">Not found</h1>
      <Empty
        title="There is no such page"
        detail="The address may be mistyped, or what it pointed to was removed."
        icon={<IconMapOff size={22} stroke={1.6} />}
      >
        <LinkButton to="/assets" variant="default" size="xs">
          Go to assets
        </LinkButton>
      </Empty>
    </main>
  );
}
