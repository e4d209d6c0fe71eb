//! What went wrong with TLS, in words, and what to do about it.

use std::io;

use rustls::{AlertDescription, CertificateError, InconsistentKeys, PeerIncompatible};

/// Why there is no TLS with a server, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) what: String,
    pub(super) remedy: Option<&'static str>,
}

impl Trouble {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Trouble { what: what.into(), remedy: None }
    }

    fn with(what: impl Into<String>, remedy: &'static str) -> Self {
        Trouble { what: what.into(), remedy: Some(remedy) }
    }
}

/// The trouble with TLS that an error of a stream stands for, if it is one.
pub(super) fn of(error: &io::Error) -> Option<Trouble> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).map(told)
}

/// The words for an error of TLS. The library's own are the names of its parts.
pub(super) fn told(error: &rustls::Error) -> Trouble {
    match error {
        rustls::Error::InvalidCertificate(wrong) => certificate(wrong),
        rustls::Error::AlertReceived(alert) => alerted(*alert),
        rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon) => {
            Trouble::with("the server and cmf have no cipher in common", "allow the server TLS 1.3, or ciphers with ECDHE")
        }
        rustls::Error::PeerIncompatible(
            PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ) => old_version(),
        rustls::Error::PeerIncompatible(other) => Trouble::new(format!("the server's TLS is not compatible: {}", words(other))),
        rustls::Error::PeerMisbehaved(other) => Trouble::new(format!("the server breaks the rules of TLS: {}", words(other))),
        rustls::Error::InvalidMessage(_)
        | rustls::Error::InappropriateMessage { .. }
        | rustls::Error::InappropriateHandshakeMessage { .. } => Trouble::with(
            "the server's answer is not TLS",
            "check the port; servers older than Postgres 17 do not have sslnegotiation=direct",
        ),
        rustls::Error::NoCertificatesPresented => Trouble::new("the server shows no certificate"),
        rustls::Error::DecryptError => {
            Trouble::new("cmf cannot decrypt what the server sends: something between them may change it")
        }
        rustls::Error::NoApplicationProtocol => not_postgres(),
        rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
            Trouble::with("certificate and key do not belong together", "name the key that the certificate was made for")
        }
        rustls::Error::General(text) => Trouble::new(text.clone()),
        other => Trouble::new(words(other)),
    }
}

/// The words for a certificate that does not pass.
fn certificate(wrong: &CertificateError) -> Trouble {
    match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Trouble::with(
            "the server's certificate has expired",
            "renew the certificate of the server; if it is new, check the clock of this machine",
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Trouble::with("the server's certificate is not valid yet", "check the clock of this machine and that of the server")
        }
        // An unknown authority of the same name as a known one shows by its signature.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Trouble::with(
            "the server's certificate is not from an authority that is trusted",
            "add sslrootcert=FILE with the certificate of the authority that signed the server's certificate",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Trouble::with(
            "the server's certificate is for another host",
            "use a host name that is in the certificate; add hostaddr=ADDRESS if that name does not lead to the server",
        ),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => Trouble::with(
            "the server's certificate is not for servers",
            "make a certificate with the extended key usage serverAuth, or with none",
        ),
        CertificateError::UnhandledCriticalExtension => {
            Trouble::with("the server's certificate has a critical extension that cmf does not know", "make one without it")
        }
        CertificateError::BadEncoding => {
            Trouble::with("the server's certificate cannot be read: it is not well formed", "make a new one")
        }
        CertificateError::Revoked => {
            Trouble::with("the server's certificate is revoked", "renew the certificate of the server")
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => Trouble::with(
            "the server's certificate is signed in a way that cmf does not accept, such as SHA-1",
            "make a certificate signed with SHA-256 and RSA of 2048 bits or more, or ECDSA",
        ),
        // Of these only the names are to be had.
        CertificateError::Other(other) => {
            let name = words(&other.0);
            match name.as_str() {
                "ca used as end entity" => Trouble::with(
                    "the server shows the certificate of an authority instead of its own",
                    "make a certificate for the server that the authority signs, or one with the basic constraint CA:FALSE",
                ),
                "unsupported cert version" => Trouble::with(
                    "the server's certificate is of the old version 1 of X.509",
                    "make one of version 3 with the server's name in it: `openssl req -x509 ... -addext subjectAltName=DNS:HOST`",
                ),
                _ => Trouble::with(
                    format!("the server's certificate is not valid: {name}"),
                    "look at it with `openssl x509 -noout -text -in FILE`, and make a new one",
                ),
            }
        }
        other => Trouble::with(
            format!("the server's certificate is not valid: {}", words(other)),
            "look at it with `openssl x509 -noout -text -in FILE`, and make a new one",
        ),
    }
}

