//! The server's own certificate, exchanged while it runs: a server that is up for a year must not become
//! unreachable on the day its first certificate ends.

use crate::App;
use crate::authority::{Authority, AuthorityError, ServerIdentity};
use crate::settings::Settings;
use arc_swap::ArcSwap;
use fettle_model::clock::Entropy;
use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use std::sync::Arc;

/// Why the server has no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The authority made none.
    #[error("could not get a certificate from the server's own authority")]
    Authority(#[from] AuthorityError),
    /// Certificate and key cannot be used for TLS.
    #[error("could not use the server's certificate for TLS")]
    Rustls(#[from] rustls::Error),
}

/// The certificate that the server's own authority made for it.
#[derive(Debug)]
pub struct OwnCertificate(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl OwnCertificate {
    /// The kept certificate while it is good, otherwise a new one.
    ///
    /// # Errors
    /// When none can be made.
    pub fn load(authority: &Authority, settings: &Settings, now: Timestamp, entropy: &dyn Entropy) -> Result<Self, CertificateError> {
        Ok(Self(ArcSwap::from_pointee(current(authority, settings, now, entropy)?)))
    }

    /// Exchanges the certificate when its end is near. New connections see the new one.
    ///
    /// # Errors
    /// When none can be made; the old one stays.
    pub fn renew(&self, app: &App) -> Result<bool, CertificateError> {
        let new = current(&app.authority, &app.settings, app.clock.now(), app.entropy.as_ref())?;
        let changed = self.0.load().cert != new.cert;
        if changed {
            self.0.store(Arc::new(new));
        }
        Ok(changed)
    }
}

fn current(authority: &Authority, settings: &Settings, now: Timestamp, entropy: &dyn Entropy) -> Result<CertifiedKey, CertificateError> {
    let ServerIdentity { chain, key } = authority.server_identity(&names(settings), now, entropy)?;
    let key = aws_lc_rs::sign::any_supported_type(&key)?;
    Ok(CertifiedKey::new(chain, key))
}

/// The names in the certificate: the public one, and this machine for agents that run on it.
fn names(settings: &Settings) -> Vec<String> {
    let mut names = vec![settings.public_name.clone()];
    let here = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let bound = [settings.listen.ip(), settings.agent_listen.ip()];
    let bound = bound.iter().filter(|ip| !ip.is_unspecified()).map(ToString::to_string);
    for name in here.into_iter().chain(bound) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}
