//! Certificates: the authority's, and one given for the console.

use super::{Finding, chain};
use crate::cli::trust;
use crate::settings::{ConsoleTls, Settings};
use jiff::Timestamp;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::path::Path;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Warned about when fewer days are left: enough to order a new one.
const SOON_DAYS: i64 = 30;

/// Checks that certificates are valid now and for a while.
pub(super) fn check(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let authority = settings.secrets().join("authority.pem");
    if !authority.exists() {
        return vec![Finding::warn("certificate authority", "there is none yet", "start the server once: it makes one")];
    }
    let mut findings = vec![validity("certificate authority", &authority, now, "restore the secrets folder from a backup")];
    if let Some(fingerprint) = trust::fingerprint_of_file(&authority) {
        findings.push(Finding::ok("certificate authority's SHA-256 fingerprint", fingerprint.to_string()));
    }
    if let ConsoleTls::Files { certificate, .. } = &settings.console_tls {
        findings.push(validity(
            "console certificate",
            certificate,
            now,
            "put a renewed certificate at --tls-cert and start the server again",
        ));
    }
    findings
}

fn validity(subject: &str, path: &Path, now: Timestamp, what_to_do: &str) -> Finding {
    let der = match CertificateDer::from_pem_file(path) {
        Ok(der) => der,
        Err(error) => return Finding::fail(subject, format!("{} cannot be read: {}", path.display(), chain(&error)), what_to_do),
    };
    let Ok((_, certificate)) = X509Certificate::from_der(&der) else {
        return Finding::fail(subject, format!("{} holds no certificate", path.display()), what_to_do);
    };
    judge(subject, certificate.validity().not_before.timestamp(), certificate.validity().not_after.timestamp(), now, what_to_do)
}

fn judge(subject: &str, from: i64, until: i64, now: Timestamp, what_to_do: &str) -> Finding {
    let now = now.as_second();
    let day = Timestamp::from_second(until).map_or_else(|_| "an unreadable date".to_owned(), |time| time.strftime("%Y-%m-%d").to_string());
    if now < from {
        return Finding::fail(subject, "is not valid yet", "set this machine's clock");
    }
    match (until - now).div_euclid(86_400) {
        ..0 => Finding::fail(subject, format!("ended on {day}"), what_to_do),
        left @ 0..SOON_DAYS => Finding::warn(subject, format!("ends on {day}, in {left} days"), what_to_do),
        _ => Finding::ok(subject, format!("valid until {day}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(-1, Verdict::Fail)]
    #[case(0, Verdict::Ok)]
    #[case(1_000 * 86_400 - 31 * 86_400, Verdict::Ok)]
    #[case(1_000 * 86_400 - 5, Verdict::Warn)]
    #[case(1_000 * 86_400 + 1, Verdict::Fail)]
    fn a_certificate_is_judged_by_the_day(#[case] second: i64, #[case] verdict: Verdict) {
        let now = Timestamp::from_second(second).expect("in range");
        assert_eq!(judge("x", 0, 1_000 * 86_400, now, "renew").verdict, verdict);
    }
}
