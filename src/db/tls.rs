//! TLS as it was asked for: what a client trusts and shows, and what ties a login to the certificate of the server.
//!
//! cmf sets TLS up by itself because the driver adds the public authorities to every `sslrootcert`, so that anybody with a
//! public certificate would pass `verify-ca`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::address::{Roots, SslMode, Tls};
use super::tls_trouble;
use crate::error::{Error, Exit, Result, shell_word};

/// What a client trusts and shows. Exit 78 when a file of certificates or a key cannot be used.
pub(super) fn client_config(tls: &Tls) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions: &[_] =
        if tls.allow_tls12 { &[&rustls::version::TLS13, &rustls::version::TLS12] } else { &[&rustls::version::TLS13] };
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| Error::new(Exit::Config, format!("TLS cannot be set up: {}", tls_trouble::told(&error).what)))?;
    let verifier: Arc<dyn ServerCertVerifier> = match tls.mode {
        SslMode::VerifyCa | SslMode::VerifyFull => {
            let roots = trusted(tls.roots.as_ref())?;
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .build()
                .map_err(|error| Error::new(Exit::Config, format!("the root certificates cannot be used: {error}")))?;
            if tls.mode == SslMode::VerifyFull { verifier } else { Arc::new(Lenient { provider, authority: Some(verifier) }) }
        }
        _ => {
            // Nothing is compared with it, but a file that is named must be there.
            if let Some(Roots::File(file)) = &tls.roots {
                certificates(file, "sslrootcert in the URL, or PGSSLROOTCERT")?;
            }
            Arc::new(Lenient { provider, authority: None })
        }
    };
    let config = config.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match &tls.identity {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = PrivateKeyDer::from_pem_file(key).map_err(|error| unusable_key(key, &error))?;
            config.with_client_auth_cert(certificates(certificate, "sslcert in the URL, or PGSSLCERT")?, key).map_err(
                |error| {
                    let trouble = tls_trouble::told(&error);
                    let error = Error::new(
                        Exit::Config,
                        format!("the certificate {} cannot be used: {}", certificate.display(), trouble.what),
                    );
                    trouble.remedy.into_iter().fold(error, Error::hint)
                },
            )?
        }
    };
    config.enable_sni = tls.name_server;
    if tls.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(config)
}

/// The authorities to trust, and no others.
fn trusted(roots: Option<&Roots>) -> Result<RootCertStore> {
    let files: Vec<PathBuf> = match roots {
        Some(Roots::File(file)) => vec![file.clone()],
        // Where systems keep the authorities they trust in one file.
        Some(Roots::System) => match std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty()) {
            // A file that is named is used or is an error; no other is taken in its place.
            Some(named) => vec![PathBuf::from(named)],
            None => [
                "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
                "/etc/ssl/cert.pem",
            ]
            .into_iter()
            .map(PathBuf::from)
            .filter(|file| file.exists())
            .take(1)
            .collect(),
        },
        None => Vec::new(),
    };
    let Some(file) = files.first() else {
        return Err(Error::new(Exit::Config, "cmf does not find the certificates that the operating system trusts")
            .hint("name the file with sslrootcert=FILE or SSL_CERT_FILE"));
    };
    let mut store = RootCertStore::empty();
    let setting = match roots {
        Some(Roots::File(_)) => "sslrootcert in the URL, or PGSSLROOTCERT",
        _ => "SSL_CERT_FILE",
    };
    let found = certificates(file, setting)?;
    let (added, _) = store.add_parsable_certificates(found);
    if added == 0 {
        return Err(Error::new(Exit::Config, format!("no certificate in {} can be used", file.display())));
    }
    Ok(store)
}

fn unusable_key(file: &Path, error: &pem::Error) -> Error {
    let wrong = |why: &str| Error::new(Exit::Config, format!("the key {} cannot be used: {why}", file.display()));
    if std::fs::read_to_string(file).is_ok_and(|text| text.contains("ENCRYPTED")) {
        let name = shell_word(file.display());
        return wrong("it has a passphrase").hint(format!(
            "`openssl pkey -in {name} -out client.key` makes one without: name that with sslkey, and let only you read it"
        ));
    }
    wrong(&pem_trouble(error))
}

/// `setting` names the file.
fn certificates(file: &Path, setting: &str) -> Result<Vec<CertificateDer<'static>>> {
    let unusable = |reason: &str| {
        Error::new(Exit::Config, format!("the certificate file {} cannot be used: {reason}", file.display()))
            .hint(format!("name a file with certificates in PEM form with {setting}"))
    };
    let text = std::fs::read(file).map_err(|error| unusable(&error.to_string()))?;
    let certificates: Vec<_> =
        CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|error| unusable(&pem_trouble(&error)))?;
    if certificates.is_empty() {
        return Err(unusable("it has no PEM certificate"));
    }
    Ok(certificates)
}

