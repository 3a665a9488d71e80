//! Values of closed lists: flags and choices.

use super::flaw::{Flaw, shown};
use super::lookup::nearest;

/// Reads yes or no.
pub(super) fn read_flag(text: &str) -> Result<bool, Flaw> {
    let plain = text.trim().to_ascii_lowercase();
    match plain.as_str() {
        "yes" | "true" => Ok(true),
        "no" | "false" => Ok(false),
        _ => {
            let suggestion = match plain.as_str() {
                "1" | "y" | "t" | "on" | "enabled" => Some("yes".to_owned()),
                "0" | "n" | "f" | "off" | "disabled" => Some("no".to_owned()),
                other => nearest(other, ["yes", "no", "true", "false"].into_iter()),
            };
            Err(Flaw::new(format!("{} is neither yes nor no", shown(text)), "yes, no, true or false").suggest(suggestion))
        }
    }
}

/// Reads a member of a list: its place. Case, `-`, `_` and spaces do not matter.
pub(super) fn read_choice(text: &str, members: &'static [&'static str]) -> Result<usize, Flaw> {
    let wanted = squeezed(text);
    members.iter().position(|member| squeezed(member) == wanted).ok_or_else(|| {
        let within = members.iter().find(|member| !wanted.is_empty() && squeezed(member).contains(wanted.trim_end_matches('*')));
        let suggestion = within.map(|&member| member.to_owned()).or_else(|| nearest(text, members.iter().copied()));
        Flaw::new(format!("{} is none of the values there are", shown(text)), format!("one of {}", members.join(", "))).suggest(suggestion)
    })
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !matches!(letter, '-' | '_' | ' ')).map(|letter| letter.to_ascii_lowercase()).collect()
}
