//! What applications on Windows are called.

/// A name and its publisher in the form in which they are compared: letters and digits alone, lower case, without
/// versions, architectures and legal forms.
#[must_use]
pub fn normal_name(name: &str, publisher: &str) -> String {
    let plain = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    format!("{}.{}", plain(publisher), plain(name))
}