/// The words for what the server says when it ends TLS.
fn alerted(alert: AlertDescription) -> Trouble {
    match alert {
        AlertDescription::CertificateRequired | AlertDescription::NoCertificate => Trouble::with(
            "the server asks for a client certificate",
            "add sslcert=FILE and sslkey=FILE to the URL, or make ~/.postgresql/postgresql.crt and postgresql.key",
        ),
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::UnknownCA
        | AlertDescription::AccessDenied
        | AlertDescription::DecryptError => Trouble::with(
            format!("the server does not accept the client certificate ({})", words(&alert)),
            "set sslcert to a certificate that is valid today and signed by an authority in the server's ssl_ca_file",
        ),
        AlertDescription::ProtocolVersion | AlertDescription::InsufficientSecurity => old_version(),
        AlertDescription::HandshakeFailure => Trouble::with(
            "the server and cmf have no encryption in common",
            "allow the server TLS 1.3, or TLS 1.2 with ciphers of ECDHE; it may also require a client certificate (sslcert, sslkey)",
        ),
        AlertDescription::UnrecognisedName => Trouble::with(
            "the server does not know the host's name",
            "check the host, or add sslsni=0 to the URL to send no host name",
        ),
        AlertDescription::NoApplicationProtocol => not_postgres(),
        other => Trouble::new(format!("the server ended it: {}", words(&other))),
    }
}

fn old_version() -> Trouble {
    Trouble::with(
        "the server has no version of TLS that cmf can use",
        "cmf uses TLS 1.2 and 1.3: check ssl_min_protocol_version of the server and in the URL",
    )
}

fn not_postgres() -> Trouble {
    Trouble::with(
        "the server does not offer Postgres's protocol over TLS",
        "check the port, or leave out sslnegotiation=direct",
    )
}

/// The first name in a value of the library, as words: `UnsupportedCertVersion` is "unsupported cert version".
fn words(value: &impl std::fmt::Debug) -> String {
    let shown = format!("{value:?}");
    let mut words = String::new();
    let mut last_was_lower = false;
    for c in shown.chars().take_while(char::is_ascii_alphanumeric) {
        if c.is_ascii_uppercase() && last_was_lower {
            words.push(' ');
        }
        last_was_lower = !c.is_ascii_uppercase();
        words.push(c.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_library_become_words() {
        assert_eq!(words(&AlertDescription::UnknownCA), "unknown ca");
        assert_eq!(words(&PeerIncompatible::NoCipherSuitesInCommon), "no cipher suites in common");
        assert_eq!(words(&rustls::Error::InvalidMessage(rustls::InvalidMessage::MessageTooShort)), "invalid message");
    }

    /// No name with a capital inside, no braces and no brackets: those are the library's own spelling.
    #[test]
    fn no_error_is_told_in_the_spelling_of_the_library() {
        let other = |text: &str| {
            let error: std::sync::Arc<dyn std::error::Error + Send + Sync> = std::sync::Arc::new(io::Error::other(text));
            CertificateError::Other(rustls::OtherError(error))
        };
        let certificates = [
            CertificateError::Expired,
            CertificateError::UnknownIssuer,
            CertificateError::UnhandledCriticalExtension,
            CertificateError::UnknownRevocationStatus,
            CertificateError::InvalidOcspResponse,
            CertificateError::ApplicationVerificationFailure,
            CertificateError::InvalidPurpose,
            other("x"),
        ];
        let alerts = (0..=255).map(|code| rustls::Error::AlertReceived(AlertDescription::from(code)));
        let errors = certificates.map(rustls::Error::InvalidCertificate).into_iter().chain(alerts).chain([
            rustls::Error::InvalidMessage(rustls::InvalidMessage::MessageTooShort),
            rustls::Error::PeerIncompatible(PeerIncompatible::NullCompressionRequired),
            rustls::Error::PeerMisbehaved(rustls::PeerMisbehaved::IllegalMiddleboxChangeCipherSpec),
            rustls::Error::InconsistentKeys(InconsistentKeys::Unknown),
            rustls::Error::HandshakeNotComplete,
        ]);
        for error in errors {
            let what = told(&error).what;
            let words = what.split([' ', ':']);
            let spelt = words.into_iter().any(|word| word.chars().skip(1).any(|c| c.is_ascii_uppercase()) && word != "TLS");
            assert!(!spelt && !what.contains(['{', '}', '[', '"']) && !what.ends_with(": "), "{error:?}: {what}");
        }
    }
}
