//! Passwords: what can be one, and the hash that is kept of it.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

/// Memory in KiB, passes and lanes: the first choice of the OWASP Password Storage Cheat Sheet for argon2id.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

/// The shortest password, in characters (NIST SP 800-63B, 5.1.1.2).
pub const SHORTEST: usize = 8;

/// The longest password, in characters; there is a limit so that nobody pipes a file in.
pub const LONGEST: usize = 1024;

/// Why a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Under [`SHORTEST`] characters.
    Short,
    /// Over [`LONGEST`] characters.
    Long,
    /// It holds a control character, which no form lets people type.
    Control,
    /// The salt has a length that argon2 refuses.
    Salt,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Weakness::Short => write!(f, "it has fewer than {SHORTEST} characters"),
            Weakness::Long => write!(f, "it has more than {LONGEST} characters"),
            Weakness::Control => f.write_str("it holds a control character"),
            Weakness::Salt => f.write_str("its salt has the wrong length"),
        }
    }
}

impl std::error::Error for Weakness {}

/// The argon2id hash of a password as a PHC string. The salt has to be unique, not secret: 16 bytes. Fails when the text cannot
/// be a password.
pub fn hash(password: &str, salt: &[u8]) -> Result<String, Weakness> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Err(Weakness::Short);
    }
    if length > LONGEST {
        return Err(Weakness::Long);
    }
    if password.chars().any(char::is_control) {
        return Err(Weakness::Control);
    }
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|_| Weakness::Salt)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash: PasswordHash = argon2.hash_password_with_salt(password.as_bytes(), salt).map_err(|_| Weakness::Salt)?;
    Ok(hash.to_string())
}

/// Whether this is the password of which the hash was made.
pub fn matches(password: &str, hash: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_its_algorithm_and_cost_and_matches_its_password_alone() {
        let kept = hash("correct horse", &[7; 16]).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(matches("correct horse", &kept));
        assert!(!matches("correct horsf", &kept));
        assert_ne!(kept, hash("correct horse", &[8; 16]).unwrap());
        assert!(kept.len() <= 255);
    }

    #[test]
    fn what_cannot_be_a_password_is_refused() {
        assert_eq!(hash("1234567", &[7; 16]), Err(Weakness::Short));
        assert_eq!(hash(&"x".repeat(1025), &[7; 16]), Err(Weakness::Long));
        assert_eq!(hash("tab\there", &[7; 16]), Err(Weakness::Control));
    }
}
