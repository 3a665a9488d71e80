use super::*;
use fettle_model::clock::Entropy;
use uuid::Uuid;

struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
    }
}

fn entropy() -> Counting {
    Counting(std::sync::atomic::AtomicU8::new(1))
}

fn now() -> Timestamp {
    "2026-01-15T12:00:00.25Z".parse().unwrap()
}

fn request(key: &KeyPair) -> Vec<u8> {
    let mut params = CertificateParams::new(vec!["somebody-else.example".to_owned()]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "not this name");
    params.serialize_request(key).unwrap().der().to_vec()
}

fn asset() -> AssetId {
    AssetId(Uuid::from_u128(7))
}

#[test]
fn the_same_authority_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("secrets");
    let one = Authority::open(&secrets, now(), &entropy()).unwrap();
    let two = Authority::open(&secrets, now() + DAY * 400, &entropy()).unwrap();
    assert_eq!((one.fingerprint(), one.manifest_key(), one.pem()), (two.fingerprint(), two.manifest_key(), two.pem()));
    let (catalog, again) = (one.catalog_key(&entropy()).unwrap(), two.catalog_key(&entropy()).unwrap());
    assert_eq!(catalog, again);
    assert_ne!(catalog.verifying_key().to_bytes(), one.manifest_key(), "who signs catalogs does not thereby command agents");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o700);
    for name in ["authority.key", "manifest.key", "catalog.key"] {
        assert_eq!(std::fs::metadata(secrets.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_damaged_authority_is_never_replaced() {
    let folder = tempfile::tempdir().unwrap();
    Authority::open(folder.path(), now(), &entropy()).unwrap();
    let path = folder.path().join("authority.key");
    let text = std::fs::read_to_string(&path).unwrap();
    for damage in [&text[..text.len() / 2], "", "hello"] {
        std::fs::write(&path, damage).unwrap();
        assert!(matches!(Authority::open(folder.path(), now(), &entropy()), Err(AuthorityError::Damaged { .. })));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), damage);
    }
}

#[test]
fn a_client_certificate_says_what_the_authority_says() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), now(), &entropy()).unwrap();
    let key = KeyPair::generate().unwrap();
    let made = authority.client_certificate(&request(&key), asset(), now(), &entropy()).unwrap();
    let der = CertificateDer::from_pem_slice(made.pem.as_bytes()).unwrap();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.subject().to_string(), format!("CN={}", asset()));
    assert!(certificate.subject_alternative_name().unwrap().is_none());
    assert_eq!(certificate.validity().not_after.timestamp(), made.not_after.as_second());
    assert_eq!(certificate.public_key().subject_public_key.data.as_ref(), key.der_bytes());
    assert!(!certificate.is_ca());
    let usage = certificate.extended_key_usage().unwrap().unwrap().value;
    assert!(usage.client_auth && !usage.server_auth && !usage.any);
    let (_, ca) = X509Certificate::from_der(authority.certificate()).unwrap();
    certificate.verify_signature(Some(ca.public_key())).unwrap();
    assert_eq!(made.fingerprint, fingerprint(&der));
    assert_eq!(made.serial, data_encoding::HEXLOWER.encode(certificate.raw_serial()));
}

#[test]
fn other_keys_and_damaged_requests_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), now(), &entropy()).unwrap();
    let good = request(&KeyPair::generate().unwrap());
    let larger = request(&KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap());
    let other = request(&KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap());
    let mut forged = good.clone();
    let middle = forged.len() / 3;
    forged[middle] ^= 1;
    for bad in [&[][..], &good[..good.len() - 1], &forged, &larger, &other, &vec![0x30; 100_000]] {
        let refused = authority.client_certificate(bad, asset(), now(), &entropy());
        assert!(matches!(refused, Err(AuthorityError::Request)), "{refused:?}");
    }
}

#[test]
fn the_server_certificate_is_kept_until_names_change_or_its_end_is_near() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::open(folder.path(), now(), &entropy()).unwrap();
    let names = |list: &[&str]| list.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    let chain = |at: Timestamp, list: &[&str]| authority.server_identity(&names(list), at, &entropy()).unwrap().chain;
    let first = chain(now(), &["patch.example", "::1", "127.0.0.1"]);
    assert_eq!(first.len(), 2);
    assert_eq!(chain(now() + DAY * 300, &["127.0.0.1", "patch.example", "::1"]), first);
    let renewed = chain(now() + DAY * 306, &["patch.example", "::1", "127.0.0.1"]);
    assert_ne!(renewed, first);
    assert_ne!(chain(now() + DAY * 306, &["patch.example"]), renewed);
}

#[test]
fn renewal_begins_thirty_days_before_the_end() {
    assert!(!should_renew(now() + DAY * 30, now()));
    assert!(should_renew(now() + DAY * 30 - SignedDuration::from_secs(1), now()));
    assert!(should_renew(now() - DAY, now()));
}

#[test]
fn the_setup_token_works_until_it_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let setup = SetupToken::closed(folder.path());
    assert!(!setup.accepts(""));
    let token = setup.open(&entropy()).unwrap();
    assert!(setup.accepts(&token) && !setup.accepts("another") && !setup.accepts(""));
    assert_eq!(std::fs::read_to_string(folder.path().join("setup-token")).unwrap(), token);
    setup.close().unwrap();
    assert!(!setup.accepts(&token) && !folder.path().join("setup-token").exists());
    setup.close().unwrap();
}
