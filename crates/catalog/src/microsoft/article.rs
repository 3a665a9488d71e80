//! Numbers of knowledge base articles in texts of people.

/// The article that a fix is, as `KB5034122`; `None` when the text is anything else, such as `Release Notes`.
pub(super) fn article(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.strip_prefix("KB").or_else(|| text.strip_prefix("kb")).unwrap_or(text).trim_start();
    // The oldest articles about updates have six digits. What is shorter is a truncated number, or no number of an article.
    let is_number = (6..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("KB{digits}"))
}

/// All articles of a list: `5033118`, `5032190, KB5031354`, `5032190;5031354`. Anything else in it is passed over.
pub(super) fn articles(list: &str) -> impl Iterator<Item = String> + '_ {
    list.split([',', ';', ' ', '\n', '\t']).filter_map(article)
}

/// The article that an address leads to: `…?q=KB5034122`, `…/help/5034122`.
pub(super) fn article_of_link(link: &str) -> Option<String> {
    let link = link.trim_end_matches('/');
    if let Some((_, query)) = link.split_once("q=KB").or_else(|| link.split_once("q=kb")) {
        return article(query.split(['&', '#']).next().unwrap_or(query));
    }
    let (before, last) = link.rsplit_once('/')?;
    before.ends_with("/help").then(|| article(last))?
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("5034122", Some("KB5034122"))]
    #[case(" KB5034122 ", Some("KB5034122"))]
    #[case("950582", Some("KB950582"))]
    #[case("50329", None)]
    #[case("Release Notes", None)]
    #[case("15.0.1", None)]
    #[case("", None)]
    fn articles_are_six_to_eight_digits(#[case] text: &str, #[case] read: Option<&str>) {
        assert_eq!(article(text).as_deref(), read);
    }

    #[test]
    fn lists_hold_several() {
        assert_eq!(articles("5032190, 50329;KB5031354 MS16-001").collect::<Vec<_>>(), ["KB5032190", "KB5031354"]);
        assert_eq!(articles("").count(), 0);
    }

    #[rstest]
    #[case("https://catalog.update.microsoft.com/v7/site/Search.aspx?q=KB5034122", Some("KB5034122"))]
    #[case("https://support.microsoft.com/help/5034122/", Some("KB5034122"))]
    #[case("https://aka.ms/vs/17/release", None)]
    fn links_lead_to_articles(#[case] link: &str, #[case] read: Option<&str>) {
        assert_eq!(article_of_link(link).as_deref(), read);
    }
}