/// What is wrong with a PEM file. The library repeats bytes of the file, which may be those of a key.
fn pem_trouble(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "it ends before its END line".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is not well formed".to_owned(),
        pem::Error::Base64Decode(_) => "the text between BEGIN and END is not base64".to_owned(),
        pem::Error::NoItemsFound => "it has nothing of this kind in PEM form (-----BEGIN ...)".to_owned(),
        pem::Error::Io(error) => error.to_string(),
        _ => "it is not a PEM file".to_owned(),
    }
}

/// Looks at less than the whole certificate. `require`: any will do, but the server must have its key. `verify-ca`: an authority
/// that is trusted vouches for it, whatever its name.
#[derive(Debug)]
struct Lenient {
    provider: Arc<CryptoProvider>,
    /// None for `require`.
    authority: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for Lenient {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(authority) = &self.authority else { return Ok(ServerCertVerified::assertion()) };
        // The chain and the dates are looked at before the name.
        match authority.verify_server_cert(certificate, between, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a login is tied to by channel binding (`tls-server-end-point`, RFC 5929): the server's certificate, hashed as its own
/// signature is. Nothing for the signatures for which no hash is laid down.
pub(super) fn end_point(certificate: &CertificateDer<'_>) -> Option<Vec<u8>> {
    // The beginnings of the names of signatures and hashes.
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
    const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04];
    const SHA2: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
    // Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm SEQUENCE { OBJECT IDENTIFIER, parameters }, signature }
    let (whole, _) = element(certificate)?;
    let (_, after) = element(whole)?;
    let (algorithm, _) = element(after)?;
    let (name, parameters) = element(algorithm)?;
    let hash = match (name.strip_prefix(RSA), name.strip_prefix(ECDSA)) {
        // MD5 and SHA-1 are too weak: SHA-256 stands in for them.
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => 1,
        (Some([12]), _) | (_, Some([3, 3])) => 2,
        (Some([13]), _) | (_, Some([3, 4])) => 3,
        // RSA-PSS names its hash in the parameters.
        (Some([10]), _) => *parameters.get(parameters.windows(SHA2.len()).position(|bytes| bytes == SHA2)? + SHA2.len())?,
        _ => return None,
    };
    match hash {
        1 => Some(Sha256::digest(certificate).to_vec()),
        2 => Some(Sha384::digest(certificate).to_vec()),
        3 => Some(Sha512::digest(certificate).to_vec()),
        _ => None,
    }
}

/// The content of the first element of DER, and what follows the element.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[_, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of which nothing is there but the name of its signature.
    fn signed(algorithm: &[u8]) -> CertificateDer<'static> {
        let element = |tag: u8, content: &[u8]| {
            let length = u8::try_from(content.len()).unwrap();
            [&[tag, 0x81, length], content].concat()
        };
        let parts = [element(0x30, &[0; 40]), element(0x30, algorithm), element(0x03, &[0, 1])].concat();
        CertificateDer::from(element(0x30, &parts))
    }

    #[test]
    fn a_login_is_bound_to_the_hash_of_the_certificate_s_signature() {
        let rsa = |last: u8| [&[0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, last], &[5, 0][..]].concat();
        let ecdsa = |last: u8| [0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, last].to_vec();
        let pss = [&rsa(10)[..11], &[0x30, 0x0b, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02]].concat();
        let ed25519 = vec![0x06, 3, 0x2b, 0x65, 0x70];
        for (algorithm, bytes) in [
            (rsa(5), Some(32)),
            (rsa(11), Some(32)),
            (rsa(12), Some(48)),
            (rsa(13), Some(64)),
            (ecdsa(2), Some(32)),
            (ecdsa(3), Some(48)),
            (ecdsa(4), Some(64)),
            (pss, Some(48)),
            (ed25519, None),
        ] {
            let certificate = signed(&algorithm);
            assert_eq!(end_point(&certificate).map(|hash| hash.len()), bytes, "{algorithm:x?}");
        }
        assert_eq!(end_point(&signed(&ecdsa(2))), Some(Sha256::digest(signed(&ecdsa(2))).to_vec()));
        for cut in 0..signed(&ecdsa(2)).len() - 5 {
            assert_eq!(end_point(&CertificateDer::from(signed(&ecdsa(2))[..cut].to_vec())), None);
        }
    }
}
