//! What applications on Windows are called.
//!
//! The list of installed applications has names with versions, architectures, languages and remarks in them, and
//! publishers with legal forms. What is left without those is what the Windows Package Manager compares, and so do we.

mod name;
mod text;

/// Longest name or publisher that is looked at, in characters. Windows itself shows fewer; what comes behind is left
/// out on both sides of a comparison.
pub const MAX_TEXT: usize = 512;

/// A name and its publisher in the form in which they are compared: letters and digits alone, lower case, without
/// versions, architectures and legal forms.
#[must_use]
pub fn normal_name(name: &str, publisher: &str) -> String {
    plain_name(name, publisher).to_lowercase()
}

/// The same with the case it was written in: `IgorPavlov.7Zip`.
#[must_use]
pub fn plain_name(name: &str, publisher: &str) -> String {
    format!("{}.{}", name::plain_publisher(name::cut(publisher)), name::plain_application(name::cut(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::version_and_edition("Packer 25.01 (x64 edition)", "Ida Example", "IdaExample.Packer")]
    #[case::version_words("Editor version 5", "Example, Inc.", "Example.Editor")]
    #[case::stage("Editor 1.2.3-beta4", "Example s.r.o.", "Example.Editor")]
    #[case::update("Fix for Office (KB5001234) 64-Bit Edition", "Example Corporation", "Example.FixforOfficeKB5001234")]
    #[case::language("Browser 99.0 (x86 de)", "Example Foundation", "ExampleFoundation.Browser")]
    #[case::language_tag("Suite - en-US", "Example GmbH & Co. KG", "Example.Suite")]
    #[case::both_architectures("Tool 32/64-bit", "Example", "Example.Tool")]
    #[case::path("Tool (C:\\Program Files\\Tool)", "Example", "Example.Tool")]
    #[case::quoted("\"Tool\"", "(Example)", "Example.Tool")]
    #[case::nothing_left("1.2.3", "Example", "Example.")]
    #[case::a_legal_form_first("Co Driver", "AB Example", "ABExample.CoDriver")]
    #[case::acronym("Tool", "Example S.A.", "Example.Tool")]
    #[case::no_latin("编辑器 2.0", "示例公司", "示例公司.编辑器")]
    fn what_changes_is_left_out(#[case] name: &str, #[case] publisher: &str, #[case] expected: &str) {
        assert_eq!(plain_name(name, publisher), expected);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let long = "word ".repeat(100_000);
        assert!(normal_name(&long, &long).chars().count() <= 2 * MAX_TEXT + 1);
    }

    proptest! {
        /// Letters and digits alone are left, in lower case, and not more than there were.
        #[test]
        fn only_letters_and_digits_are_left(name in ".{0,80}", publisher in ".{0,80}") {
            let plain = plain_name(&name, &publisher);
            prop_assert!(plain.chars().filter(|&letter| letter != '.').all(|letter| letter.is_alphanumeric()));
            prop_assert!(plain.chars().count() <= name.chars().count() + publisher.chars().count() + 1);
        }

        /// Case does not matter.
        #[test]
        fn case_does_not_matter(name in "[a-z0-9 .()-]{0,40}", publisher in "[a-z ,.]{0,40}") {
            prop_assert_eq!(normal_name(&name, &publisher), normal_name(&name.to_uppercase(), &publisher.to_uppercase()));
        }

        /// Doing it again changes nothing, for names that are words and a version.
        #[test]
        fn again_changes_nothing(words in "[A-Z][a-z]{3,8}( [A-Z][a-z]{3,8}){0,3}", version in "[0-9]{1,3}(\\.[0-9]{1,3}){1,3}") {
            let once = plain_name(&format!("{words} {version}"), "Example");
            let name = once.split_once('.').map_or("", |(_, name)| name);
            prop_assert_eq!(plain_name(name, "Example"), once.clone());
        }
    }
}
