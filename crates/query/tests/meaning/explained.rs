//! Queries in plain sentences.

use crate::support::checked;
use fettle_query::{Entity, Explanation, explain};
use std::fmt::Write;

const QUERIES: &[(Entity, &str)] = &[
    (Entity::Asset, ""),
    (Entity::Asset, "web"),
    (Entity::Asset, "name:web*"),
    (Entity::Asset, "name:`WEB-01` or os.name:\"Debian GNU\" or tags.name:[a, \"b c\"]"),
    (Entity::Asset, "online:yes and not licensed:no"),
    (Entity::Asset, "missing:(severity>=important and publishedDate<now-30d)"),
    (Entity::Asset, "not missing.kev:yes"),
    (Entity::Asset, "missing:* and installed is null"),
    (Entity::Asset, "missingCount:[5 .. 10) and compliance<95 and cpu.cores:4 and memory>=16GiB and disk.free<2GB and memory:[* .. 1500]"),
    (Entity::Asset, "lastScan:2026-11-10 and lastCheckIn<=now"),
    (Entity::Asset, "software:(name:openssl and version:3.0*) or software.version<3.0.15"),
    (Entity::Asset, "ip:10.0.0.0/24 or ip:10.0.0.7 or disk.free is null or disk.free:*"),
    (Entity::Asset, "missing:((a or b) (not c))"),
    (Entity::Patch, "vendorSeverity<low or rebootRequired:required or cve:[a, b, c, d, e, f, g, h, i, j, k, l]"),
    (Entity::Result, "asset.missing.kev:yes and patch:(a b) and status:failed"),
    (Entity::Job, "nextRun>2026-11-10"),
    (Entity::Audit, "actor:alice at>today"),
];

fn write(explanation: &Explanation, depth: usize, out: &mut String) {
    writeln!(out, "{}{}", "  ".repeat(depth), explanation.text).expect("writing to a text");
    explanation.parts.iter().for_each(|part| write(part, depth + 1, out));
}

#[test]
fn queries_in_plain_sentences() {
    let mut out = String::new();
    for &(entity, text) in QUERIES {
        writeln!(out, "{text}").expect("writing to a text");
        write(&explain(&checked(entity, text)), 1, &mut out);
    }
    insta::assert_snapshot!(out);
}
