//! Passwords: argon2id, hashed off the request threads.

use crate::api::problem::{FieldError, Problem};
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use fettle_model::clock::Entropy;
use std::sync::{LazyLock, OnceLock};
use tokio::sync::Semaphore;

/// Fewest characters of a password (NIST SP 800-63B asks for 8 beside a second factor, 15 without; 12 is the product's rule).
pub const MIN_CHARACTERS: usize = 12;
/// Most bytes of a password: a text of any length would make the server hash for whoever sends it.
pub const MAX_BYTES: usize = 1_000;
/// Passwords hashed at the same time: each takes 19 MiB and a core for some tens of milliseconds.
const AT_ONCE: usize = 4;

static TURNS: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(AT_ONCE));

/// OWASP's recommendation for argon2id: 19 MiB, two passes, one lane.
fn hasher() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// Refuses passwords that are too short, too long, or one character over and over.
pub fn check(field: &str, password: &str, name: &str) -> Result<(), FieldError> {
    let refuse = |message: String| Err(FieldError::new(field, message));
    if password.chars().count() < MIN_CHARACTERS {
        return refuse(format!("must have at least {MIN_CHARACTERS} characters"));
    }
    if password.len() > MAX_BYTES {
        return refuse(format!("must have at most {MAX_BYTES} bytes"));
    }
    let distinct: std::collections::HashSet<char> = password.chars().collect();
    if distinct.len() < 5 {
        return refuse("must use at least five different characters".to_owned());
    }
    if password.to_lowercase() == name.to_lowercase() {
        return refuse("must differ from the name".to_owned());
    }
    Ok(())
}

/// Hashes a password; the text keeps algorithm, parameters and salt (PHC string format).
///
/// # Errors
/// When the hash cannot be made.
pub async fn hash(password: String, entropy: &dyn Entropy) -> Result<String, Problem> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt);
    work(move || hasher().hash_password_with_salt(password.as_bytes(), &salt).map(|hash| hash.to_string()))
        .await?
        .map_err(|error| Problem::internal(&error))
}

/// Whether this is the password. Without a hash it takes as long as with one and says no, so that nobody
/// learns from the time whether a name exists.
///
/// # Errors
/// When the work could not be done at all.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Problem> {
    // What nobody could have set needs no work, and the length is the caller's own.
    if password.len() > MAX_BYTES {
        return Ok(false);
    }
    work(move || {
        let known = hash.is_some();
        // Made in any case, so that the first unknown name does not take longer than a known one.
        let stand_in = stand_in();
        let text = hash.as_deref().unwrap_or(stand_in);
        let matches = PasswordHash::new(text).is_ok_and(|parsed| hasher().verify_password(password.as_bytes(), &parsed).is_ok());
        matches && known
    })
    .await
}

/// The hash that is compared with when there is none.
fn stand_in() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| hasher().hash_password_with_salt(b"nobody", &[0; 16]).map(|hash| hash.to_string()).unwrap_or_default())
}

async fn work<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let _turn = TURNS.acquire().await.map_err(|error| Problem::internal(&error))?;
    tokio::task::spawn_blocking(job).await.map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[tokio::test]
    async fn only_the_password_itself_verifies() {
        let hash = hash("correct horse battery".to_owned(), &Fixed).await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse battery".to_owned(), Some(hash.clone())).await.expect("verified"));
        assert!(!verify("correct horse batterz".to_owned(), Some(hash)).await.expect("verified"));
        assert!(!verify("nobody".to_owned(), None).await.expect("verified"));
    }

    #[rstest::rstest]
    #[case("short", false)]
    #[case("aaaaaaaaaaaaaaaa", false)]
    #[case("administrator", false)]
    #[case("élan vital über", true)]
    fn weak_passwords_are_refused(#[case] password: &str, #[case] accepted: bool) {
        assert_eq!(check("password", password, "Administrator").is_ok(), accepted);
    }
}
