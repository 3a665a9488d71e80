//! The tables of the registry for people: what the reference of the language shows.

use super::{Entity, Evidence, Field, Kind, Relation, UNSUPPORTED, fields, relations};
use std::fmt::Write;

/// All fields of all entities in Markdown, headings of the third level. Ends with a line break.
#[must_use]
pub fn reference() -> String {
    let mut out = String::new();
    for &entity in Entity::ALL {
        let part = format!("### {}\n\n{}{}", heading(entity), introduction(entity), table_of_fields(entity));
        out.push_str(&part);
        out.push_str(&table_of_relations(entity));
        out.push('\n');
    }
    out.push_str(&table_of_other_names());
    out
}

const fn heading(entity: Entity) -> &'static str {
    match entity {
        Entity::Asset => "Assets",
        Entity::Patch => "Patches",
        Entity::Job => "Jobs",
        Entity::Result => "Results",
        Entity::Audit => "Audit entries",
        Entity::Software => "Software",
    }
}

fn introduction(entity: Entity) -> String {
    let mut text = String::new();
    if entity == Entity::Software {
        text.push_str("Software is reached from an asset: `software:( … )` or `software.name:…`.\n");
    }
    let main = names(entity, |field| field.main);
    if !main.is_empty() {
        text.push_str(&format!("A text without a field searches {main}.\n"));
    }
    let findings = names(entity, |field| field.evidence != Evidence::Fact);
    if !findings.is_empty() {
        text.push_str(&format!("Made of what scans found, and therefore unknown without a good scan: {findings}.\n"));
    }
    text.push('\n');
    text
}

fn names(entity: Entity, chosen: impl Fn(&Field) -> bool) -> String {
    let names: Vec<String> = fields(entity).iter().filter(|field| chosen(field)).map(|field| code(field.name)).collect();
    names.join(", ")
}

fn table_of_fields(entity: Entity) -> String {
    let mut table = "| field | type | meaning | example |\n|---|---|---|---|\n".to_owned();
    for field in fields(entity) {
        let also: Vec<String> = field.aliases.iter().map(|alias| code(alias)).collect();
        let also = if also.is_empty() { String::new() } else { format!("; also {}", also.join(", ")) };
        row(&mut table, &[code(field.name), kind(field), format!("{}{also}", field.help), code(field.example)]);
    }
    table
}

fn kind(field: &Field) -> String {
    let kind = match field.kind {
        Kind::Text => "text".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Size => "size".to_owned(),
        Kind::Moment => "moment".to_owned(),
        Kind::Version => "version".to_owned(),
        Kind::Flag => "yes or no".to_owned(),
        Kind::Address => "address".to_owned(),
        Kind::Choice { members, ordered } => {
            let members: Vec<String> = members.iter().map(|member| code(member)).collect();
            members.join(if ordered { " < " } else { ", " })
        }
    };
    if field.many { format!("{kind}; several") } else { kind }
}

fn table_of_relations(entity: Entity) -> String {
    let mut table = String::new();
    for relation in relations(entity) {
        if table.is_empty() {
            table.push_str("\n| leads to | records | holds when | example |\n|---|---|---|---|\n");
        }
        let records = heading(Relation::to(relation)).to_lowercase();
        row(&mut table, &[code(relation.name()), records, relation.help().to_owned(), code(relation.example())]);
    }
    table
}

fn table_of_other_names() -> String {
    let mut table = "### Names that are no fields\n\nThese are customary elsewhere; the error says what to ask instead.\n\n".to_owned();
    table.push_str("| name | of | why | instead |\n|---|---|---|---|\n");
    for known in UNSUPPORTED {
        let of: Vec<String> = known.entities.iter().map(|&entity| heading(entity).to_lowercase()).collect();
        row(&mut table, &[code(known.name), of.join(", "), known.reason.to_owned(), known.instead.map_or_else(String::new, code)]);
    }
    table
}

fn row(table: &mut String, cells: &[String]) {
    // Writing to a text cannot fail.
    let _ = writeln!(table, "| {} |", cells.join(" | "));
}

/// As code in a cell: with two backquotes where the text has one, and `|` escaped.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}
