//! The tables of the reference are what the registry says. `UPDATE=1` writes them; `cargo xtask codegen` does.

use fettle_query::registry::reference;
use std::path::Path;

const BEGIN: &str = "<!-- fields -->\n";
const END: &str = "<!-- /fields -->";

#[test]
fn the_reference_shows_the_registry() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/query-language.md");
    let text = std::fs::read_to_string(&path).expect("the reference is there");
    let (before, rest) = text.split_once(BEGIN).expect("the reference has a place for fields");
    let (_, after) = rest.split_once(END).expect("the place for fields has an end");
    let wanted = format!("{before}{BEGIN}\n{}\n{END}{after}", reference());
    if std::env::var_os("UPDATE").is_some() && text != wanted {
        std::fs::write(&path, &wanted).expect("the reference can be written");
        return;
    }
    assert!(text == wanted, "the reference is not what the registry says; run `cargo xtask codegen` and commit the result");
}
