//! Which bundles may be imported after which.

use crate::made::{base, days, export, now, small, verified};
use fettle_catalog::bundle::{BaseName, Occasion, Verdict};

fn told(bytes: &[u8], last: Option<BaseName>, after_days: i64) -> String {
    let occasion = Occasion { now: now() + days(after_days), last };
    match verified(bytes).expect("verified").fits(occasion) {
        Ok(verdict) => format!("{verdict:?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_full_bundle_fits_whatever_is_older() {
    let (_, old) = export(&small(), 3, None);
    let (bytes, new) = export(&small(), 4, None);
    assert_eq!(told(&bytes, None, 0), format!("{:?}", Verdict::Import));
    assert_eq!(told(&bytes, Some(old.name), 89), format!("{:?}", Verdict::Import));
    assert_eq!(told(&bytes, Some(new.name), 0), format!("{:?}", Verdict::Known));
    assert_eq!(told(&bytes, Some(new.name), 400), format!("{:?}", Verdict::Known), "what is here already does not expire");
}

#[test]
fn what_does_not_fit_says_what_to_bring() {
    let (old, three) = export(&small(), 3, None);
    let (_, four) = export(&small(), 4, None);
    let (delta, _) = export(&small(), 5, Some(base(&three)));
    // The same number with other contents, as a restored server gives it.
    let (_, other) = export(&crate::made::Catalog::new(), 3, None);
    let messages = [
        told(&old, None, 90),
        told(&old, None, -2),
        told(&old, Some(four.name), 0),
        told(&old, Some(other.name), 0),
        told(&delta, None, 0),
        told(&delta, Some(four.name), 0),
        told(&delta, Some(other.name), 0),
    ];
    insta::assert_snapshot!(messages.join("\n"));
    assert_eq!(told(&delta, Some(three.name), 0), format!("{:?}", Verdict::Import));
}
